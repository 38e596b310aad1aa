// What the scripts of this folder share: lines for the table that `cargo xtask bench` prints at its end, and the middle of a list.

/** `met` is left out where nothing is promised. */
export const result = (what, measured, reach = '', met = true) => console.log(['#result', what, measured, reach, reach && (met ? 'met' : 'not met')].join('\t'));
export const quantile = (of, q) => [...of].sort((a, b) => a - b)[Math.min(of.length - 1, Math.floor(of.length * q))] ?? 0;
export const median = of => quantile(of, 0.5);
/** "median (lowest to highest)" */
export const spread = (of, digits = 0) => `${median(of).toFixed(digits)} (${Math.min(...of).toFixed(digits)} to ${Math.max(...of).toFixed(digits)})`;

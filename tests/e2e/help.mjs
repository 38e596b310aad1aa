// What the specs share: asking the element and reading its picture.
import assert from 'node:assert/strict';

export { assert };
/** The stage's SVG as text, once it rests. Which mark Tab reaches is the reader's, not the picture's. */
export const picture = async page => {
  let before = '';
  for (let i = 0; i < 60; i++) {
    await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
    const now = await page.evaluate(() => document.querySelector('highwater-player').shadowRoot.querySelector('.hw-stage svg')?.outerHTML.replace(/ tabindex="-?\d"/g, '') ?? '');
    if (now && now === before) return now;
    before = now;
    await page.waitForTimeout(150);
  }
  throw new Error('the stage never rests');
};

/** Two long texts are equal; else only where they part is shown. */
export const same = (found, wanted, what) => {
  if (found === wanted) return;
  let i = 0;
  while (found[i] === wanted[i]) i++;
  assert.fail(`${what}: found …${found.slice(Math.max(0, i - 80), i + 120)}…\n      wanted …${wanted.slice(Math.max(0, i - 80), i + 120)}…`);
};

/** Waits until a condition on the element's summary holds. */
export const until = async (page, condition, what, timeout = 20_000) => {
  const end = Date.now() + timeout;
  for (;;) {
    const state = await page.evaluate(() => document.querySelector('highwater-player').state());
    if (condition(state)) return state;
    if (Date.now() > end) throw new Error(`waited for ${what}; last state ${JSON.stringify(state)}`);
    await page.waitForTimeout(100);
  }
};

/** Errors of the page that are ours. */
export const none = errors => assert.deepEqual(errors.filter(e => !/favicon/.test(e)), [], 'no console error');

// A figure in an iframe: its address (query, then hash) gives the parameters, its parent may command it by messages.
import { HighwaterPlayer } from './embed.js';

const player = document.createElement('highwater-player');
// Only names of ours become attributes: an address is anybody's text, and `onclick` is an attribute too.
const apply = () => {
  const given = new Map([['keys', 'page'], ...new URLSearchParams(location.search), ...new URLSearchParams(location.hash.slice(1))]);
  for (const name of HighwaterPlayer.observedAttributes) {
    const value = given.get(name);
    if (value == null) player.removeAttribute(name); else if (player.getAttribute(name) !== value) player.setAttribute(name, value);
  }
};
apply();
document.body.replaceChildren(player);
addEventListener('hashchange', apply);

const parent = window.parent === window ? null : window.parent;
const send = message => parent?.postMessage({ highwater: 1, ...message }, '*');

// What a host may ask for; what changes the run only where `allow` lets it.
const READS = ['ready', 'load', 'play', 'pause', 'step', 'seek', 'state', 'explain', 'enabled', 'invariants', 'getState', 'exportRun', 'snapshot', 'shareURL', 'suspend', 'resume'];
const CHANGES = { act: 'faults', setState: 'faults' };
const allowed = part => (player.getAttribute('allow') ?? 'inspect faults config branch share').split(/[\s,]+/).includes(part);

addEventListener('message', async e => {
  if (e.source !== parent) return;
  const data = e.data;
  if (data === 'slide:start') return void player.play().catch(() => {});
  if (data === 'slide:stop') return void player.pause().catch(() => {});
  let command = data;
  if (typeof data === 'string') { try { command = JSON.parse(data); } catch { return; } }
  if (command?.event === 'command') return void (command.func === 'playVideo' ? player.play() : command.func === 'pauseVideo' ? player.pause() : undefined)?.catch(() => {});
  if (command?.highwater !== 1 || typeof command.cmd !== 'string') return;
  const { id, cmd, args = [] } = command;
  const reply = answer => e.source.postMessage({ highwater: 1, id, ...answer }, e.origin === 'null' ? '*' : e.origin);
  if (!READS.includes(cmd) && !(cmd in CHANGES)) return reply({ error: `no command "${cmd}"; there are: ${[...READS, ...Object.keys(CHANGES)].join(', ')}` });
  if (CHANGES[cmd] && !allowed(CHANGES[cmd])) return reply({ error: `"${cmd}" needs allow=${CHANGES[cmd]}` });
  try { const value = await player[cmd](...args); reply({ value: value === player ? true : value }); } catch (error) { reply({ error: String(error?.message ?? error) }); }
});
for (const name of ['ready', 'error', 'play', 'pause', 'time', 'step', 'marker', 'question', 'answer', 'event', 'invariant']) player.addEventListener('highwater-' + name, e => send({ event: name, detail: e.detail }));

// Keys that the figure does not use belong to the host: a clicker must never die in a figure.
addEventListener('keydown', e => { if (!e.defaultPrevented && !/^(INPUT|SELECT|TEXTAREA)$/.test(e.composedPath()[0]?.tagName)) send({ event: 'key', detail: { key: e.key, code: e.code, shiftKey: e.shiftKey, altKey: e.altKey } }); });

new ResizeObserver(() => {
  const height = Math.ceil(player.getBoundingClientRect().height);
  send({ event: 'resize', detail: { height } });
  parent?.postMessage(JSON.stringify({ src: location.href, context: 'iframe.resize', height }), '*');
}).observe(player);

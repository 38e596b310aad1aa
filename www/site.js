// The site is one embed that fills the window; its address holds what is shown.
import { HighwaterPlayer } from './embed.js';

const player = document.getElementById('site');
const defaults = Object.fromEntries([...player.attributes].map(a => [a.name, a.value]));
const VISITED = 'highwater-visited';
const pairs = () => new Map([...new URLSearchParams(location.search), ...new URLSearchParams(location.hash.slice(1))]);
let own = location.hash;

const apply = () => {
  const given = pairs();
  // Only names of ours become attributes: an address is anybody's text, and `onclick` is an attribute too.
  for (const name of HighwaterPlayer.observedAttributes) {
    const value = given.get(name) ?? defaults[name];
    if (value == null) player.removeAttribute(name); else if (player.getAttribute(name) !== value) player.setAttribute(name, value);
  }
};
const write = change => {
  const hash = new URLSearchParams(location.hash.slice(1));
  for (const [name, value] of Object.entries(change)) if (value == null) hash.delete(name); else hash.set(name, value);
  own = '#' + decodeURIComponent(hash.toString());
  history.replaceState(null, '', own);
};

try { player.firstVisit = !localStorage.getItem(VISITED); localStorage.setItem(VISITED, '1'); } catch { player.firstVisit = false; }
player.pageUrl = location.origin + location.pathname;
const blank = document.querySelector('.hw-fallback');
addEventListener('hashchange', () => { if (location.hash !== own) apply(); own = location.hash; });
player.addEventListener('highwater-open', e => {
  e.preventDefault();
  location.hash = new URLSearchParams({ src: e.detail.src }).toString();
});
player.addEventListener('highwater-step', e => write({ at: `step:${e.detail.step}`, run: null }));
player.addEventListener('highwater-theme', e => {
  defaults.theme = e.detail.theme;
  if (e.detail.theme === 'auto') delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = e.detail.theme;
});
player.addEventListener('highwater-ready', e => { document.title = e.detail.title ? `${e.detail.title}: Highwater` : document.title; blank?.remove(); });
apply();

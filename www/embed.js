// <highwater-player>: the shell of every figure. Knows no Kafka: it shows the poster, waits for a reader's
// intent, loads one shared wasm module per page and hands everything else to it.
const HERE = new URL('./', import.meta.url).href;
const VERSION = '0.1';

// One vocabulary for attributes, the query and the hash (docs/embedding.md). First value = default.
export const PARAMETERS = {
  src: '', seed: /^\d{1,15}$/, set: '', at: '', run: '',
  loading: ['lazy', 'eager', 'manual'], autoplay: ['off', 'visible', 'on'], speed: /^\d*\.?\d+$/,
  view: ['', 'cluster', 'log', 'replicas', 'group', 'spacetime'],
  controls: ['auto', 'none', 'step', 'full'], allow: ['inspect', 'faults', 'config', 'branch', 'share'],
  profile: ['default', 'projector'], theme: ['auto', 'light', 'dark'], motion: ['auto', 'full', 'reduced'],
  aspect: /^(?![0.]+\/|.*\/[0.]+$)\d+(\.\d+)?\/\d+(\.\d+)?$/, keys: ['focus', 'page', 'none'], label: '', base: '',
};
const LISTS = ['allow'];
const LATER = ['end', 'loop', 'pause-on', 'panels', 'group', 'lang'];
const RELOADS = ['src', 'seed', 'set', 'run', 'base'];
const EXAMPLES = { seed: 'a whole number of at most 15 digits, such as 7', speed: 'a number from 0.0625 to 16', aspect: 'two numbers such as 16/9' };

const fast = n => n >= 1 / 16 && n <= 16;

/** Reads the parameters of an element or URL: `[values, warnings]`. */
export const readParameters = get => {
  const values = {}, warnings = [];
  for (const [name, rule] of Object.entries(PARAMETERS)) {
    const given = get(name);
    if (given == null || given === '') { values[name] = Array.isArray(rule) && !LISTS.includes(name) ? rule[0] : LISTS.includes(name) ? rule.join(' ') : ''; continue; }
    const words = LISTS.includes(name) ? given.split(/[\s,]+/).filter(Boolean) : [given];
    const bad = Array.isArray(rule) ? words.find(w => w !== 'none' && !rule.includes(w) || w === 'none' && !LISTS.includes(name) && !rule.includes(w)) : rule && !(rule.test(given) && (name !== 'speed' || fast(+given))) ? given : undefined;
    if (bad === undefined) values[name] = words.join(' ');
    else {
      values[name] = Array.isArray(rule) ? (LISTS.includes(name) ? rule.join(' ') : rule[0]) : '';
      const allowed = Array.isArray(rule) ? rule.filter(Boolean).join(', ') : EXAMPLES[name];
      warnings.push(`${name}="${bad}" is not known; allowed: ${allowed}. The default is used.`);
    }
  }
  for (const name of LATER) if (get(name) != null) warnings.push(`${name} is not supported by version ${VERSION} yet and is ignored.`);
  return [values, warnings];
};

const DARK = matchMedia('(prefers-color-scheme: dark)');

// One module per base and attempt: after a crash a new attempt gets a fresh instance.
const modules = {};
const loadModule = (base, attempt) => modules[base + attempt] ??= (async () => {
  const fresh = name => { const url = new URL(name, base); if (attempt) url.searchParams.set('attempt', attempt); return url.href; };
  const { default: assets } = await import(fresh('assets.js'));
  const module = await import(fresh(assets.js));
  await module.default({ module_or_path: new URL(assets.wasm, base) });
  return module;
})().catch(e => { throw new Error(`The engine could not be loaded from ${base}: the whole folder must be there, .wasm served as application/wasm, and a content security policy must allow 'wasm-unsafe-eval'. The browser says: ${e.message}`); });

// One observer for all figures of the page.
let observer;
const observe = element => (observer ??= new IntersectionObserver(entries => {
  for (const e of entries) e.target.onScreen(e.isIntersecting);
}, { threshold: [0, 0.25] })).observe(element);

const make = (tag, className, text) => { const e = document.createElement(tag); if (className) e.className = className; if (text) e.textContent = text; return e; };
const typing = e => { const t = e.composedPath()[0]; return t?.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(t?.tagName) && !/^(radio|checkbox|button)$/.test(t.type); };

export class HighwaterPlayer extends HTMLElement {
  static observedAttributes = [...Object.keys(PARAMETERS), ...LATER];
  #root; #frame; #mount; #poster; #notes; #player; #loading; #state = 'idle'; #visible = false; #values = {}; #paused = true; #attempt = 0; #turn = 0; #resolve; #reject; #promise; #dead = false; #at; #asked = false; #connected; #said = new Set();
  #onKey = e => this.#key(e);
  #onHidden = () => this.#suspend();
  #onDark = () => this.#paint();

  /** 'idle', 'loading', 'ready' or 'error'. */
  get readyState() { return this.#state; }
  get paused() { return this.#paused; }
  get currentTime() { return this.#player?.time() ?? 0; }
  get speed() { return this.#player?.speed() ?? (+this.#values.speed || 1); }
  set speed(n) { if (!fast(+n)) throw new RangeError(`speed ${n}: allowed is 1/16 to 16`); this.#then(p => p.setSpeed(+n)).catch(() => {}); }

  connectedCallback() {
    if (this.#dead) return;
    if (!this.#root) this.#build();
    this.#read();
    observe(this);
    document.addEventListener('visibilitychange', this.#onHidden);
    addEventListener('keydown', this.#onKey, true); DARK.addEventListener('change', this.#onDark);
    this.#connected?.(); this.#connected = undefined;
    if (this.#values.loading === 'eager' || this.#values.autoplay === 'on') this.load();
    this.#suspend();
  }
  disconnectedCallback() {
    observer?.unobserve(this);
    document.removeEventListener('visibilitychange', this.#onHidden);
    removeEventListener('keydown', this.#onKey, true); DARK.removeEventListener('change', this.#onDark);
    this.#visible = false; this.#suspend();
    // Moved elements come back within the task; removed ones give their memory back.
    setTimeout(() => this.isConnected || this.#drop(), 0);
  }
  attributeChangedCallback(name, before, after) {
    if (!this.#root || before === after || !this.isConnected || this.#dead) return;
    const had = this.#state;
    this.#read();
    if (RELOADS.includes(name)) { if (!this.#asked) { this.#asked = true; queueMicrotask(() => { this.#asked = false; this.#drop(); if (had !== 'idle') this.load(); }); } }
    else if (this.#player) name !== 'at' ? this.#player.option(name, this.#values[name] ?? '') : after && this.seek(after).catch(e => this.#warn([...this.#lines(), `at: ${e.message}`]));
  }

  #build() {
    this.#root = this.attachShadow({ mode: 'open', delegatesFocus: false });
    this.#frame = make('div', 'hw-frame'); this.#mount = make('div', 'hw-mount'); this.#notes = make('div', 'hw-notes'); this.#poster = make('div', 'hw-poster');
    this.#notes.setAttribute('role', 'status');
    this.#frame.append(this.#poster, this.#mount, this.#notes);
    this.#root.append(this.#frame);
    const intent = () => { if (this.#values.loading === 'lazy') this.load(); };
    for (const type of ['pointerenter', 'focusin', 'touchstart']) this.addEventListener(type, intent, { passive: true });
    new ResizeObserver(([{ contentRect: { width, height } }]) => { this.#player?.resize(); this.#emit('resize', { width, height }); }).observe(this.#mount);
  }
  #read() {
    const [values, warnings] = readParameters(name => this.getAttribute(name));
    const before = this.#values.base;
    this.#values = values;
    try { values.base = new URL(values.base.replace(/\/?$/, '/').replace(/^\/$/, HERE), document.baseURI).href; }
    catch { warnings.push(`base="${values.base}" is not an address; allowed: the folder of embed.js. The default is used.`); values.base = HERE; }
    if (before !== values.base) {
      for (const link of this.#root.querySelectorAll('link')) link.remove();
      for (const css of ['theme.css', 'page.css']) { const l = make('link'); l.rel = 'stylesheet'; l.crossOrigin = 'anonymous'; l.href = new URL(css, values.base); this.#root.prepend(l); }
    }
    this.#frame.dataset.profile = values.profile; this.#paint();
    if (values.aspect) this.style.setProperty('--hw-aspect', values.aspect.replace('/', ' / ')); else this.style.removeProperty('--hw-aspect');
    this.setAttribute('role', 'region');
    this.setAttribute('aria-label', values.label || this.getAttribute('data-title') || 'Highwater figure');
    this.#warn(warnings);
    if (!this.#player) this.#showPoster();
  }
  // A theme is always said in full, on the host too, so that styles need to ask nobody else.
  #paint() { const { theme } = this.#values; this.dataset.theme = this.#frame.dataset.theme = theme === 'auto' ? (DARK.matches ? 'dark' : 'light') : theme; }
  #warn(lines) {
    this.#notes.replaceChildren(...lines.map(l => {
      const p = make('p', '', l), b = make('button', '', '×'); b.setAttribute('aria-label', 'dismiss'); b.onclick = () => p.remove(); p.append(b); return p;
    }));
    for (const l of lines) if (!this.#said.has(l)) { this.#said.add(l); console.warn(`highwater-player: ${l}`); }
  }
  #lines() { return [...this.#notes.querySelectorAll('p')].map(p => p.firstChild.data); }
  #id() { const s = this.#values.src || 'replication'; return /^[\w-]+$/.test(s) ? s : ''; }
  #showPoster() {
    // As page.css: where the box is tall, the tall poster with words as large; the browser loads one of the two. Its colours follow the frame's color-scheme.
    const picture = make('picture'), tall = make('source'), img = make('img');
    tall.media = '(max-width: 560px)'; img.alt = this.#values.label || ''; img.decoding = 'async';
    img.onerror = () => tall.isConnected ? tall.remove() : picture.remove();
    picture.append(tall, img);
    const play = make('button', 'hw-start'); play.setAttribute('aria-label', 'Play');
    const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg'); icon.setAttribute('viewBox', '0 0 24 24');
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path'); path.setAttribute('d', 'M7 4v16l13-8z'); icon.append(path); play.append(icon);
    play.onclick = () => this.play().catch(() => {});
    this.#poster.replaceChildren(...this.#dead ? [] : [play]);
    const poster = shape => new URL(`posters/${this.#id()}${shape}.svg`, this.#values.base).href;
    if (this.#id()) { this.#poster.prepend(picture); tall.srcset = poster('-phone'); img.src = poster(''); }
    this.#poster.hidden = false;
  }

  /** Fetches the module and the lesson; resolves when the figure can be played. */
  load() {
    if (this.#dead) return Promise.reject(new Error('disposed'));
    if (!this.#loading) { const turn = this.#turn; this.#loading = this.#load().catch(e => { if (turn === this.#turn && !this.#dead) this.#fail(e); throw e; }); }
    this.#loading.catch(() => {});
    return this.#loading;
  }
  /** Resolves with the element when it is ready; does not start loading. */
  ready() {
    if (this.#state === 'ready') return Promise.resolve(this);
    if (this.#dead) return Promise.reject(new Error('disposed'));
    this.#promise ??= new Promise((resolve, reject) => { this.#resolve = resolve; this.#reject = reject; });
    this.#promise.catch(() => {});
    return this.#promise;
  }
  async #load() {
    // Outside of a page no style sheet loads and nothing can be measured.
    if (!this.isConnected) await new Promise(done => this.#connected = done);
    const { base, src } = this.#values, turn = this.#turn;
    if (typeof WebAssembly !== 'object') throw new Error('This browser does not run WebAssembly, which the figure needs.');
    if (location.protocol === 'file:') throw new Error('The figure was opened from a file. Browsers load WebAssembly only from a web server: use any static one.');
    this.#state = 'loading'; this.#poster.classList.add('loading');
    const id = this.#id(), url = id ? new URL(`content/${id}.hwp`, base) : new URL(src, document.baseURI);
    const get = async (what, as) => {
      const r = await fetch(what).catch(e => { throw new Error(`${what} could not be fetched (${e.message}): no connection, or the content security policy of the page or the other site does not allow it.`); });
      if (!r.ok) throw new Error(`${what} was not found (${r.status}). src names a built-in lesson or the address of a packed one.`);
      return r[as]();
    };
    const listed = get(new URL('content/index.json', base), 'json').catch(() => ({}));
    const known = async error => { const ids = (await listed).content?.map(l => l.id); throw id && ids && !ids.includes(id) ? new Error(`src="${id}" is not known; allowed: ${ids.join(', ')}, or the address of a file that "highwater pack" wrote`) : error; };
    const [module, bytes, list] = await Promise.all([loadModule(base, this.#attempt), get(url, 'arrayBuffer').catch(known), listed]);
    if (turn !== this.#turn || this.#dead) return this.load();
    await Promise.all([...this.#root.querySelectorAll('link')].map(l => l.sheet || new Promise(done => { l.onload = l.onerror = done; })));
    if (turn !== this.#turn || this.#dead) return this.load();
    const v = this.#values;
    const options = { ...v, id, lessons: list.content ?? [], pageUrl: this.pageUrl || v.base, firstVisit: !!this.firstVisit, reduced: v.motion === 'reduced' || v.motion === 'auto' && matchMedia('(prefers-reduced-motion: reduce)').matches };
    for (const name of ['speed', 'seed']) options[name] = v[name] === '' ? undefined : +v[name];
    this.#mount.replaceChildren();
    let player;
    try { player = new module.Player(this.#mount, new Uint8Array(bytes), options, (name, detail) => setTimeout(() => this.#emit(name, detail), 0), report => this.#panicked(report)); }
    catch (e) { throw new Error(`${url}: ${e.message}`); }
    this.#player = player; this.#state = 'ready'; this.#poster.hidden = true;
    this.#warn(this.#lines().concat(player.warnings()));
    this.#suspend();
    if (options.reduced) { if (v.autoplay !== 'off') player.pause(); } else if (v.autoplay === 'on' || v.autoplay === 'visible' && this.#visible) player.play();
    this.#emit('ready', { src: v.src || id, title: player.title() });
    this.#resolve?.(this);
    return this;
  }
  #emit(name, detail) {
    if (this.#dead) return;
    if (name === 'time') this.#at = detail;
    if (name === 'play') this.#paused = false;
    if (name === 'pause') this.#paused = true;
    if (name === 'theme') this.setAttribute('theme', detail.theme);
    if (name === 'open') { this.dispatchEvent(new CustomEvent('highwater-open', { detail, bubbles: true, composed: true, cancelable: true })) && this.setAttribute('src', detail.src); return; }
    this.dispatchEvent(new CustomEvent('highwater-' + name, { detail, bubbles: true, composed: true }));
  }
  #fail(error) { this.#state = 'error'; this.#panel(error.message || String(error)); this.#emit('error', { message: String(error.message || error) }); this.#reject?.(error); }
  #panicked(report) { if (this.#state === 'error') return; report += `\n${JSON.stringify({ ...this.#values, event: this.#at?.event, browser: navigator.userAgent })}`; this.#player = undefined; this.#fail(new Error('The engine stopped: this is a fault of Highwater, not of your settings.')); this.#panel('The engine stopped at a fault of its own, not of your settings. The report says where, so that it can be run again.', report); }
  #panel(message, report) {
    const panel = make('div', 'hw-error'); panel.setAttribute('role', 'alert');
    panel.append(make('p', '', message));
    if (report) { const pre = make('pre', '', report); pre.tabIndex = 0; panel.append(pre); const copy = make('button', '', 'Copy report'); copy.onclick = () => navigator.clipboard?.writeText(report); panel.append(copy); }
    const again = make('button', '', 'Load again'); again.onclick = () => { this.#drop(true); this.load(); };
    panel.append(again); this.#mount.replaceChildren(panel);
    // What was shown as a still picture stays one: only the promise to play goes.
    const still = !report && !!this.#poster.querySelector('picture');
    this.#poster.hidden = !still; panel.classList.toggle('below', still); this.#poster.querySelector('.hw-start')?.remove();
  }
  #drop(fresh) {
    const p = this.#player;
    if (this.#state === 'ready' || this.#state === 'error') this.#promise = undefined;
    this.#player = undefined; this.#loading = undefined; this.#connected = undefined; this.#state = 'idle'; this.#paused = true;
    this.#turn++;
    if (fresh) this.#attempt++;
    try { p?.dispose(); } catch { /* a dead instance has nothing to give back */ }
    this.#mount.replaceChildren(); this.#poster.classList.remove('loading'); this.#showPoster();
  }
  /** Called by the page's one observer. */
  onScreen(visible) {
    this.#visible = visible; this.#suspend();
    if (visible && this.#values.autoplay === 'visible' && this.#state === 'idle' && this.#values.loading !== 'manual') this.load();
    else if (visible && this.#values.autoplay === 'visible' && this.#player && !this.#player.started()) this.#player.play();
  }
  #suspend() { if (this.#player) !this.#visible || document.hidden ? this.#player.suspend() : this.#player.resume(); }
  #key(e) {
    const { keys } = this.#values;
    // A slide that is not shown is still laid out where it will be: in view for an observer, hidden for a reader.
    if (!this.#player || !this.#visible || this.closest('[hidden],[aria-hidden="true"]') || keys === 'none' || e.defaultPrevented || e.ctrlKey || e.metaKey || typing(e)) return;
    const inside = e.composedPath().includes(this);
    if (keys !== 'page' && !inside) return;
    const on = e.composedPath()[0], pressable = inside && /^(BUTTON|A|SUMMARY|INPUT)$/.test(on?.tagName) && /^( |Enter)$/.test(e.key);
    if (pressable || inside && on?.type === 'radio' && /^Arrow/.test(e.key)) return;
    if (inside && on?.getAttribute?.('role') === 'slider' && /^(Arrow|Page|Home|End)/.test(e.key)) return;
    if (this.#player.key(e.key, e.shiftKey, e.altKey)) { e.preventDefault(); e.stopPropagation(); }
  }

  #then(act) { return this.load().then(() => this.#player && act(this.#player)); }
  // The module takes texts; anything else would reach it as bytes of something.
  #told(call, text, such, act) { return typeof text === 'string' ? this.#then(act) : Promise.reject(new Error(`${call}(${text}) is not known; allowed: a text such as "${such}"`)); }
  play() { return this.#then(p => p.play()); }
  pause() { return this.#player || this.#state === 'loading' ? this.#then(p => p.pause()) : Promise.resolve(); }
  /** unit: 'moment' (one visible change), 'event' (one event of the world), 'step' (of the lesson), 'marker'. */
  step(n = 1, unit = 'moment') { return Number.isSafeInteger(n) && Math.abs(n) < 2 ** 31 ? this.#then(p => p.step(n, String(unit))) : Promise.reject(new Error(`step(${n}) is not known; allowed: a whole number, such as 1 or -1`)); }
  seek(to) { return this.#then(p => p.seek(typeof to === 'number' ? `${to}s` : String(to))); }
  /** One value of the world by path, e.g. 'orders-0.hw'; the whole summary without a path. */
  state(path) { return this.#told('state', path ?? '', 'orders-0.hw', p => p.state(path ?? '')); }
  explain(what) { return this.#told('explain', what, 'hw orders-0', p => p.explain(what)); }
  act(action) { return this.#told('act', action, 'crash broker 1', p => p.act(action)); }
  /** A picture that stands alone: with its styles inside. */
  snapshot(kind = 'svg') { return kind === 'svg' ? this.#then(p => this.#alone(p.snapshot())) : Promise.reject(new Error(`snapshot("${kind}") is not known; allowed: svg`)); }
  #alone(svg) {
    let css = '';
    try { css = [...this.#root.querySelector('link[href$="theme.css"]').sheet.cssRules].map(r => r.cssText).join('\n'); } catch { /* of another origin that does not let it be read */ }
    const { theme, profile } = this.#frame.dataset;
    return svg.replace('<svg ', `<svg xmlns="http://www.w3.org/2000/svg" data-theme="${theme}" data-profile="${profile}" `)
      .replace('</title>', () => `</title>\n<style>${css.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</style>`);
  }
  /** What act() would take now: `[{ action, label }]`; of everything, or of one thing such as 'broker 1'. */
  enabled(what) { return this.#told('enabled', what ?? '', 'broker 1', p => p.enabled(what ?? '')); }
  /** The promises that are watched: `[{ name, text, holds, broken }]`. */
  invariants() { return this.#then(p => p.invariants()); }
  getState() { return this.#then(p => p.getState()); }
  setState(state) { return this.#then(p => p.setState(state)); }
  /** The run as data: share token, inputs, hash of the trace. */
  exportRun() { return this.#then(p => p.exportRun()); }
  shareURL() { return this.#then(p => p.shareURL()); }
  suspend() { this.#player?.suspend(); }
  resume() { this.#suspend(); }
  /** Gives everything back for good; the still picture stays. */
  dispose() { if (this.#dead) return; this.#dead = true; const waits = this.#reject; if (this.#root) this.#drop(); waits?.(new Error('disposed')); }
}
customElements.get('highwater-player') || customElements.define('highwater-player', HighwaterPlayer);

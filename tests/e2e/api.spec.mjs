// What a host page may ask of a figure, and what it is told.
import { assert, none, picture, same, until } from './help.mjs';

const one = (src, more = '') => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>api</title><script type="module" src="embed.js"></script></head><body><h1>One</h1>
<highwater-player id="p" src="${src}" loading="eager" label="figure" ${more}></highwater-player></body></html>`;
/** Runs `body(player, argument)` in the page. */
const call = (page, body, argument) => page.evaluate(`(${body})(document.querySelector('#p'), ${JSON.stringify(argument) ?? 'undefined'})`);
const refused = (page, body) => call(page, `async p => { try { await (${body})(p); return 'done'; } catch (e) { return e.message; } }`);

export default {
  'events and markers are told on the way forward, not by a jump': async ({ open, pages }) => {
    pages['told.html'] = one('steady');
    const { page, errors } = await open('told.html');
    await call(page, 'p => { window.told = []; for (const name of ["event", "marker", "invariant", "resize"]) p.addEventListener("highwater-" + name, e => window.told.push({ name, ...e.detail })); }');
    const told = name => page.evaluate(n => window.told.filter(t => t.name === n || t.name !== 'event' && n === 'marker'), name);
    await call(page, 'p => p.seek("2s")');
    await page.waitForTimeout(500);
    assert.deepEqual((await told('event')).length, 0, 'a jump tells nothing');
    const before = await call(page, 'p => p.state()');
    await call(page, 'p => p.step(20, "event")');
    await page.waitForFunction(() => window.told.some(t => t.name === 'event'));
    await page.waitForTimeout(300);
    const events = await told('event');
    assert.equal(events.at(-1).event, before.event + 20);
    assert.ok(events.every((e, i) => e.event > before.event && (!i || e.event > events[i - 1].event)), 'in order');
    assert.ok(events.every(e => typeof e.node === 'string' && e.time >= before.time && e.skipped === 0));
    assert.ok(events.some(e => /append|high watermark/i.test(e.text)), events.map(e => e.text).join(' | '));
    await call(page, 'p => p.act("crash broker 3")');
    await page.waitForFunction(() => window.told.some(t => t.name === 'crash'));
    const crash = await page.evaluate(() => window.told.find(t => t.name === 'crash'));
    assert.ok(crash && crash.event === before.event + 20 && /broker 3/.test(crash.text), JSON.stringify(crash));
    await call(page, 'p => p.step(500, "event")');
    await page.waitForTimeout(500);
    const many = (await told('event')).filter(e => e.event > before.event + 20);
    assert.ok(many.length <= 64 && many[0].skipped >= 400, `${many.length}, ${many[0]?.skipped}`);
    await page.setViewportSize({ width: 900, height: 700 });
    await page.waitForFunction(() => window.told.some(t => t.width > 0 && t.height > 0));
    none(errors);
  },

  'what is enabled can be done; the promises are listed': async ({ open, pages }) => {
    pages['enabled.html'] = one('steady');
    pages['closed.html'] = one('steady', 'allow="inspect"');
    const { page, errors } = await open('enabled.html');
    await call(page, 'p => p.seek("3s")');
    const all = await call(page, 'p => p.enabled()');
    const broker = await call(page, 'p => p.enabled("broker 2")');
    assert.ok(all.length > broker.length && broker.length > 2);
    assert.ok(broker.some(a => a.action === 'crash broker 2' && a.label));
    await call(page, '(p, action) => p.act(action)', broker.find(a => a.action.startsWith('crash')).action);
    const after = await call(page, 'p => p.enabled("broker 2")');
    assert.ok(after.some(a => a.action.startsWith('restart')) && !after.some(a => a.action.startsWith('crash')), JSON.stringify(after));
    assert.match(await refused(page, 'p => p.enabled("cheese")'), /enabled: there is no "cheese".*broker 1.*orders-0/);
    const promises = await call(page, 'p => p.invariants()');
    assert.ok(promises.length >= 10 && promises.every(p => p.holds && p.text && !p.broken.length), JSON.stringify(promises));
    none(errors);
    const closed = await open('closed.html');
    assert.deepEqual(await call(closed.page, 'p => p.enabled()'), []);
  },

  'a state is kept and come back to, in another figure too': async ({ open, pages }) => {
    pages['state.html'] = one('steady');
    pages['settings.html'] = one('steady', 'set="min.insync.replicas=3"');
    const { page, errors } = await open('settings.html');
    await call(page, 'async p => { await p.seek("4s"); await p.act("pause broker 3"); await p.seek("6s"); p.setAttribute("view", "replicas"); p.speed = 2; }');
    await page.waitForTimeout(300);
    const [state, run] = [await call(page, 'p => p.getState()'), await call(page, 'p => p.exportRun()')];
    assert.equal(state.set, 'min.insync.replicas=3');
    assert.deepEqual([state.highwater, state.src, state.view, state.speed, state.playing], [1, 'steady', 'replicas', 2, false]);
    assert.match(run.traceHash, /^[0-9a-f]{16}$/);
    assert.deepEqual(run.inputs.map(i => i.action), ['pause broker 3']);
    const seen = await picture(page);
    await call(page, 'p => p.seek("1s")');
    await call(page, '(p, s) => p.setState(s)', JSON.parse(JSON.stringify(state)));
    same(await picture(page), seen, 'the picture');
    const other = await open('state.html');
    await call(other.page, '(p, s) => p.setState(s)', state);
    assert.deepEqual(await call(other.page, 'p => p.exportRun()'), run);
    await until(other.page, s => Math.abs(s.time - 6) < 0.1, 'the moment');
    const link = await call(other.page, 'p => p.shareURL()');
    assert.match(link, /set=min\.insync\.replicas%3D3/, 'a link to changed settings names them');
    none(errors.concat(other.errors));
  },

  'a wrong argument is said and changes nothing': async ({ open, pages }) => {
    pages['wrong-call.html'] = one('steady');
    const { page } = await open('wrong-call.html');
    await call(page, 'p => p.seek("3s")');
    const [before, state] = [await call(page, 'p => p.exportRun()'), await call(page, 'p => p.getState()')];
    for (const [body, says] of [
      ['p => p.setState()', /setState: what getState\(\) gave is expected/],
      ['p => p.setState({ highwater: 1, src: "steady" })', /setState: .*run/],
      [`p => p.setState(${JSON.stringify({ ...state, highwater: 2 })})`, /form 2.*form 1/],
      [`p => p.setState(${JSON.stringify({ ...state, src: 'acks' })})`, /"acks".*"steady"/],
      [`p => p.setState(${JSON.stringify({ ...state, run: 'cheese' })})`, /token/],
      [`p => p.setState(${JSON.stringify({ ...state, view: 'map' })})`, /"map".*cluster, log/],
      [`p => p.setState(${JSON.stringify({ ...state, speed: -1 })})`, /1\/16 to 16/],
      [`p => p.setState(${JSON.stringify({ ...state, set: 'min.insync.replicas=many' })})`, /min\.insync\.replicas/],
      ['p => p.step(1.5)', /step\(1\.5\).*whole number/],
      ['p => p.step(1, "beat")', /"beat".*moment, event, step, marker/],
      ['p => p.seek("soon")', /soon/],
      ['p => p.act("dance broker 1")', /dance/],
      ['p => p.snapshot("gif")', /gif.*svg/],
    ]) { const said = await refused(page, body); assert.match(said, says, `${body}: ${said}`); }
    assert.deepEqual(await call(page, 'p => p.exportRun()'), before);
  },

  // docs/kafka-model.md, "Where Kafka breaks a promise of its own": a leader that sees the record of its last ISR change after it has proposed the next
  // one forgets the proposal, and the controller takes in a follower that lacks committed records.
  'a promise that breaks is told': async ({ open, pages }) => {
    pages['broken.html'] = one('steady', 'set="replica.lag.time.max.ms=2000"');
    const { page, errors } = await open('broken.html');
    await call(page, 'p => { window.told = []; p.addEventListener("highwater-invariant", e => window.told.push(e.detail)); }');
    await call(page, `async p => {
      const event = async holds => { for (let i = 0; !await holds(); i++) { if (i > 4000) throw new Error('it does not come: ' + holds); await p.step(1, 'event'); } };
      const time = seconds => event(async () => (await p.state()).time >= seconds);
      await p.seek('3s');
      await p.act('cut 1-2');
      // Broker 1 hears from the controller that broker 2 is out, but the record of it in the metadata log comes late.
      await event(async () => await p.state('orders-0.isr') === '{1, 3}');
      const here = (await p.state()).time;
      const ways = (await p.enabled()).map(a => /^delay message (\\d+)/.exec(a.action)?.[1]).filter(Boolean);
      const about = await Promise.all(ways.map(id => p.explain('message ' + id)));
      await p.act('delay message ' + ways[about.findIndex(a => /Fetch response from controller to broker 1,/.test(a[0].text))] + ' 1500 ms');
      // Broker 2 comes back, broker 1 proposes to take it in; the proposal takes long. Then that record comes, and broker 2 is away again.
      await p.act('heal 1-2');
      await p.act('slow 1>controller 6 s');
      await time(here + 1.3);
      await p.act('cut 1-2');
      await event(async () => await p.state('orders-0.isr') === '{1, 2, 3}');
    }`);
    await page.waitForFunction(() => window.told.length);
    const told = await page.evaluate(() => window.told);
    assert.deepEqual(told.map(t => t.name), ['R05 StrongIsr'], JSON.stringify(told));
    assert.match(told[0].text, /orders-0: broker 2 is in the ISR of leader 1 but does not have offsets/);
    const promises = await call(page, 'p => p.invariants()');
    assert.deepEqual(promises.filter(p => !p.holds).map(p => [p.name, p.broken]), [['R05 StrongIsr', [told[0].text]]]);
    assert.equal((await call(page, 'p => p.state()')).invariants_broken, 1);
    none(errors);
  },

  'play waits while a question is open': async ({ open, pages }) => {
    pages['asked.html'] = one('replication');
    const { page, errors } = await open('asked.html');
    await call(page, 'p => { window.told = []; for (const name of ["question", "answer", "play", "error"]) p.addEventListener("highwater-" + name, e => window.told.push({ name, ...e.detail })); }');
    for (let i = 0; i < 40 && !await page.evaluate(() => window.told.some(t => t.name === 'question')); i++) { await call(page, 'p => p.step(1, "step")'); await page.waitForTimeout(100); }
    const [before, seen] = [await call(page, 'p => p.state()'), await picture(page)];
    await page.evaluate(() => { window.told = []; });
    await call(page, 'p => p.play()');
    await page.waitForTimeout(500);
    assert.deepEqual(await call(page, 'p => p.state()'), before, 'nothing has moved, nothing plays');
    assert.equal(await call(page, 'p => p.paused'), true);
    assert.deepEqual(await page.evaluate(() => window.told), [], 'it neither plays nor complains');
    same(await picture(page), seen, 'the picture');
    assert.match(await refused(page, 'p => p.step(1, "event")'), /a question is open/);
    // The reader answers: the run goes on by itself until the engine has given the answer.
    await page.locator('highwater-player').getByRole('radio').first().click();
    await page.locator('highwater-player').getByRole('button', { name: 'Commit and run on' }).click();
    await page.waitForFunction(() => window.told.some(t => t.name === 'answer'), null, { timeout: 30_000 });
    const answer = await page.evaluate(() => window.told.find(t => t.name === 'answer'));
    assert.ok(answer.chosen && answer.right, JSON.stringify(answer));
    assert.ok((await call(page, 'p => p.state()')).event > before.event);
    none(errors);
  },

  'a frame answers the same questions': async ({ open, pages }) => {
    pages['frame-api.html'] = '<!doctype html><html lang="en"><title>frame</title><script type="module" src="frame-api.js"></script><body><iframe id="f" title="figure" src="embed.html?loading=eager#src=steady&allow=inspect" width="800" height="450"></iframe></body></html>';
    pages['frame-api.js'] = 'window.got = []; addEventListener("message", e => { if (e.data?.highwater) window.got.push(e.data); }); window.ask = (id, cmd, ...args) => document.querySelector("#f").contentWindow.postMessage({ highwater: 1, id, cmd, args }, "*");';
    const { page, errors } = await open('frame-api.html', { ready: false });
    await page.waitForFunction(() => window.got?.some(m => m.event === 'ready'), null, { timeout: 30_000 });
    await page.evaluate(() => { window.ask(1, 'invariants'); window.ask(2, 'getState'); window.ask(3, 'exportRun'); window.ask(4, 'setState', {}); window.ask(5, 'step', 3, 'event'); });
    await page.waitForFunction(() => [1, 2, 3, 4, 5].every(i => window.got.some(m => m.id === i)) && window.got.some(m => m.event === 'event'));
    const got = await page.evaluate(() => Object.fromEntries(window.got.filter(m => m.id).map(m => [m.id, m])));
    assert.ok(got[1].value.length >= 10 && got[2].value.run && got[3].value.traceHash);
    assert.match(got[4].error, /allow=faults/);
    none(errors);
  },

  'outside of a page calls wait, and a wrong value changes nothing': async ({ open, pages }) => {
    pages['waits.html'] = one('steady');
    const { page, errors } = await open('waits.html');
    assert.deepEqual(await call(page, `async p => {
      const f = document.createElement('highwater-player');
      f.setAttribute('src', 'acks');
      const title = new Promise(done => f.addEventListener('highwater-ready', e => done(e.detail.title)));
      let answer = 'waits';
      f.state('orders-0.isr_size').then(a => { answer = a; });
      await new Promise(done => setTimeout(done, 300));
      const before = answer;
      document.body.append(f);
      await f.ready();
      const told = [before, typeof await title, f.readyState];
      f.remove();
      await new Promise(done => setTimeout(done, 50));
      told.push(f.readyState);
      const again = f.state('orders-0.isr_size');
      document.body.append(f);
      await again;
      told.push(f.readyState);
      f.dispose();
      return [...told, f.readyState];
    }`), ['waits', 'string', 'ready', 'idle', 'ready', 'idle']);
    for (const [body, says] of [
      ['p => p.state(5)', /state\(5\).*orders-0\.hw/], ['p => p.explain()', /explain\(undefined\)/], ['p => p.explain("cheese")', /cheese.*hw orders-0/],
      ['p => p.act(3)', /act\(3\).*crash broker 1/], ['p => p.enabled({})', /enabled/], ['p => p.step(2 ** 40)', /whole number/], ['p => p.step(1, null)', /"null".*moment/],
      ['p => { p.speed = "fast"; }', /1\/16 to 16/], ['p => { p.speed = 17; }', /1\/16 to 16/],
    ]) { const said = await refused(page, `async p => (${body})(p)`); assert.match(said, says, `${body}: ${said}`); }
    await call(page, 'p => p.setAttribute("at", "nowhere")');
    await page.waitForFunction(() => /at: "nowhere"/.test(document.querySelector('#p').shadowRoot.querySelector('.hw-notes').innerText));
    await call(page, 'p => { p.setAttribute("view", "log"); p.removeAttribute("at"); p.removeAttribute("view"); }');
    assert.equal((await call(page, 'p => p.getState()')).view, 'cluster', 'back to what the scenario says');
    none(errors);
  },

  'a snapshot stands alone': async ({ open, pages }) => {
    pages['alone.html'] = one('steady', 'theme="dark" at="3s"');
    const { page, errors } = await open('alone.html');
    const drawn = await call(page, `async p => {
      const svg = await p.snapshot('svg'), doc = new DOMParser().parseFromString(svg, 'image/svg+xml');
      const img = new Image();
      img.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(svg);
      await img.decode();
      const canvas = document.createElement('canvas'), c = canvas.getContext('2d');
      [canvas.width, canvas.height] = [80, 45];
      c.drawImage(img, 0, 0, 80, 45);
      const dark = [...c.getImageData(0, 0, 80, 45).data].filter((v, i, all) => i % 4 === 0 && all[i + 3] > 0 && v > 180).length;
      return { error: !!doc.querySelector('parsererror'), theme: doc.documentElement.dataset.theme, rules: doc.querySelector('style').textContent.includes('.scene'), light: dark };
    }`);
    assert.deepEqual({ ...drawn, light: drawn.light > 0 }, { error: false, theme: 'dark', rules: true, light: true }, 'letters are light on dark');
    none(errors);
  },
};

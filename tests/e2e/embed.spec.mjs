// Figures in pages of others.
import { assert, none, until } from './help.mjs';

const page3 = (attributes = ['', '', '']) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>three</title><script type="module" src="embed.js"></script></head><body><h1>Three</h1>
${['replication', 'steady', 'slow-follower'].map((src, i) => `<highwater-player id="p${i}" src="${src}" label="figure ${i}" ${attributes[i]}><p>fallback ${i}</p></highwater-player>`).join('\n')}</body></html>`;

export default {
  'nothing heavy before intent': async ({ open, pages }) => {
    pages['quiet.html'] = page3();
    const { page, requests, errors } = await open('quiet.html', { ready: false });
    await page.waitForTimeout(800);
    assert.equal(requests.filter(r => /\.wasm|\.hwp|highwater.*\.js/.test(r)).length, 0, `fetched: ${requests}`);
    assert.equal(await page.evaluate(() => document.querySelector('#p0').readyState), 'idle');
    await page.locator('#p1').hover();
    await page.waitForFunction(() => document.querySelector('#p1').readyState === 'ready', null, { timeout: 20_000 });
    assert.equal(await page.evaluate(() => document.querySelector('#p2').readyState), 'idle');
    none(errors);
  },

  'a poster of the shape of the screen, one of the two, in the colours of the figure': async ({ open, pages }) => {
    pages['posters.html'] = page3(['', 'theme="dark"', 'theme="light"']);
    for (const [width, name] of [[390, '-phone.svg'], [1000, '.svg']]) {
      const { page, requests, errors } = await open('posters.html', { viewport: { width, height: 900 }, ready: false, colorScheme: 'light' });
      await page.waitForFunction(() => [...document.querySelectorAll('highwater-player')].every(p => p.shadowRoot?.querySelector('.hw-poster img')?.naturalWidth > 0));
      const posters = requests.filter(r => r.includes('/posters/')).map(r => r.split('/').at(-1)).sort();
      assert.deepEqual(posters, ['replication', 'slow-follower', 'steady'].map(n => n + name));
      const paint = i => page.evaluate(async n => {
        const img = document.querySelector(n).shadowRoot.querySelector('.hw-poster img');
        return { scheme: getComputedStyle(img).colorScheme, shape: img.naturalHeight > img.naturalWidth };
      }, i);
      assert.deepEqual(await paint('#p1'), { scheme: 'dark', shape: width < 560 });
      assert.deepEqual(await paint('#p2'), { scheme: 'light', shape: width < 560 });
      none(errors);
    }
  },

  'three figures share one module': async ({ open, pages }) => {
    pages['three.html'] = page3(['loading="eager"', 'loading="eager"', 'loading="eager"']);
    const { page, requests, errors } = await open('three.html');
    await page.waitForFunction(() => [...document.querySelectorAll('highwater-player')].every(p => p.readyState === 'ready'), null, { timeout: 30_000 });
    assert.equal(requests.filter(r => r.endsWith('.wasm')).length, 1);
    assert.equal(requests.filter(r => r.endsWith('.hwp')).length, 3);
    await page.evaluate(() => document.querySelector('#p1').act('crash broker 1'));
    const states = await page.evaluate(() => Promise.all([0, 1].map(i => document.querySelector(`#p${i}`).state('broker 1.state'))));
    assert.notEqual(states[0], states[1], 'each has its own world');
    none(errors);
  },

  'off screen a figure is drawn once: paper shows all of a page': async ({ open, pages }) => {
    pages['paper.html'] = page3(['loading="eager"', 'loading="eager"', 'loading="eager"']).replace('</head>', '<link rel="stylesheet" href="paper.css"></head>');
    pages['paper.css'] = 'highwater-player { margin-bottom: 1200px }';
    const { page, errors } = await open('paper.html');
    await page.waitForFunction(() => [...document.querySelectorAll('highwater-player')].every(p => p.shadowRoot.querySelectorAll('.hw-stage svg text').length > 5), null, { timeout: 20_000 });
    none(errors);
  },

  'off screen nothing runs and nothing jumps': async ({ open, pages }) => {
    pages['far.html'] = page3(['loading="eager" autoplay="on"', '', '']).replace('<h1>', '<h1 id="top">').replace('</body>', '<div id="low"></div></body>');
    pages['far.css'] = '#low { height: 4000px }';
    pages['far.html'] = pages['far.html'].replace('</head>', '<link rel="stylesheet" href="far.css"></head>');
    const { page } = await open('far.html');
    await until(page, s => s.playing, 'playing');
    await page.evaluate(() => scrollTo(0, 4000));
    await page.waitForTimeout(400);
    const gone = await page.evaluate(() => document.querySelector('#p0').state());
    await page.waitForTimeout(1500);
    const still = await page.evaluate(() => document.querySelector('#p0').state());
    assert.equal(still.event, gone.event, 'suspended');
    const time = still.time;
    await page.evaluate(() => scrollTo(0, 0));
    await page.waitForTimeout(300);
    const back = await page.evaluate(() => document.querySelector('#p0').state());
    assert.ok(back.time - time < 5, `no jump: ${time} to ${back.time}`);
  },

  'a wrong value is said on the figure': async ({ open, pages }) => {
    pages['wrong.html'] = page3(['loading="eager" view="map" loop seed="x"', '', '']);
    const { page } = await open('wrong.html');
    const said = await page.locator('#p0 .hw-notes').innerText();
    assert.match(said, /view="map".*cluster, log/s);
    assert.match(said, /loop is not supported/);
    assert.match(said, /seed="x"/);
  },

  'a click gives a figure the keys, and only that one': async ({ open, pages }) => {
    pages['keys.html'] = page3(['loading="eager"', 'loading="eager"', '']);
    const { page, errors } = await open('keys.html', { viewport: { width: 1000, height: 1200 } });
    await page.waitForFunction(() => ['#p0', '#p1'].every(i => document.querySelector(i).readyState === 'ready'));
    await page.keyboard.press('Alt+ArrowRight');
    const events = () => page.evaluate(() => Promise.all(['#p0', '#p1'].map(i => document.querySelector(i).state().then(s => s.event))));
    const before = await events();
    const box = await page.locator('#p1').boundingBox();
    await page.mouse.click(box.x + box.width * 0.45, box.y + 120);
    await page.keyboard.press('Alt+ArrowRight');
    assert.deepEqual(await events(), [before[0], before[1] + 1]);
    none(errors);
  },

  'an unknown lesson is said, the others live': async ({ open, pages }) => {
    pages['missing.html'] = page3(['loading="eager"', 'loading="eager"', '']).replace('src="steady"', 'src="nowhere"');
    const { page } = await open('missing.html');
    await page.waitForFunction(() => document.querySelector('#p1').readyState === 'error');
    assert.match(await page.locator('#p1 .hw-error').innerText(), /nowhere.*allowed: .*replication, .*acks/);
    assert.equal(await page.evaluate(() => document.querySelector('#p0').readyState), 'ready');
  },

  'an iframe is commanded by messages': async ({ open, pages }) => {
    pages['frame.html'] = '<!doctype html><html lang="en"><title>frame</title><script type="module" src="frame-test.js"></script><body><iframe id="f" title="figure" src="embed.html?loading=eager#src=steady&allow=inspect" width="800" height="450"></iframe></body></html>';
    pages['frame-test.js'] = 'window.got = []; addEventListener("message", e => { if (e.data?.highwater) window.got.push(e.data); }); window.ask = (id, cmd, ...args) => document.querySelector("#f").contentWindow.postMessage({ highwater: 1, id, cmd, args }, "*");';
    const { page, errors } = await open('frame.html', { ready: false });
    await page.waitForFunction(() => window.got?.some(m => m.event === 'ready'), null, { timeout: 30_000 });
    await page.evaluate(() => { window.ask(1, 'seek', '2s'); window.ask(2, 'state', ''); window.ask(3, 'act', 'crash broker 1'); window.ask(4, 'eat'); });
    await page.waitForFunction(() => [1, 2, 3, 4].every(i => window.got.some(m => m.id === i)));
    const got = await page.evaluate(() => Object.fromEntries(window.got.filter(m => m.id).map(m => [m.id, m])));
    assert.ok(Math.abs(got[2].value.time - 2) < 1, JSON.stringify(got[2]));
    assert.match(got[3].error, /allow/);
    assert.match(got[4].error, /no command/);
    none(errors);
  },

  'the article works on a phone': async ({ open }) => {
    const { page, errors } = await open('blog-demo.html', { viewport: { width: 390, height: 844 }, hasTouch: true, ready: false });
    await page.locator('highwater-player').first().scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelector('highwater-player').readyState === 'ready', null, { timeout: 30_000 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1), 'no sideways scrolling');
    none(errors);
  },

  'a clicker walks through the beats of a slide and on': async ({ open }) => {
    const { page, errors } = await open('slides-demo.html', { viewport: { width: 1920, height: 1080 }, ready: false });
    await page.waitForFunction(() => window.Reveal && document.querySelector('.reveal.ready'));
    // The figure of the next slide is ready and laid out already: it must not take the press that leads to it.
    await page.waitForFunction(() => document.querySelector('highwater-player').readyState === 'ready', null, { timeout: 30_000 });
    await page.keyboard.press('PageDown');
    await page.waitForFunction(() => location.hash === '#/1');
    const slide = () => page.evaluate(() => location.hash);
    const at = await slide();
    await page.keyboard.press('PageDown');
    await page.waitForTimeout(300);
    assert.equal(await slide(), at, 'the figure takes the press');
    for (let i = 0; i < 90 && (await slide()) === at; i++) { await page.keyboard.press('PageDown'); await page.waitForTimeout(60); }
    assert.notEqual(await slide(), at, 'after the last beat the slides go on');
    none(errors);
  },

  'a figure keeps within its column, whatever its shape': async ({ open, pages }) => {
    pages['column.html'] = page3(['', 'aspect="21/9"', 'aspect="1/1"']);
    for (const width of [320, 390, 800]) {
      const { page } = await open('column.html', { viewport: { width, height: 900 }, ready: false });
      await page.waitForFunction(() => document.querySelector('#p2').shadowRoot?.querySelector('.hw-poster img')?.naturalWidth > 0);
      const wide = await page.evaluate(() => [...document.querySelectorAll('highwater-player')].map(p => [p.offsetWidth, p.parentElement.offsetWidth]));
      assert.ok(wide.every(([figure, column]) => figure === column), `${width}: ${JSON.stringify(wide)}`);
    }
  },

  'an address sets parameters and no other attributes': async ({ open }) => {
    for (const path of ['embed.html', 'index.html']) {
      const { page, errors } = await open(`${path}?onclick=alert(1)&1=2&id=x&src=steady#style=color:red&loading=eager&tabindex=1`);
      const names = await page.evaluate(() => document.querySelector('highwater-player').getAttributeNames());
      assert.ok(names.includes('src'), names.join());
      for (const name of ['onclick', 'style', 'tabindex', '1']) assert.ok(!names.includes(name), names.join());
      none(errors);
    }
  },

  'the other files may lie in a folder seen from the page': async ({ open, pages }) => {
    pages['base.html'] = page3(['loading="eager" base="../where"', 'loading="eager" base="http://"', '']);
    const { page } = await open('base.html');
    await page.waitForFunction(() => ['#p0', '#p1'].every(i => document.querySelector(i).readyState === 'ready'), null, { timeout: 20_000 });
    assert.match(await page.locator('#p1 .hw-notes').innerText(), /base="http:\/\/" is not an address/);
  },

  'without the engine the still picture stays, with what is wrong': async ({ open, pages }) => {
    pages['engine.html'] = page3();
    const { page } = await open('engine.html', { ready: false });
    await page.route('**/*.wasm', r => r.fulfill({ status: 404, body: 'gone' }));
    const said = await page.evaluate(() => document.querySelector('#p0').load().then(() => 'loaded', e => e.message));
    assert.match(said, /could not be loaded from .*application\/wasm/);
    const p0 = page.locator('#p0');
    assert.match(await p0.locator('.hw-error').innerText(), /could not be loaded/);
    assert.ok(await p0.locator('.hw-poster img').isVisible());
    assert.equal(await p0.locator('.hw-start').count(), 0, 'nothing promises to play');
    await page.unroute('**/*.wasm');
    await p0.getByRole('button', { name: 'Load again' }).click();
    await page.waitForFunction(() => document.querySelector('#p0').readyState === 'ready', null, { timeout: 20_000 });
  },
};

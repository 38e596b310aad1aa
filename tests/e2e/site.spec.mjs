// The site: it starts by itself, steps both ways, takes faults, and is complete without a mouse or movement.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { assert, none, picture, same, until } from './help.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const shadow = (page, selector) => page.locator(`highwater-player ${selector}`).first();

export default {
  'loads, plays by itself and explains itself': async ({ open }) => {
    const { page, errors } = await open('');
    const first = await until(page, s => s.playing && s.event > 0, 'the run to play');
    await until(page, s => s.event > first.event, 'events to be handled');
    assert.ok((await page.title()).includes('Highwater'));
    assert.ok(await shadow(page, '.hw-lesson h1').innerText());
    assert.ok((await page.locator('highwater-player .hw-stage svg text').count()) > 10, 'the stage has words');
    none(errors);
  },

  'no request leaves the folder, none after ready': async ({ open, url }) => {
    const { page, requests } = await open('');
    const ours = () => requests.filter(r => !r.startsWith('data:'));
    const before = ours().length;
    await page.waitForTimeout(2500);
    await page.keyboard.press('Shift+ArrowRight');
    await page.getByRole('button', { name: 'Faults' }).click();
    await page.waitForTimeout(500);
    assert.equal(ours().length, before, `after ready: ${ours().slice(before)}`);
    for (const r of requests) assert.ok(r.startsWith(url) || r.startsWith('data:'), `outside the folder: ${r}`);
  },

  'a step back gives the same picture': async ({ open }) => {
    const { page, errors } = await open('#src=slow-follower&autoplay=off');
    const p = () => page.evaluate(() => document.querySelector('highwater-player').step(1, 'moment'));
    const back = () => page.evaluate(() => document.querySelector('highwater-player').step(-1, 'moment'));
    for (let i = 0; i < 25; i++) await p();
    const seen = [await picture(page)];
    for (let i = 0; i < 4; i++) { await p(); seen.push(await picture(page)); }
    assert.ok(new Set(seen).size > 3, 'moments look different');
    for (let i = 3; i >= 0; i--) { await back(); same(await picture(page), seen[i], `moment ${i}`); }
    none(errors);
  },

  'a broker is broken by pointing at it': async ({ open }) => {
    const { page, errors } = await open('#src=steady&autoplay=off');
    await page.evaluate(() => document.querySelector('highwater-player').seek('3s'));
    await page.getByRole('button', { name: 'Faults' }).click();
    await page.getByRole('dialog').getByRole('row', { name: /^broker 1/ }).getByRole('button', { name: 'crash' }).click();
    await page.getByRole('dialog').getByRole('row', { name: /^broker 1/ }).getByText(/crashed/).waitFor();
    assert.match(await page.evaluate(() => document.querySelector('highwater-player').state('broker 1.state')), /crash/i);
    none(errors);
  },

  'a record by hand carries what was typed': async ({ open }) => {
    const { page, errors } = await open('#src=replication&at=step:free&autoplay=off');
    const typed = 'say "hi" \\ a=b\u00a0c, 💧';
    await page.getByRole('button', { name: 'Faults' }).click();
    await page.getByLabel('key', { exact: true }).fill('k 1');
    await page.getByLabel('value', { exact: true }).fill(typed);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    const sent = await page.evaluate(() => document.querySelector('highwater-player').shareURL());
    assert.ok(sent.includes('run='), sent);
    const inputs = atob(sent.match(/run=([\w-]+)/)[1].replaceAll('-', '+').replaceAll('_', '/'));
    const text = new TextDecoder().decode(Uint8Array.from(inputs, c => c.charCodeAt(0)));
    assert.ok(text.includes(`"value=${typed.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`), text);
    none(errors);
  },

  'a wrong action is said and changes nothing': async ({ open }) => {
    const { page } = await open('#src=steady&autoplay=off');
    const said = await page.evaluate(() => document.querySelector('highwater-player').act('crash broker 99').then(() => 'done', e => e.message));
    assert.match(said, /99/);
    assert.ok(await shadow(page, '.toast').innerText());
  },

  'settings are typed while it plays, checked by the engine, and start the run again': async ({ open }) => {
    const { page, errors } = await open('#src=steady');
    await until(page, s => s.playing && s.event > 3, 'playing');
    await page.getByRole('button', { name: 'Settings' }).click();
    const field = page.getByLabel('min.insync.replicas', { exact: true });
    await field.fill('nonsense');
    await page.waitForTimeout(600);
    assert.equal(await field.inputValue(), 'nonsense', 'playing does not take back what is typed');
    await field.press('Tab');
    await page.getByRole('button', { name: 'Apply and start again' }).click();
    assert.match(await shadow(page, '.refused').innerText(), /min\.insync\.replicas/);
    await field.fill('3');
    await field.press('Tab');
    await page.getByRole('button', { name: 'Apply and start again' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.match(await page.evaluate(() => document.querySelector('highwater-player').snapshot()), /min\.insync\.replicas=3/);
    none(errors);
  },

  'acting in the past makes a branch, and both are kept': async ({ open }) => {
    const { page, errors } = await open('#src=steady&autoplay=off');
    await page.evaluate(async () => { const p = document.querySelector('highwater-player'); await p.seek('4s'); await p.seek('3s'); await p.act('crash broker 1'); await p.seek('5s'); });
    const names = page.locator('highwater-player .branches button');
    await names.nth(1).waitFor();
    assert.equal(await names.count(), 2);
    await names.nth(0).click();
    await until(page, s => s, 'state');
    assert.doesNotMatch(await page.evaluate(() => document.querySelector('highwater-player').state('broker 1.state')), /crash/i);
    none(errors);
  },

  'the timeline is dragged without the page scrolling': async ({ open }) => {
    const { page, errors } = await open('#src=steady&autoplay=off');
    await page.evaluate(() => document.querySelector('highwater-player').seek('6s'));
    await page.waitForTimeout(300);
    const box = await page.locator('highwater-player .strip').boundingBox();
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + 12, box.y + box.height / 2, { steps: 5 });
    await page.mouse.up();
    const state = await until(page, s => s.time < 1, 'the beginning');
    assert.ok(state.time < 1);
    none(errors);
  },

  'every view shows something and none fails': async ({ open }) => {
    const { page, errors } = await open('#src=groups&at=step:3&autoplay=off');
    for (const name of ['Log', 'Replicas', 'Group', 'Space-time', 'Cluster']) {
      await page.getByRole('button', { name, exact: true }).click();
      await page.waitForTimeout(400);
      assert.ok((await picture(page)).length > 2000, name);
    }
    none(errors);
  },

  'works with the keyboard alone': async ({ open }) => {
    const { page, errors } = await open('#src=replication&autoplay=off');
    const state = () => page.evaluate(() => document.querySelector('highwater-player').state());
    await page.keyboard.press('Space');
    await until(page, s => s.playing, 'space to play');
    await page.keyboard.press('k');
    await until(page, s => !s.playing, 'k to pause');
    const before = await state();
    await page.keyboard.press('Alt+ArrowRight');
    assert.equal((await state()).event, before.event + 1, 'alt+right is one event');
    await page.keyboard.press('3');
    assert.equal((await until(page, s => s.step === 3, 'step 3')).step, 3);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'What you see' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    let focused = '';
    for (let i = 0; i < 40 && !/Timeline/.test(focused); i++) {
      await page.keyboard.press('Tab');
      focused = await page.evaluate(() => document.querySelector('highwater-player').shadowRoot.activeElement?.getAttribute('aria-label') ?? '');
    }
    assert.match(focused, /Timeline/, 'Tab reaches the timeline');
    none(errors);
  },

  'a mark of the stage can be selected from the keyboard': async ({ open }) => {
    const { page } = await open('#src=steady&autoplay=off');
    await page.evaluate(() => document.querySelector('highwater-player').seek('3s'));
    await page.waitForTimeout(400);
    const mark = page.locator('highwater-player .hw-stage svg [tabindex="0"]').first();
    await mark.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const state = await until(page, s => s.selection, 'a selection');
    assert.ok(state.selection);
    assert.ok(await shadow(page, '.hw-inspector h1').innerText());
  },

  'a step brings its view, also while nothing else happens': async ({ open }) => {
    const { page, errors } = await open('#src=groups&at=step:two&autoplay=off');
    const next = page.getByRole('button', { name: /^(Next|Skip)$/ });
    const title = () => shadow(page, '.hw-lesson h1').innerText();
    for (let i = 0; i < 12 && await title() === 'Two consumers share'; i++) { await next.click(); await page.waitForTimeout(400); }
    assert.equal(await title(), 'Position and committed offset');
    assert.equal(await shadow(page, '[aria-current=page]').innerText(), 'Cluster');
    none(errors);
  },

  'on a phone a step about consumers shows them': async ({ open }) => {
    for (const [width, map] of [[390, false], [1280, true]]) {
      const { page, errors } = await open('#src=groups&at=step:commit&autoplay=off', { viewport: { width, height: 844 } });
      assert.equal(/Cluster map at/.test(await picture(page)), map, `${width}`);
      none(errors);
    }
  },

  'axe finds nothing serious': async ({ open }) => {
    for (const options of [{}, { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }]) {
      const { page } = await open('#src=replication&at=step:2&autoplay=off', options);
      await page.waitForTimeout(500);
      await page.evaluate(axe).catch(() => {});
      const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }).then(r => r.violations.filter(v => /serious|critical/.test(v.impact)).map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')}`)));
      assert.deepEqual(found, []);
    }
  },

  'reduced motion: no playing by itself, states instead of movement': async ({ open }) => {
    const { page, errors } = await open('#src=slow-follower', { reducedMotion: 'reduce' });
    await page.waitForTimeout(1200);
    const state = await page.evaluate(() => document.querySelector('highwater-player').state());
    assert.equal(state.playing, false);
    for (let i = 0; i < 12; i++) await page.evaluate(() => document.querySelector('highwater-player').step(1, 'moment'));
    assert.ok(await picture(page));
    none(errors);
  },

  'a link leads to the same moment': async ({ open, url }) => {
    const { page } = await open('#src=acks1-loss&autoplay=off');
    await page.evaluate(async () => { const p = document.querySelector('highwater-player'); await p.seek('5s'); await p.act('pause broker 3'); });
    const there = await page.evaluate(() => document.querySelector('highwater-player').state());
    const link = await page.evaluate(() => document.querySelector('highwater-player').shareURL());
    assert.ok(link.startsWith(url), link);
    const other = await open(link.slice(url.length) + '&autoplay=off');
    const here = await other.page.evaluate(() => document.querySelector('highwater-player').state());
    assert.deepEqual([here.event, here.time], [there.event, there.time]);
    same(await picture(other.page), await picture(page), 'the picture');
  },
};

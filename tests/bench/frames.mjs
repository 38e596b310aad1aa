// Our own script time in a frame, for every lesson played through and for every view, in real Chromium, on the release build in dist/.
// Reach: p99 under 8 ms. node frames.mjs [--quick] [LESSON…]; HIGHWATER_DIST another folder.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { serve } from '../e2e/server.mjs';
import { quantile, result } from './results.mjs';

const require = createRequire(new URL('../e2e/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const LESSONS = ['replication', 'placement', 'ordering', 'acks', 'retention', 'groups'];
const VIEWS = ['cluster', 'log', 'replicas', 'group', 'spacetime'];
const REACH = 8;
const quick = process.argv.includes('--quick'), wanted = process.argv.slice(2).filter(a => !a.startsWith('-'));
const SECONDS = quick ? 8 : 30;

const { url, close } = await serve(resolve(process.env.HIGHWATER_DIST ?? 'dist'));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

// The browser's own trace says what script cost: callbacks of frames, timers and events, and the microtasks after them, where Yew
// patches. Style, layout and paint are the browser's and count only where script asks for them. `thread` is this thread's own time, without what other
// programs of the machine took.
const SCRIPT = new Set(['FireAnimationFrame', 'FunctionCall', 'RunMicrotasks', 'TimerFire', 'EventDispatch', 'EvaluateScript', 'v8.callFunction']);
const COLLECTING = /^(MinorGC|MajorGC)$/;

/** Milliseconds of script per frame: `{ thread, wall, collecting }` lists. */
function frames(trace) {
  const main = trace.traceEvents.find(e => e.name === 'FireAnimationFrame');
  if (!main) return { thread: [], wall: [] };
  const list = trace.traceEvents.filter(e => e.ph === 'X' && e.pid === main.pid && e.tid === main.tid && SCRIPT.has(e.name)).sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  const of = [];
  let until = 0, last = -Infinity;
  for (const e of list) {
    if (e.ts < until) continue;
    until = e.ts + (e.dur ?? 0);
    // Script between two frames' callbacks belongs to the frame that it delays.
    if (e.name === 'FireAnimationFrame' && e.ts - last > 2_000) { of.push({ thread: 0, wall: 0 }); last = e.ts; }
    const frame = of.at(-1);
    if (frame) { frame.wall += (e.dur ?? 0) / 1000; frame.thread += (e.tdur ?? e.dur ?? 0) / 1000; }
  }
  return { thread: of.map(f => f.thread), wall: of.map(f => f.wall) };
}

/** Plays `src` for a while; whatever it waits for (a question, the end of a step) is gone over. */
async function measure(what, src, view) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${url}#src=${src}${view ? `&view=${view}` : ''}&autoplay=off`);
  await page.waitForFunction(() => document.getElementById('site')?.readyState === 'ready', null, { timeout: 60_000 });
  await page.waitForTimeout(500);
  await browser.startTracing(page, { categories: ['devtools.timeline', 'v8.execute', 'disabled-by-default-v8.gc'] });
  const steps = await page.evaluate(async ({ seconds, each, through }) => {
    const site = document.getElementById('site'), root = site.shadowRoot ?? site;
    const { steps } = await site.state();
    // Any answer will do: the lesson goes on after it.
    const answer = () => {
      root.querySelector('.question input[type=radio]:not(:disabled)')?.click();
      setTimeout(() => root.querySelector('.question button:not(:disabled)')?.click(), 50);
    };
    const at = async () => (await site.state()).step;
    for (let spent = 0; through ? await at() < steps && spent < 10 * seconds : spent < seconds; spent += each) {
      if (spent && through) await site.step(1, 'step').catch(answer);
      for (let part = 0; part < each; part += 0.25) {
        if (site.paused) await site.play().catch(answer);
        await new Promise(done => setTimeout(done, 250));
      }
    }
    return `${await at()} of ${steps}`;
  }, { seconds: SECONDS, each: quick ? 1 : 2, through: !view });
  const { thread, wall } = frames(JSON.parse(await browser.stopTracing()));
  await page.close();
  const p99 = quantile(thread, 0.99), worst = quantile(thread, 1);
  const text = `p50 ${quantile(thread, 0.5).toFixed(2)}, p99 ${p99.toFixed(2)} ms`;
  console.log(`${what.padEnd(28)} ${`${thread.length}`.padStart(5)} frames, to step ${steps}: ${text}, most ${worst.toFixed(1)}; on the wall clock p99 ${quantile(wall, 0.99).toFixed(2)}${p99 > REACH ? `  OVER ${REACH} ms` : ''}`);
  result(`script in a frame, ${what}`, text, `p99 under ${REACH} ms`, thread.length > 0 && p99 < REACH);
}

for (const lesson of LESSONS) if (!wanted.length || wanted.includes(lesson)) await measure(`lesson ${lesson}`, lesson);
if (!wanted.length) for (const view of VIEWS) await measure(`view ${view}`, view === 'group' ? 'groups' : 'replication', view);
await browser.close();
close();

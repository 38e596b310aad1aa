// Our own script time in a frame, for every lesson and view, in real Chromium. Reach: p99 under 8 ms.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { serve } from '../e2e/server.mjs';

const require = createRequire(new URL('../e2e/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const LESSONS = ['replication', 'placement', 'ordering', 'acks', 'retention', 'groups'];
const VIEWS = ['cluster', 'log', 'replicas', 'group', 'spacetime'];
const SECONDS = 8;

const { url, close } = await serve(resolve('dist'));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

// Every callback of requestAnimationFrame is timed: that is where the player, the scene and the patches run.
const meter = () => {
  const raw = window.requestAnimationFrame.bind(window);
  window.hwFrames = [];
  window.requestAnimationFrame = callback => raw(t => {
    const start = performance.now();
    callback(t);
    window.hwFrames.push(performance.now() - start);
  });
};
const quantile = (of, q) => of.sort((a, b) => a - b)[Math.min(of.length - 1, Math.floor(of.length * q))] ?? 0;

async function measure(src, view) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.addInitScript(meter);
  await page.goto(`${url}#src=${src}&view=${view}`);
  await page.waitForFunction(() => document.getElementById('site')?.readyState === 'ready', null, { timeout: 30_000 });
  await page.evaluate(() => { window.hwFrames.length = 0; document.getElementById('site').play(); });
  await page.waitForTimeout(SECONDS * 1000);
  const frames = await page.evaluate(() => window.hwFrames);
  await page.close();
  const p99 = quantile(frames, 0.99);
  console.log(`${src.padEnd(12)} ${view.padEnd(10)} ${`${frames.length}`.padStart(4)} frames  p50 ${quantile(frames, 0.5).toFixed(2)} ms  p99 ${p99.toFixed(2)} ms${p99 > 8 ? '  OVER 8 ms' : ''}`);
}

for (const lesson of LESSONS) await measure(lesson, 'cluster');
for (const view of VIEWS.slice(1)) await measure('replication', view);
await browser.close();
close();

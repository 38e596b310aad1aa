// End to end in a real browser: `node tests/e2e/run.mjs [NAME…]` runs every *.spec.mjs beside it against dist/, served from a
// sub-path under the content security policy. CHROMIUM names the browser; HIGHWATER_DIST another folder.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { serve } from './server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const dist = resolve(process.env.HIGHWATER_DIST ?? join(here, '../../dist'));
const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(join(dist, 'assets.js'))) throw new Error(`${dist} holds no build: run cargo xtask build`);
if (!existsSync(browserPath)) {
  if (process.env.CI) throw new Error(`no browser at ${browserPath}; set CHROMIUM`);
  console.warn(`SKIPPED: no browser at ${browserPath}; set CHROMIUM to run the browser tests`);
  process.exit(0);
}
const out = join(here, 'out');
mkdirSync(out, { recursive: true });

const pages = {};
const { url, close } = await serve(dist, { pages });
const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });

/** A fresh page whose console errors, page errors and requests are kept. */
const open = async (path, options = {}) => {
  const { viewport = { width: 1440, height: 900 }, ready = true, ...context } = options;
  const ctx = await browser.newContext({ viewport, ...context });
  const page = await ctx.newPage();
  const errors = [], requests = [];
  page.on('console', m => { if (m.type() === 'error' && !/favicon/.test(m.location().url)) errors.push(m.text()); });
  page.on('pageerror', e => errors.push(String(e)));
  page.on('request', r => requests.push(r.url()));
  await page.goto(url + path);
  if (ready) await page.waitForFunction(() => [...document.querySelectorAll('highwater-player')].some(p => p.readyState === 'ready'), null, { timeout: 30_000 });
  return { page, errors, requests, close: () => ctx.close() };
};

const wanted = process.argv.slice(2);
const tests = [];
for (const file of readdirSync(here).filter(f => f.endsWith('.spec.mjs')).sort()) {
  const { default: list } = await import(pathToFileURL(join(here, file)).href);
  for (const [name, body] of Object.entries(list)) tests.push({ name: `${file.replace('.spec.mjs', '')}: ${name}`, body });
}
let failed = 0;
for (const { name, body } of tests.filter(t => !wanted.length || wanted.some(w => t.name.includes(w)))) {
  const begin = Date.now();
  const used = [];
  const tracked = async (...args) => { const p = await open(...args); used.push(p); return p; };
  try {
    await body({ open: tracked, url, pages });
    console.log(`ok    ${name} (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.error(`FAIL  ${name}\n      ${String(error.stack ?? error).split('\n').slice(0, 6).join('\n      ')}`);
    for (const [i, p] of used.entries()) await p.page.screenshot({ path: join(out, `${name.replace(/\W+/g, '-')}-${i}.png`) }).catch(() => {});
  }
  for (const p of used) await p.close();
}
await browser.close();
close();
console.log(failed ? `${failed} failed; screenshots are in tests/e2e/out` : 'all passed');
process.exit(failed ? 1 : 0);

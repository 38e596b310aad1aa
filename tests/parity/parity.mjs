// Native = wasm: every built-in scenario gives the same trace hash in the command line and in the page's own module.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const UNTIL_MS = 30_000;
const SEEDS = [1, 7];
const dist = 'dist';
const files = readdirSync(dist);
const wasm = files.find(f => f.startsWith('highwater') && f.endsWith('_bg.wasm'));
const glue = files.find(f => f.startsWith('highwater') && f.endsWith('.js'));
if (!wasm || !glue) throw new Error(`no wasm-bindgen output in ${dist}/: run cargo xtask build`);

const scratch = mkdtempSync(join(tmpdir(), 'highwater-parity-'));
let failed = 0;
let passed = 0;
try {
  const module = join(scratch, 'glue.mjs');
  copyFileSync(join(dist, glue), module);
  const { initSync, trace_hash } = await import(pathToFileURL(module).href);
  initSync({ module: readFileSync(join(dist, wasm)) });
  const packed = readdirSync(join(dist, 'content')).filter(f => f.endsWith('.hwp'));
  for (const file of packed) {
    const id = file.replace('.hwp', '');
    for (const seed of SEEDS) {
      const args = ['run', '--quiet', '--package', 'highwater-cli', '--', 'run', id, '--seed', `${seed}`, '--until', `${UNTIL_MS / 1000}s`];
      const native = execFileSync('cargo', args, { encoding: 'utf8' }).trim().split('\n').at(-1);
      const page = trace_hash(new Uint8Array(readFileSync(join(dist, 'content', file))), seed, UNTIL_MS);
      if (native === page) {
        passed += 1;
      } else {
        failed += 1;
        console.error(`${id} seed ${seed}: native "${native}", wasm "${page}"`);
      }
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`parity: ${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);

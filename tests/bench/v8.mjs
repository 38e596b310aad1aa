// What runs in V8: our batches beside kafkajs, and the simulator in wasm beside the native build. Ratios of one run.
// node v8.mjs MODULE.wasm NATIVE_EVENTS [--quick]
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { median, result, spread } from './results.mjs';

const UNTIL_MS = 120_000;
const [file, native, mode] = process.argv.slice(2);
const { encode, decode, simulate } = (await WebAssembly.instantiate(readFileSync(file), {})).instance.exports;

/** Runs for so many milliseconds, at least once: `{ rate, events }` of one run. */
const chunk = ms => {
  const start = performance.now();
  let events = 0, runs = 0;
  do { events += simulate(UNTIL_MS); runs++; } while (performance.now() - start < ms);
  return { rate: events / (performance.now() - start) * 1000, events: events / runs };
};
if (native === '--cold') { console.log(chunk(0).rate); process.exit(); }

const quick = mode === '--quick';
await batches();
await simulator();

async function batches() {
  const require = createRequire(new URL('../e2e/package.json', import.meta.url));
  const of = path => require(`kafkajs/src/protocol/${path}`);
  const Encoder = of('encoder'), Decoder = of('decoder'), { RecordBatch } = of('recordBatch/v0'), Record = of('recordBatch/record/v0'), read = of('recordBatch/v0/decoder'), { Types } = of('message/compression');
  const time = async (calls, work) => { const start = performance.now(); await work(calls); return (performance.now() - start) * 1000 / calls; };
  const compare = async (what, ours, theirs, reach, check = () => {}) => {
    const a = [], b = [];
    for (let round = 0; round < (quick ? 9 : 25); round++) { a.push(await time(500, ours)); b.push(await time(50, theirs)); }
    check();
    const ratio = median(b) / median(a);
    console.log(`${what} in V8: ours ${spread(a, 1)} µs, kafkajs ${spread(b, 1)} µs, ${ratio.toFixed(1)} times faster`);
    result(`${what} in V8, times faster than kafkajs`, ratio.toFixed(1), reach ? `at least ${reach}` : '', ratio >= reach);
  };
  for (const [records, size] of [[100, 100], [10, 1000]]) {
    const name = `${records} x ${size} B`, value = Buffer.alloc(size, 97), base = 1_700_000_000_000;
    let theirs, ours;
    const write = async () => {
      const list = Array.from({ length: records }, (_, n) => Record({ offsetDelta: n, timestampDelta: 0, key: 'key', value, headers: {} }));
      const batch = await RecordBatch({ compression: Types.None, firstTimestamp: base, maxTimestamp: base, producerId: -1, producerEpoch: -1, firstSequence: -1, transactional: false, lastOffsetDelta: records - 1, records: list });
      return batch instanceof Encoder ? batch.buffer : batch;
    };
    await compare(`encode ${name}`, calls => { ours = encode(records, size, calls); }, async calls => { for (let n = 0; n < calls; n++) theirs = await write(); }, 10,
      () => { if (ours !== theirs.length) throw new Error(`we write ${ours} bytes, kafkajs ${theirs.length}`); });
    const encoded = await write();
    let found, seen;
    const readAll = async calls => { for (let n = 0; n < calls; n++) seen = (await read(new Decoder(encoded))).records.reduce((sum, r) => sum + r.value.length, 0); };
    const same = () => { if (found !== seen) throw new Error(`we read ${found} bytes, kafkajs ${seen}`); };
    await compare(`decode ${name}, CRC checked by ours alone,`, calls => { found = decode(records, size, calls, 1); }, readAll, 0, same);
    await compare(`decode ${name}, no CRC checked,`, calls => { found = decode(records, size, calls, 0); }, readAll, 0, same);
  }
}

/** One native process for all of it, asked by lines. */
function machine() {
  const child = spawn(native, [`${UNTIL_MS}`], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async chunk(ms) {
      child.stdin.write(`${ms}\n`);
      const [ns, events, runs] = (await lines.next()).value.split(' ').map(Number);
      return { rate: events / ns * 1e9, events: events / runs };
    },
    end: () => child.stdin.end(),
  };
}

/** A fresh V8 (or process) each time: what the first second of a page is like. */
async function cold() {
  const wasm = [], ours = [];
  for (let n = 0; n < (quick ? 3 : 7); n++) {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), file, '--cold'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    for await (const part of child.stdout) text += part;
    wasm.push(+text);
    const first = machine();
    ours.push((await first.chunk(0)).rate);
    first.end();
  }
  console.log(`simulator, first run of a fresh instance: wasm ${spread(wasm)} events/s, native ${spread(ours)} events/s`);
  result('simulator in V8, first run of a fresh instance, events/s', spread(wasm));
}

// V8 begins in its baseline compiler and changes over function by function: the steady state is what a reader has who stays, or who seeks.
async function simulator() {
  await cold();
  const other = machine(), ms = quick ? 250 : 400;
  const start = performance.now(), warm = [];
  // Settled: three in a row within 4 percent, never before 1.5 s.
  const settled = () => warm.length >= 3 && Math.max(...warm.slice(-3)) <= Math.min(...warm.slice(-3)) * 1.04;
  while (performance.now() - start < 1500 || !settled() && performance.now() - start < 10_000) warm.push(chunk(ms).rate);
  console.log(`warm-up: ${((performance.now() - start) / 1000).toFixed(1)} s, ${settled() ? 'settled' : 'NOT settled within 10 s: a busy machine'}; events/s ${warm.map(r => Math.round(r)).join(', ')}`);
  await other.chunk(1500);
  const wasm = [], ours = [], ratios = [];
  for (let round = 0; round < (quick ? 7 : 15); round++) {
    const a = chunk(ms), b = await other.chunk(ms);
    if (a.events !== b.events) throw new Error(`wasm handled ${a.events} events, native ${b.events}`);
    wasm.push(a.rate); ours.push(b.rate); ratios.push(a.rate / b.rate);
  }
  other.end();
  console.log(`simulator, replication, invariants on, in turns of ${ms} ms: wasm ${spread(wasm)} events/s, native ${spread(ours)} events/s, wasm is ${spread(ratios, 2)} of native`);
  result('simulator native, steady, events/s', spread(ours));
  result('simulator in V8, steady, events/s', spread(wasm), 'aim 500000', median(wasm) >= 500_000);
  result('simulator, V8 / native, steady', spread(ratios, 2), 'at least 0.6', median(ratios) >= 0.6);
}

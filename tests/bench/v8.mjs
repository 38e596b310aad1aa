// What runs in V8: our encoder beside kafkajs, and the simulator in wasm beside the native build. Ratios of one run.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';

const require = createRequire(new URL('../e2e/package.json', import.meta.url));
const Encoder = require('kafkajs/src/protocol/encoder');
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0');
const Record = require('kafkajs/src/protocol/recordBatch/record/v0');
const { Types } = require('kafkajs/src/protocol/message/compression');
const { encode, simulate } = (await WebAssembly.instantiate(readFileSync(process.argv[2]), {})).instance.exports;
const native = process.argv[3];

const median = of => of.sort((a, b) => a - b)[Math.floor(of.length / 2)];

async function theirs(records, value) {
  const base = 1_700_000_000_000;
  const list = Array.from({ length: records }, (_, n) =>
    Record({ offsetDelta: n, timestampDelta: 0, key: 'key', value, headers: {} }));
  const batch = await RecordBatch({
    compression: Types.None, firstTimestamp: base, maxTimestamp: base, producerId: -1, producerEpoch: -1,
    firstSequence: -1, transactional: false, lastOffsetDelta: records - 1, records: list,
  });
  return (batch instanceof Encoder ? batch.buffer : batch).length;
}

for (const [records, size] of [[100, 100], [10, 1000]]) {
  const value = Buffer.alloc(size, 97);
  const [ours, other] = [[], []];
  for (let round = 0; round < 15; round++) {
    let start = performance.now();
    encode(records, size, 500);
    ours.push((performance.now() - start) / 500);
    start = performance.now();
    for (let n = 0; n < 50; n++) await theirs(records, value);
    other.push((performance.now() - start) / 50);
  }
  const [a, b] = [median(ours), median(other)];
  console.log(`encode ${records} x ${size} B in V8: ours ${(a * 1000).toFixed(1)} µs, kafkajs ${(b * 1000).toFixed(1)} µs, ${(b / a).toFixed(1)} times faster (reach: 10)`);
}

const UNTIL_MS = 120_000;
const [wasm, machine] = [[], []];
simulate(UNTIL_MS);
for (let round = 0; round < 7; round++) {
  const start = performance.now();
  const events = simulate(UNTIL_MS);
  wasm.push({ ms: performance.now() - start, events });
  const [ns, count] = execFileSync(native, [`${UNTIL_MS}`], { encoding: 'utf8' }).trim().split(' ').map(Number);
  machine.push({ ms: ns / 1e6, events: count });
}
const pick = of => of.sort((a, b) => a.ms - b.ms)[Math.floor(of.length / 2)];
const [w, n] = [pick(wasm), pick(machine)];
if (w.events !== n.events) throw new Error(`wasm handled ${w.events} events, native ${n.events}`);
const rate = x => Math.round(x.events / x.ms * 1000);
console.log(`simulator, replication, invariants on: wasm ${rate(w)} events/s, native ${rate(n)} events/s, wasm is ${(n.ms / w.ms).toFixed(2)} of native (reach: 0.6; aim 500000 events/s)`);

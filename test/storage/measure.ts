/**
 * Measures, on this machine's disk, what SECURITY.md and the README say of the storage; run by hand:
 * `node test/storage/measure.ts [FOLDER] [PEOPLE]`. Nothing here is a test: seconds differ, promises do not.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openStorage } from '../../src/storage/open.ts';
import { numbered } from './contract/numbered.ts';

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'pedel-measure-'));
const people = Number(process.argv[3] ?? 100_000);
const storage = await openStorage(`sqlite:${join(folder, 'pedel.db')}`, { now: Date.now });

async function perSecond(name: string, count: number, callers: number, call: (n: number) => Promise<unknown>) {
  const start = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (next < count) {
        next += 1;
        await call(next - 1);
      }
    }),
  );
  const rate = count / ((performance.now() - start) / 1000);
  console.log(`${name}: ${Math.round(rate)} a second`);
  return rate;
}

const take = (n: number) => storage.attempts.take(`k${n % 500}`, 1e15, 0);
await perSecond('warm-up', 500, 1, take);
const single = await perSecond('one commit per write (1 caller)', 3000, 1, take);
for (const callers of [4, 20, 100]) {
  const grouped = await perSecond(`group commit (${callers} callers)`, 20_000, callers, take);
  console.log(`  ${(grouped / single).toFixed(1)} times one commit per write`);
}

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
await perSecond(`insert ${people} accounts (50 callers)`, people, 50, (n) =>
  storage.accounts.insert(numbered(n, { givenName: `An${n % 977}`, familyName: `Van den ${n % 4999}` })),
);
console.log(`  event loop held up: p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms`);

await storage.close();
const start = performance.now();
await (await openStorage(`sqlite:${join(folder, 'pedel.db')}`, { now: Date.now })).close();
console.log(`open and close again: ${(performance.now() - start).toFixed(1)} ms`);
rmSync(folder, { recursive: true });

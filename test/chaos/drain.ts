/** Delivers what is left when all nodes have ended, by one more node whose clock is ahead of all leases. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createLog } from '../../src/operation/log.ts';
import type { World } from './world.ts';

const MINUTE_MS = 60_000;
/** Longer than the lease of a letter and than its wait after a fourth failure; shorter than a link for a new password lives. */
const AHEAD_MS = [3, 10, 25].map((minutes) => minutes * MINUTE_MS);

const DRAINED_WITHIN_MS = 60_000;

/** @returns how many letters and logouts had been left */
export async function drain({ cluster, storage, ledger }: World): Promise<number> {
  const file = fileURLToPath(new URL('../../config/pedel.yaml', import.meta.url));
  const read = (path: string) => readFileSync(path, 'utf8');
  const { config, faults } = loadConfig({ file, environment: cluster.environment, readFile: read, secret: 'required' });
  if (config === undefined) throw new Error(JSON.stringify(faults));
  const left = (await storage.outbox.backlog(Date.now())).waiting;
  for (const ahead of AHEAD_MS) {
    // killed twice by chance under the same entry: what an operator would do
    for (const { id } of await storage.outbox.list({ state: 'set-aside' }, undefined, 1000))
      await storage.outbox.tryAgain(id, Date.now());
    const app = await createApp({ config, storage, log: createLog('error'), now: () => Date.now() + ahead });
    try {
      const inTime = await Promise.race([app.jobs.runDueNow().then(() => true), sleep(DRAINED_WITHIN_MS, false)]);
      if (!inTime) ledger.violation('outbox does not drain', '-', `within ${DRAINED_WITHIN_MS / 1000} s`);
    } finally {
      await app.stop();
    }
    const { waiting, setAside } = await storage.outbox.backlog(Date.now());
    if (waiting + setAside === 0) break;
  }
  return left;
}

/** A node signs the audit log when it ends, and the line of its log is enough to verify by. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type AuditCheckpoint, isSigned } from '../../src/domain/audit/audit-checkpoint.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { createLog } from '../../src/operation/log.ts';
import { verifyAudit } from '../../src/use-cases/audit/verify.ts';
import { sealerUnder } from '../support/sealer.ts';
import { openTestStorage } from '../support/storage.ts';
import { startIdleJobs } from './support/idle.ts';
import { eventually, keepLog, standingClock } from './support/quiet.ts';

const sealer = sealerUnder('a secret of more than thirty-two characters');
let storage: Storage;
const clock = standingClock();
beforeEach(async () => {
  storage = await openTestStorage({ now: clock.now });
});
afterEach(() => storage.close());

test('the end of a node is signed and logged whole, and of a log that did not grow nothing', async () => {
  const log = keepLog();
  const start = async () => {
    const jobs = startIdleJobs({
      storage: { ...storage, clock: async () => undefined },
      sealer,
      now: clock.now,
      log,
    });
    await eventually(() => jobs.clock.aheadMs() !== undefined);
    return jobs;
  };
  const jobs = await start();
  const entry = { at: 1, action: 'password.changed', actor: { kind: 'person', id: 'an' } } as const;
  for (const id of ['a', 'b', 'c']) await storage.auditLog.append({ id, ...entry });
  await jobs.stop();
  await (await start()).stop();
  const said = log.written.filter(({ fields }) => 'auditCheckpoint' in fields);
  expect(said.map(({ level }) => level)).toEqual(['info']);

  let line = '';
  const write = (text: string) => {
    line += text;
  };
  createLog('info', { write }).info(said[0]?.fields ?? {}, 'm');
  const checkpoint: AuditCheckpoint = JSON.parse(line).auditCheckpoint;
  expect(isSigned(checkpoint, sealer)).toBe(true);
  expect(isSigned({ ...checkpoint, at: checkpoint.at + 1 }, sealer)).toBe(false);
  const faults: unknown[] = [];
  const tell = (fault: unknown) => faults.push(fault);
  const verdict = await verifyAudit({ auditLog: storage.auditLog, sealer, kept: [checkpoint], tell });
  expect([verdict, faults]).toMatchObject([{ entries: 3, unsigned: 0, checkpoints: 1 }, []]);
});

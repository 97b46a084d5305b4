/** Pruning by the jobs of a node: signed before anything goes, a day apart, by one of several nodes, and whatever dies in between. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { pruneAudit } from '../../src/jobs/audit-pruning.ts';
import { createSigner } from '../../src/use-cases/audit/checkpoint.ts';
import { type AuditFault, verifyAudit } from '../../src/use-cases/audit/verify.ts';
import { sealerUnder } from '../support/sealer.ts';
import { openTestStorage } from '../support/storage.ts';
import { keepLog, standingClock } from './support/quiet.ts';

const DAY = 24 * 3600 * 1000;
const OLD = 250; // several steps of deleting
const sealer = sealerUnder('a secret of more than thirty-two characters');
let clock: ReturnType<typeof standingClock>;
let storage: Storage;
let written = 0;
beforeEach(async () => {
  clock = standingClock();
  written = 0;
  storage = await openTestStorage({ now: clock.now });
});
afterEach(() => storage.close());

async function write(many: number) {
  for (let n = 0; n < many; n += 1) {
    written += 1;
    const actor = { kind: 'person', id: 'an' } as const;
    await storage.auditLog.append({ id: `e${written}`, at: clock.now(), action: 'password.changed', actor });
  }
  await createSigner({ auditLog: storage.auditLog, sealer, now: clock.now }).sign();
}
const round = ({
  auditLog = storage.auditLog,
  holder = 'one',
  retain = 'P90D',
  goOn = (): boolean => true,
  log = keepLog(),
} = {}) =>
  pruneAudit(
    {
      ...{ storage: { ...storage, auditLog }, sealer, retain, holder, now: clock.now, log },
      signer: createSigner({ auditLog, sealer, now: clock.now }),
    },
    goOn,
  );
async function verdict() {
  const faults: AuditFault[] = [];
  const { auditLog } = storage;
  const found = await verifyAudit({ auditLog, sealer, kept: [], tell: (fault) => faults.push(fault) });
  return { ...found, faults };
}

test('is done once a day by one of the nodes, and gives up before it deletes', async () => {
  await write(OLD);
  clock.pass(91 * DAY);
  await write(3);
  const rounds = await Promise.all(['one', 'two', 'three'].map((holder) => round({ holder })));
  expect(rounds.filter((each) => each !== undefined)).toEqual([{ givenUp: OLD, deleted: 0 }]);
  expect(await verdict()).toMatchObject({ faults: [], pruned: { entries: OLD, left: OLD } });
  expect(await round()).toBeUndefined();
  clock.pass(DAY);
  const log = keepLog();
  expect(await round({ holder: 'two', log })).toEqual({ givenUp: 0, deleted: OLD });
  expect(log.written).toMatchObject([{ level: 'info', fields: { deleted: OLD } }]);
  expect(await verdict()).toMatchObject({ faults: [], entries: 4, pruned: { entries: OLD, left: 0 } });
  expect(await storage.auditLog.oldest()).toBeGreaterThan(clock.now() - 90 * DAY);
});

test('a node that dies before or after any of its writes leaves a log that verifies, and another goes on', async () => {
  await write(OLD);
  clock.pass(91 * DAY);
  await write(3);
  /** Dies at the `nth` of its writes: before it, or after it took effect. */
  const dying = (nth: number, when: 'before' | 'after'): Storage['auditLog'] => {
    let writes = 0;
    const mortal =
      <Args extends unknown[], Result>(act: (...args: Args) => Promise<Result>) =>
      async (...args: Args): Promise<Result> => {
        writes += 1;
        if (writes !== nth) return act(...args);
        if (when === 'after') await act(...args);
        throw new Error('killed');
      };
    const { auditLog } = storage;
    const { addCheckpoint, append, prune } = auditLog;
    return { ...auditLog, addCheckpoint: mortal(addCheckpoint), append: mortal(append), prune: mortal(prune) };
  };
  let died = 0;
  for (let day = 0; day < 2; day += 1) {
    for (let nth = 1; nth <= 4; nth += 1) {
      for (const when of ['before', 'after'] as const) {
        died += await round({ auditLog: dying(nth, when) }).then(
          () => 0,
          (error: Error) => (error.message === 'killed' ? 1 : 9),
        );
        expect((await verdict()).faults).toEqual([]);
      }
    }
    clock.pass(DAY);
  }
  expect(died).toBeGreaterThan(4);
  await round();
  clock.pass(DAY);
  await round();
  expect(await verdict()).toMatchObject({ faults: [], pruned: { entries: OLD, left: 0 } });
});

test('nothing goes without audit.retain, nor what is young, nor after the node is to end', async () => {
  await write(5);
  // a node whose clock is far ahead, or the other way round: the others were signed long ago
  const ahead = { at: clock.now() + 60 * DAY, action: 'password.changed', actor: { kind: 'system' } } as const;
  await storage.auditLog.append({ id: 'ahead', ...ahead });
  await write(1);
  clock.pass(91 * DAY);
  await write(2);
  const { auditLog } = storage;
  const signer = createSigner({ auditLog, sealer, now: clock.now });
  const without = { storage, sealer, signer, holder: 'one', now: clock.now, log: keepLog() };
  expect(await pruneAudit(without)).toBeUndefined();
  expect(await round({ retain: 'P1Y' })).toEqual({ givenUp: 0, deleted: 0 });
  clock.pass(DAY);
  expect(await round({ goOn: () => false })).toEqual({ givenUp: 0, deleted: 0 });
  await round();
  clock.pass(DAY);
  expect((await round())?.deleted).toBeGreaterThanOrEqual(5); // of several chains one more
  const stay = (await storage.auditLog.page({}, undefined, 99)).map(({ id }) => id);
  expect(stay).toEqual(expect.arrayContaining(['ahead', 'e7', 'e8']));
  expect(await verdict()).toMatchObject({ faults: [], pruned: { left: 0 } });
});

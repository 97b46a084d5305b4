/** Erasure by the jobs of a node, whatever dies: announced once, erased once, noted outside, nothing of the person left. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { withWindows } from '../../src/domain/lifecycle/access.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { type EffectDeps, sweepEffects } from '../../src/jobs/effects.ts';
import { eraseDue } from '../../src/jobs/erasures.ts';
import { forgetPerson } from '../../src/use-cases/lifecycle/forget-person.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';
import { openTestStorage } from '../support/storage.ts';
import { keepLog } from './support/quiet.ts';

const DAY = 86_400_000;
const END = Date.parse('2026-11-01T00:00:00+01:00');
const DUE = Date.parse('2027-11-01T00:00:00+01:00');
const keeping = organisations.map((each) => ({ ...each, access: { default: { retain: 'P1Y' } } }));
const sealer = sealerUnder('a secret of more than thirty-two characters');
let now = DUE;
let storage: Storage;
let folder: string;

beforeEach(async () => {
  now = DUE - 30 * DAY;
  folder = mkdtempSync(join(tmpdir(), 'pedel-erasures-'));
  storage = await openTestStorage({ now: () => now });
  const affiliations = [{ organisation: 'vives', role: 'student', source: 'csv', until: '2026-10-31' }];
  for (const id of ['an', 'bo']) {
    const account = anAccount({ id, userNumbers: [`r-${id}`], emails: [], activatedAt: 1, affiliations });
    await storage.accounts.insert(withWindows(account, keeping, END));
  }
});
afterEach(async () => {
  await storage.close();
  rmSync(folder, { recursive: true });
});

const round = (holder = 'one') =>
  eraseDue({ storage, organisations: keeping, sealer, holder, now: () => now, log: keepLog() });
const journal = () => join(folder, 'erased.jsonl');
const sweep = (more: Pick<Partial<EffectDeps>, 'forget'> = {}) =>
  sweepEffects({
    ...storage,
    endSessions: async () => {},
    finishMerge: async () => {},
    finishPart: async () => {},
    forget: (id) => forgetPerson(id, { ...storage, journal: journal(), now: () => now }),
    now: () => now,
    onFailure: () => {},
    ...more,
  });
const letters = async () => (await storage.outbox.list({ kind: 'letter' }, undefined, 100)).length;

test('is announced once and carried out once, by whichever of two nodes; letters and consents go, others’ stay', async () => {
  for (const id of ['an', 'other'])
    await storage.consents.add({
      accountId: id,
      clientId: 'c',
      scopes: [],
      claims: [],
      resourceScopes: {},
      givenAt: 1,
    });
  await Promise.all([round('one'), round('other')]);
  expect(await round('one')).toBeUndefined(); // not again within the day
  await sweep();
  expect(await letters()).toBe(2);
  now = DUE - DAY;
  expect(await round()).toBe(0);
  now = DUE;
  expect(await round()).toBe(2);
  await sweep();
  expect((await storage.accounts.findById('an'))?.erased?.counts).toMatchObject({ consents: 1 });
  expect([await letters(), await storage.consents.byAccount('an')]).toEqual([0, []]);
  expect(await storage.consents.byAccount('other')).toHaveLength(1);
  expect(
    readFileSync(journal(), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).account)
      .sort(),
  ).toEqual(['an', 'bo']);
  now += DAY;
  expect(await round()).toBe(0);
});

test('that dies before everything is forgotten is finished by the next sweep', async () => {
  await round();
  await sweep();
  now = DUE;
  await round();
  await sweep({ forget: () => Promise.reject(new Error('the process died here')) });
  expect((await storage.accounts.findById('an'))?.effects.map(({ kind }) => kind)).toEqual(['forget']);
  expect(await letters()).toBe(2);
  await sweep();
  expect((await storage.accounts.findById('an'))?.effects).toEqual([]);
  expect(await letters()).toBe(0);
});

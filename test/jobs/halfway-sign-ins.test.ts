/** Sign-ins that stopped after the password are told once, by whichever node. On both databases. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { HALFWAY_MS } from '../../src/domain/sign-in/halfway.ts';
import { tellOfHalfway } from '../../src/jobs/halfway-sign-ins.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';
import { openTestStorage } from '../support/storage.ts';
import { keepLog } from './support/quiet.ts';

const TYPED = Date.UTC(2026, 8, 21);
const sealer = sealerUnder('a secret of more than thirty-two characters');
let now: number;
let storage: Storage;

beforeEach(async () => {
  now = TYPED;
  storage = await openTestStorage({ now: () => now });
});
afterEach(() => storage.close());

const deps = (holder: string) => ({
  ...{ storage, organisations, sealer, randomBytes, holder },
  now: () => now,
  log: keepLog(),
});
const round = (holder = 'one') => tellOfHalfway(deps(holder));

async function stopped(id: string, at = TYPED): Promise<void> {
  const halfway = [{ browser: 'b1', address: '192.0.2.9', at }];
  const person = { id, userNumbers: [`r-${id}`], emails: [], personalEmail: `${id}@example.org` };
  await storage.accounts.insert(anAccount({ ...person, activatedAt: 1, password: { hash: 'h', setAt: 1 }, halfway }));
}
const stored = async (id: string) => (await storage.accounts.findById(id)) as Account;
const kinds = async (id: string) => (await stored(id)).effects.map(({ kind }) => kind);

test('from a quarter of an hour on, once, by one of two nodes, of more people than a page holds', async () => {
  for (let n = 0; n < 120; n += 1) await stopped(`person${n}`);
  await stopped('later', TYPED + 1);
  now = TYPED + HALFWAY_MS - 1;
  expect(await round()).toBe(0);
  now = TYPED + HALFWAY_MS;
  const went = await Promise.all([round('one'), round('other')]);
  expect(went.reduce((sum: number, told) => sum + (told ?? 0), 0)).toBe(120);
  for (const id of ['person0', 'person119']) expect(await kinds(id)).toEqual(['audit', 'letter']);
  expect(await kinds('later')).toEqual([]);
  expect(await round()).toBe(0);
  now += 1;
  expect(await round()).toBe(1);
  expect(await kinds('person0')).toEqual(['audit', 'letter']);
});

test('the letter has a link that is in the account', async () => {
  await stopped('eva');
  now = TYPED + HALFWAY_MS;
  await round();
  const { effects, tickets, halfway } = await stored('eva');
  const [letter] = effects.flatMap((each) => (each.kind === 'letter' ? [each.letter] : []));
  expect(letter).toMatchObject({ template: 'stopped-halfway', to: 'eva@example.org' });
  expect(JSON.parse(sealer.open(letter?.sealedSecret ?? '', 'eva', 'letter')).link).toMatch(/^\/not-me\?ticket=/);
  expect([tickets.length, halfway]).toEqual([1, undefined]);
});

test('an account that cannot be written is logged, and the others are told', async () => {
  await stopped('broken');
  await stopped('eva');
  now = TYPED + HALFWAY_MS;
  const { accounts } = storage;
  const replace: typeof accounts.replace = (account, revision) =>
    account.id === 'broken' ? Promise.reject(new Error('away')) : accounts.replace(account, revision);
  const broken = { ...storage, accounts: { ...accounts, replace } };
  expect(await tellOfHalfway({ ...deps('one'), storage: broken })).toBe(1);
  expect(await round()).toBe(1);
});

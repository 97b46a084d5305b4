/** Contacts hear of a secret that expires 30, 7 and 1 days before, once each, whatever nodes look and whatever fails. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Email } from '../../src/domain/account/emails.ts';
import type { Organisation } from '../../src/domain/account/organisation.ts';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { warnOfSecrets } from '../../src/jobs/secret-warnings.ts';
import { anAccount } from '../support/account.ts';
import { localized } from '../support/localized.ts';
import { openTestStorage } from '../support/storage.ts';
import { keepLog } from './support/quiet.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const start = Date.UTC(2027, 5, 1, 10);
const clock = { now: start };
const now = () => clock.now;
let storage: Storage;
let log: ReturnType<typeof keepLog>;
beforeEach(async () => {
  clock.now = start;
  log = keepLog();
  storage = await openTestStorage({ now });
});
afterEach(() => storage.close());

const organisations: Organisation[] = ['kuleuven', 'vives'].map((id) => ({
  id,
  name: localized(id),
  domains: [`${id}.be`],
  contacts: [
    { label: localized('desk'), email: `desk@${id}.be` },
    { label: localized('phone'), phone: '1' },
  ],
  colour: '#00407a',
  secondFactor: 'offered',
  activation: 'link',
  access: { default: { discontinued: 'P7D' } },
}));
const node = (over: Partial<Storage> = {}) =>
  warnOfSecrets({ storage: { ...storage, ...over }, organisations, defaultLanguage: 'nl', now, log });

async function register(id: string, inDays: number, change: Partial<ClientRecord> = {}): Promise<void> {
  const metadata = { client_name: 'Toledo', 'client_name#en': 'Toledo (test)', contacts: ['it@kuleuven.be'] };
  const secrets = [
    { id: `${id} new`, hash: 'h', createdAt: 1 },
    { id: `${id} old`, hash: 'h', createdAt: 1, expiresAt: start + inDays * DAY, name: 'Old server' },
  ];
  const record = { id, revision: 1, metadata, secrets, createdAt: 1, updatedAt: 1, ...change };
  expect(await storage.clients.put(record, 0)).toBe(true);
}
async function letters(): Promise<(Email & { expiresAt?: number })[]> {
  return (await storage.outbox.list({ kind: 'letter' }, undefined, 99)).map(
    ({ payload }) => payload as unknown as Email,
  );
}
const addresses = async () => (await letters()).map(({ to }) => to).sort();

test('each contact is told thirty, seven and one days before, whatever the number of nodes and rounds', async () => {
  await register('toledo', 40);
  const nodes = [node(), node(), node()];
  const told: [day: number, letters: number][] = [];
  for (let hours = 0; hours <= 41 * 24; hours += 12) {
    clock.now = start + hours * HOUR;
    await Promise.all(nodes.map((each) => each.check()));
    const { length } = await letters();
    if (length !== (told.at(-1)?.[1] ?? 0)) told.push([hours / 24, length]);
  }
  expect(told).toEqual([
    [10, 1],
    [33, 2],
    [39, 3],
  ]);
  const daily = log.written.filter(({ message }) => message === 'a secret of an application expires soon');
  expect(daily).toHaveLength(31); // of Brussels
  expect(daily[0]).toMatchObject({ fields: { client: 'toledo', name: 'Old server', contacts: 1 } });
  expect(nodes[0]?.notice()).toBeUndefined();
});

test('a letter that could not be stored is stored in the next round, and those that were are not sent twice', async () => {
  await register('toledo', 6, {
    metadata: { contacts: ['a@kuleuven.be', 'b@kuleuven.be', 'A@kuleuven.be', 'no address'] },
  });
  let calls = 0;
  const outbox = {
    ...storage.outbox,
    put: async (...item: Parameters<Storage['outbox']['put']>) => {
      calls += 1;
      if (calls === 2) throw new Error('the database is away');
      return storage.outbox.put(...item);
    },
  };
  await expect(node({ outbox }).check()).rejects.toThrow('away');
  expect(await letters()).toHaveLength(1);
  expect(await node().check()).toBe(1);
  expect(await node().check()).toBe(0);
  expect((await addresses()).map((each) => each.toLowerCase())).toEqual(['a@kuleuven.be', 'b@kuleuven.be']);
});

test('it names the secret, its last day and its last use, in the language of whoever reads it', async () => {
  await storage.accounts.insert(anAccount({ id: 'an', emails: ['it@kuleuven.be'], language: 'en' }));
  await register('toledo', 6);
  await storage.clientUses.note([{ client: 'toledo', of: 'toledo old', hour: start - 3 * DAY }]);
  await node().check();
  const [letter] = await letters();
  expect(letter).toMatchObject({
    template: 'secret-ends',
    to: 'it@kuleuven.be',
    language: 'en',
    organisation: 'kuleuven',
    data: {
      application: 'Toledo (test)',
      client: 'toledo',
      secret: 'Old server',
      day: '2027-06-07',
      used: '2027-05-29',
    },
    expiresAt: start + 6 * DAY,
  });
});

test('without contacts of its own those of its organisation are told, and where there is none the operators', async () => {
  await register('theirs', 6, { metadata: { pedel_organisation: 'vives' } });
  await register('nobodys', 6, { metadata: {} });
  const watch = node();
  expect(await watch.check()).toBe(1);
  expect(await letters()).toMatchObject([
    { to: 'desk@vives.be', language: 'nl', organisation: 'vives', data: { application: 'theirs' } },
  ]);
  expect(watch.notice()).toContain('2 of the secrets');
  expect(log.written.map(({ fields }) => fields)).toMatchObject([
    { client: 'nobodys', contacts: 0 },
    { client: 'theirs' },
  ]);
});

test('nobody is told of an application that waits for approval or has expired, or of a secret that is over', async () => {
  const registration = { state: 'pending', accessToken: 'x', terms: {} } as unknown as NonNullable<
    ClientRecord['registration']
  >;
  await register('pending', 6, { registration });
  await register('ended', 6, { validUntil: start });
  await register('late', 0);
  expect(await node().check()).toBe(0);
});

/** Invitations that wait until the account opens: each is sent once, by whichever node, and no feed has to say it again. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { withWindows } from '../../src/domain/lifecycle/access.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { sendWaitingInvitations } from '../../src/jobs/waiting-invitations.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';
import { openTestStorage } from '../support/storage.ts';
import { keepLog } from './support/quiet.ts';

const OPENS = Date.parse('2026-08-22T00:00:00+02:00');
let now: number;
let storage: Storage;

beforeEach(async () => {
  now = OPENS - 1;
  storage = await openTestStorage({ now: () => now });
});
afterEach(() => storage.close());

const round = (holder = 'one') =>
  sendWaitingInvitations({
    storage,
    organisations,
    sealer: sealerUnder('a secret of more than thirty-two characters'),
    randomBytes,
    invitationSeconds: 3600,
    holder,
    now: () => now,
    log: keepLog(),
  });

async function waiting(id: string, change: Partial<Account> = {}, mute = false): Promise<void> {
  const affiliations = [{ organisation: 'vives', role: 'student', source: 'hr', from: '2026-08-22' }];
  const person = {
    id,
    userNumbers: [`r-${id}`],
    emails: [],
    affiliations,
  };
  const { activatedAt: _, personalEmail: __, ...account } = anAccount({ ...person, invitationWaits: true, ...change });
  const address = mute ? {} : { personalEmail: `${id}@example.org` };
  await storage.accounts.insert(withWindows({ ...account, ...address, ...change }, opening, now));
}
const opening = organisations;
const invitations = async (id: string) =>
  ((await storage.accounts.findById(id))?.effects ?? []).filter(({ kind }) => kind === 'letter').length;

test('are sent from the second on in which the account opens, once, by one of two nodes', async () => {
  for (let n = 0; n < 150; n += 1) await waiting(`person${n}`);
  expect(await round()).toBe(0);
  now = OPENS;
  const [one, other] = await Promise.all([round('one'), round('other')]);
  expect([one, other].filter((count) => count === undefined)).toHaveLength(1);
  expect((one ?? 0) + (other ?? 0)).toBe(150);
  expect(await invitations('person0')).toBe(1);
  expect(await storage.accounts.findById('person0')).toMatchObject({
    tickets: [{ purpose: 'activation', sentTo: 'person0@example.org' }],
    mailedAt: [OPENS],
  });
  expect(await round()).toBe(0);
  expect(await invitations('person149')).toBe(1);
});

test('wait on while a suspension lasts, and go to nobody who is active, has left or has no address', async () => {
  now = OPENS;
  await waiting('suspended', {
    suspension: { kind: 'administrative', at: 1, reason: 'asked' },
  });
  await waiting('active', { activatedAt: 5 });
  await waiting('left', {
    affiliations: [{ organisation: 'vives', role: 'student', source: 'hr', until: '2026-08-01' }],
  });
  await waiting('without', {}, true);
  expect(await round()).toBe(0);
  for (const id of ['suspended', 'active', 'left', 'without']) expect(await invitations(id)).toBe(0);
  const waits = async (id: string) => (await storage.accounts.findById(id))?.invitationWaits === true;
  expect(await Promise.all(['suspended', 'active', 'left', 'without'].map(waits))).toEqual([true, false, false, false]);
  const account = await storage.accounts.findById('suspended');
  if (account === undefined) throw new TypeError('it is there');
  const { suspension: _, ...lifted } = account;
  await storage.accounts.replace({ ...lifted, revision: account.revision + 1 }, account.revision);
  expect(await round()).toBe(1);
});

/** The job that warns of ends of accounts and carries them out: each once, whatever crashes, sleeps or runs beside it. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { updateAccount } from '../../src/domain/account/update-account.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { type AccountExpiryDeps, runAccountExpiry } from '../../src/jobs/account-expiry.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';
import { openTestStorage } from '../support/storage.ts';
import { keepLog, standingClock } from './support/quiet.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const END = Date.parse('2027-11-01T00:00:00+01:00');
const at = (time: string) => Date.parse(time);

let storage: Storage;
let clock: ReturnType<typeof standingClock>;
beforeEach(async () => {
  clock = standingClock(at('2027-10-17T07:00:00+02:00'));
  storage = await openTestStorage({ now: clock.now });
});
afterEach(() => storage.close());

const moveTo = (time: string) => clock.pass(at(time) - clock.now());
const run = (more: Partial<AccountExpiryDeps> = {}, goOn?: () => boolean) =>
  runAccountExpiry(
    { storage, organisations, warningDays: [14, 7, 1], holder: 'node-1', now: clock.now, log: keepLog(), ...more },
    goOn,
  );

function student(name: string, change: Partial<Account> = {}): Promise<void> {
  return storage.accounts.insert(
    anAccount({
      id: name,
      userNumbers: [`r-${name}`],
      emails: [],
      personalEmail: `${name}@example.org`,
      activatedAt: 1,
      affiliations: [{ organisation: 'vives', role: 'student', source: 'csv', until: '2027-10-31' }],
      endsAt: END,
      ...change,
    }),
  );
}

const stored = async (name: string) => {
  const account = await storage.accounts.findById(name);
  if (account === undefined) throw new Error(`no account ${name}`);
  return account;
};
/** What happened to a person, in order: the letters, and what was told to the audit log or the sessions. */
const happened = async (name: string) =>
  (await stored(name)).effects.map((effect) => {
    if (effect.kind === 'letter') return `letter ${effect.letter.template} ${effect.letter.to}`;
    return effect.kind === 'audit' ? effect.entry.action : effect.kind;
  });
const warning = (name: string) => [`letter account-ends ${name}@example.org`, 'account.end-announced'];
const endOf = (name: string) => ['end-sessions', 'account.ended', `letter account-ended ${name}@example.org`];

describe('warnings', () => {
  test('go out once on each of the days, however often the job runs', async () => {
    await student('an');
    const days: number[] = [];
    for (; clock.now() < at('2027-10-31T22:00:00+01:00'); clock.pass(4 * HOUR)) {
      const before = (await happened('an')).length;
      await run();
      if ((await happened('an')).length > before) days.push(new Date(clock.now()).getUTCDate());
    }
    expect(days).toEqual([17, 24, 30]);
    expect(await happened('an')).toEqual([...warning('an'), ...warning('an'), ...warning('an')]);
  });

  test('are not sent to people with another or a longer affiliation, or whose account was never active or has ended', async () => {
    const { activatedAt: _, ...never } = anAccount({ activatedAt: 1 });
    await storage.accounts.insert({ ...never, id: 'never', userNumbers: ['n1'], emails: [], endsAt: END });
    await student('ended', { endsAt: at('2027-10-17T00:00:00+02:00') });
    await student('longer', { endsAt: at('2027-11-02T00:00:00+01:00') });
    const { endsAt: __, ...alumna } = anAccount({ id: 'alumna', userNumbers: ['q1'], emails: [], activatedAt: 1 });
    await storage.accounts.insert(alumna);
    await run();
    for (const name of ['never', 'longer', 'alumna']) expect(await happened(name)).toEqual([]);
    expect(await happened('ended')).toEqual(endOf('ended'));
  });

  test('are looked for once an hour, by whichever node comes first', async () => {
    await run();
    await student('late');
    clock.pass(59 * MINUTE);
    await run({ holder: 'node-2' });
    expect(await happened('late')).toEqual([]);
    clock.pass(MINUTE);
    await run({ holder: 'node-2' });
    expect(await happened('late')).toEqual(warning('late'));
  });

  test('that a node left half done are finished by the next, and none is sent twice', async () => {
    const names = Array.from({ length: 105 }, (_, n) => `s${String(n).padStart(3, '0')}`); // more than a page
    await Promise.all(names.map((name) => student(name)));
    let calls = 0;
    const dying = {
      ...storage.accounts,
      replace: async (...given: Parameters<Storage['accounts']['replace']>) => {
        calls += 1;
        if (calls > 40) throw new Error('the node died');
        return storage.accounts.replace(...given);
      },
    };
    const log = keepLog();
    await run({ storage: { ...storage, accounts: dying }, log });
    expect(log.written.filter(({ level }) => level === 'error')).not.toEqual([]);
    await run({ holder: 'node-2' });
    const letters = await Promise.all(names.map(happened));
    expect(letters).toEqual(names.map(warning));
  }, 30_000);

  test('of 5 nodes at the same moment go out once', async () => {
    for (const name of ['an', 'bo', 'cas']) await student(name);
    const nodes = ['1', '2', '3', '4', '5'].map((holder) => run({ holder }));
    const answers = await Promise.all(nodes);
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
    for (const name of ['an', 'bo', 'cas']) expect(await happened(name)).toEqual(warning(name));
  });
});

describe('the end', () => {
  test('is carried out in the minute in which it comes, and once', async () => {
    await student('an');
    await run();
    moveTo('2027-10-31T23:59:59+01:00');
    await run();
    expect(await happened('an')).not.toContain('account.ended');
    clock.pass(MINUTE);
    await run();
    expect((await happened('an')).slice(-3)).toEqual(endOf('an'));
    expect((await stored('an')).credentialsEpoch).toBe(2);
    for (let n = 0; n < 30; n += 1, clock.pass(10 * MINUTE)) await run({ holder: `node-${n}` });
    expect((await happened('an')).filter((each) => each === 'account.ended')).toHaveLength(1);
  });

  test('is not carried out by a clock that is some seconds ahead of the others', async () => {
    await student('an');
    moveTo('2027-11-01T00:00:04+01:00');
    await run();
    expect(await happened('an')).not.toContain('account.ended');
    clock.pass(1000);
    await run();
    expect(await happened('an')).toContain('account.ended');
  });

  test('that came while no node ran is carried out by the next, without a warning that comes too late', async () => {
    await run();
    await student('an');
    moveTo('2027-11-07T12:00:00+01:00');
    await run();
    expect(await happened('an')).toEqual(endOf('an'));
  });

  test('that came long before the next node ran is carried out without a letter', async () => {
    await run();
    await student('an');
    moveTo('2027-11-20T12:00:00+01:00');
    await run();
    expect(await happened('an')).toEqual(['end-sessions', 'account.ended']);
  });

  test('that a feed wrote after its minute was looked through is found within the hour', async () => {
    moveTo('2027-11-01T00:30:00+01:00');
    await run();
    await student('an');
    clock.pass(HOUR);
    await run();
    expect(await happened('an')).toEqual(endOf('an'));
  });

  test('keeps the account of a person who enrols again, and carries out the next end', async () => {
    await student('an');
    moveTo('2027-11-01T00:01:00+01:00');
    await run();
    const next = at('2028-11-01T00:00:00+01:00');
    await updateAccount(storage.accounts, 'an', (account) => ({
      outcome: undefined,
      account: { ...account, endsAt: next, effects: [] },
    }));
    moveTo('2028-10-30T12:00:00+01:00');
    await run();
    moveTo('2028-11-01T00:01:00+01:00');
    await run();
    expect(await happened('an')).toEqual([...warning('an'), ...endOf('an')]);
    expect((await stored('an')).credentialsEpoch).toBe(3);
  });
});

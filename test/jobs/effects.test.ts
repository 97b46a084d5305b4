import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Account, type Decision, type EffectInput, withEffects } from '../../src/domain/account/account.ts';
import { updateAccount } from '../../src/domain/account/update-account.ts';
import { renameFactor } from '../../src/domain/factors/factor.ts';
import { withTotpStep } from '../../src/domain/factors/totp.ts';
import { applyStatement } from '../../src/domain/feed/feed.ts';
import { carryOutEnd, warnOfEnd } from '../../src/domain/lifecycle/expiry-warnings.ts';
import { changePassword } from '../../src/domain/passwords/change-password.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { matchCode } from '../../src/domain/tickets/ticket.ts';
import { createEffectDispatch } from '../../src/jobs/effect-dispatch.ts';
import { dispatchEffects, type EffectDeps, sweepEffects } from '../../src/jobs/effects.ts';
import { aLetter } from '../mail/support/letters.ts';
import { numbered } from '../storage/contract/numbered.ts';
import { anAccount } from '../support/account.ts';
import { csvSource, organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';
import { openTestStorage } from '../support/storage.ts';
import { eventually, keepLog } from './support/quiet.ts';

const now = () => 1_000;
const DAY = 24 * 3_600_000;
const effects: EffectInput[] = [
  { kind: 'letter', letter: aLetter('reset') },
  { kind: 'audit', entry: { at: 900, action: 'password.changed', actor: { kind: 'person', id: 'account-1' } } },
  { kind: 'end-sessions', reason: 'password changed', exceptSessionUid: 'mine', olderThanEpoch: 2 },
  { kind: 'letter', letter: aLetter('password-changed') },
];

let storage: Storage;
afterEach(() => storage.close());

async function withAccount(given: EffectInput[] = effects, change: Partial<Account> = {}): Promise<Account> {
  storage = await openTestStorage({ now });
  const account = withEffects(anAccount(change), given);
  await storage.accounts.insert(account);
  return account;
}

function depsOn({ accounts, outbox, auditLog }: Storage) {
  const ended: unknown[][] = [];
  const deps: EffectDeps = {
    accounts,
    outbox,
    auditLog,
    now,
    forget: async () => {},
    finishMerge: async () => {},
    finishPart: async () => {},
    endSessions: async (...args) => ended.push(args),
  };
  return { deps, ended };
}

const letters = () => storage.outbox.list({ kind: 'letter' }, undefined, 1000);
const audit = () => storage.auditLog.page({}, undefined, 1000);
const ignore = { onFailure: () => {} };

describe('dispatching the effects of an account', () => {
  test('puts letters into the outbox, entries into the audit log, ends sessions, and takes them off the account', async () => {
    const account = await withAccount();
    const { deps, ended } = depsOn(storage);
    expect(await dispatchEffects(account, deps)).toEqual({ letters: 2 });

    const [reset, changed] = await letters();
    expect(reset).toMatchObject({ id: 'account-1:1:0', accountId: 'account-1', state: 'waiting', createdAt: 1_000 });
    expect(reset?.expiresAt).toBe(aLetter('reset').expiresAt);
    expect(changed).toMatchObject({ id: 'account-1:1:3', payload: { template: 'password-changed' } });
    expect(await audit()).toEqual([expect.objectContaining({ id: 'account-1:1:1', action: 'password.changed' })]);
    expect(ended).toEqual([['account-1', 'password changed', 'mine', 2]]);
    expect((await storage.accounts.findById('account-1'))?.effects).toEqual([]);
  });

  test('marks as urgent what somebody waits for or should know at once, and not what leaves for many', async () => {
    const templates = ['reset', 'invitation', 'new-browser', 'account-ended'] as const;
    const account = await withAccount(templates.map((each) => ({ kind: 'letter', letter: aLetter(each) })));
    await dispatchEffects(account, depsOn(storage).deps);
    const urgent = (await letters()).map(({ payload, urgent }) => [payload.template, urgent === true]);
    expect(Object.fromEntries(urgent)).toEqual({
      reset: true,
      'new-browser': true,
      invitation: false,
      'account-ended': false,
    });
  });

  test('leaves a letter’s secret sealed in the outbox (rule 25)', async () => {
    const account = await withAccount();
    await dispatchEffects(account, depsOn(storage).deps);
    const [reset] = await letters();
    expect(reset?.payload.sealedSecret).toMatch(/^s1\./);
    expect(JSON.stringify(reset)).not.toContain('/reset/');
  });

  test('takes away exactly what it dispatched: what came meanwhile stays', async () => {
    const account = await withAccount();
    await updateAccount(storage.accounts, account.id, (read) => ({
      outcome: undefined,
      account: { ...read, givenName: 'Anna' },
      effects: [{ kind: 'letter', letter: aLetter('factor-added') }],
    }));
    await dispatchEffects(account, depsOn(storage).deps);
    const stored = await storage.accounts.findById(account.id);
    expect(stored).toMatchObject({ givenName: 'Anna', effects: [{ kind: 'letter', id: 'account-1:2:0' }] });
  });

  test('done by twenty at once puts every letter and entry once', async () => {
    const account = await withAccount();
    const { deps } = depsOn(storage);
    const results = await Promise.all(Array.from({ length: 20 }, () => dispatchEffects(account, deps)));
    expect(results.reduce((sum, each) => sum + each.letters, 0)).toBe(2);
    expect(await letters()).toHaveLength(2);
    expect(await audit()).toHaveLength(1);
  });

  test('dispatches the others where one fails, and keeps that one', async () => {
    const account = await withAccount();
    const { deps } = depsOn(storage);
    const failing = { ...deps, endSessions: () => Promise.reject(new Error('no sessions now')) };
    await expect(dispatchEffects(account, failing)).rejects.toThrow('no sessions now');
    expect(await letters()).toHaveLength(2);
    expect((await storage.accounts.findById(account.id))?.effects).toEqual([
      expect.objectContaining({ kind: 'end-sessions' }),
    ]);
  });

  test('of an account that was deleted meanwhile still sends its emails', async () => {
    const account = await withAccount();
    const { deps } = depsOn(storage);
    const gone = { ...deps, accounts: { findById: async () => undefined, replace: async () => false } };
    expect(await dispatchEffects(account, gone)).toEqual({ letters: 2 });
  });
});

describe('a crash between any two steps', () => {
  class Crash extends Error {}

  /** Everything that reaches the storage counts as a step; at the given one the process dies, before or after it took effect. */
  function dyingAt(deps: EffectDeps, step: number, when: 'before' | 'after') {
    let steps = 0;
    let dead = false;
    const dying = <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) => {
      return async (...args: Args): Promise<Result> => {
        if (dead) throw new Crash();
        steps += 1;
        const last = steps === step;
        if (last) dead = true;
        if (last && when === 'before') throw new Crash();
        const result = await call(...args);
        if (dead) throw new Crash(); // it took effect and nobody was told
        return result;
      };
    };
    const wrapped: EffectDeps = {
      now,
      accounts: { findById: dying(deps.accounts.findById), replace: dying(deps.accounts.replace) },
      outbox: { put: dying(deps.outbox.put) },
      auditLog: { append: dying(deps.auditLog.append) },
      forget: dying(deps.forget),
      finishMerge: dying(deps.finishMerge),
      finishPart: dying(deps.finishPart),
      endSessions: dying(deps.endSessions),
    };
    return { wrapped, died: () => dead };
  }

  const cases = [1, 2, 3, 4, 5].flatMap((step) => [
    { step, when: 'before' as const },
    { step, when: 'after' as const },
  ]);

  test.each(cases)('$when step $step of 5 repeats nothing visible and loses nothing', async ({ step, when }) => {
    const account = await withAccount();
    const { deps, ended } = depsOn(storage);
    const { wrapped, died } = dyingAt(deps, step, when);
    await dispatchEffects(account, wrapped).catch((error) => expect(error).toBeInstanceOf(Crash));
    expect(died()).toBe(true);

    await sweepEffects({ ...deps, ...ignore, accounts: storage.accounts }); // the next process

    expect((await letters()).map(({ id }) => id)).toEqual(['account-1:1:0', 'account-1:1:3']);
    expect(await audit()).toHaveLength(1);
    expect(ended.length).toBeGreaterThanOrEqual(1);
    expect(new Set(ended.map((args) => JSON.stringify(args))).size).toBe(1);
    expect((await storage.accounts.findById('account-1'))?.effects).toEqual([]);
    expect(await storage.accounts.withEffects(10)).toEqual([]);
  });

  test('does not send an email again that was delivered by then', async () => {
    const account = await withAccount();
    const { deps } = depsOn(storage);
    const { wrapped } = dyingAt(deps, 5, 'before');
    await dispatchEffects(account, wrapped).catch(() => {});
    for (const { id } of await storage.outbox.claim('letter', 1_000, 2_000, 10))
      await storage.outbox.done(id, 2_000, 1_500);

    await sweepEffects({ ...deps, ...ignore, accounts: storage.accounts });
    expect(await storage.outbox.claim('letter', 9_000, 10_000, 10)).toEqual([]);
  });
});

describe('what a newer version stored', () => {
  const webhook = { kind: 'webhook', url: 'https://toledo.example/' } as unknown as EffectInput;

  test('an effect of an unknown kind stays for a node that knows it, and does not block other effects', async () => {
    const account = await withAccount([webhook, ...effects]);
    const { deps, ended } = depsOn(storage);
    expect(await dispatchEffects(account, deps)).toEqual({ letters: 2 });
    expect(ended).toHaveLength(1);
    const kept = [{ id: 'account-1:1:0', ...webhook }];
    expect((await storage.accounts.findById(account.id))?.effects).toEqual(kept);
    const failures: unknown[] = [];
    const onFailure = (error: unknown) => failures.push(error);
    expect(await sweepEffects({ ...deps, accounts: storage.accounts, onFailure })).toEqual({ letters: 0 });
    expect(failures).toEqual([]);
    expect(await storage.accounts.findById(account.id)).toMatchObject({ effects: kept, revision: 2 });
  });

  test('keeps no other account waiting, however many there are', async () => {
    storage = await openTestStorage({ now });
    for (let each = 0; each < 130; each += 1) {
      const person = anAccount({ id: `id-${String(each).padStart(3, '0')}`, userNumbers: [`r${each}`], emails: [] });
      await storage.accounts.insert(
        withEffects(person, [each < 120 ? webhook : { kind: 'letter', letter: aLetter('invitation') }]),
      );
    }
    expect(await sweepEffects({ ...depsOn(storage).deps, ...ignore, accounts: storage.accounts })).toEqual({
      letters: 10,
    });
    expect(await storage.accounts.withEffects(200)).toHaveLength(120);
  });

  test('gives way to people between two pages, keeps its lease meanwhile, and ends where another node has it', async () => {
    storage = await openTestStorage({ now });
    for (let each = 0; each < 450; each += 1)
      await storage.accounts.insert(withEffects(numbered(each), [{ kind: 'letter', letter: aLetter('invitation') }]));
    const node = (holder: string, busy: boolean) =>
      createEffectDispatch(
        { ...depsOn(storage).deps, storage, organisations: [], holder, now, log: keepLog(), busy: () => busy } as never,
        () => {},
      );
    /** Two pages. @returns ms from one to the other */
    async function twoPages(holder: string, busy: boolean, during = async () => {}): Promise<number> {
      const pages: number[] = [];
      const left = node(holder, busy).sweepLeased(() => pages.push(performance.now()) < 3);
      await eventually(() => pages.length > 1);
      await during();
      expect(await left).toBe(200);
      return (pages[2] ?? 0) - (pages[1] ?? 0);
    }
    const quiet = await twoPages('one', false);
    const busy = await twoPages('one', true, async () => {
      expect(await storage.leases.acquire('effects', 'another', now() + 1, now())).toBeUndefined();
    });
    expect(busy).toBeGreaterThan(3 * quiet); // ten times as long
    expect(await node('another', false).sweepLeased(() => true)).toBe(0);
    await storage.leases.release('effects', 'one');
    expect(await node('another', false).sweepLeased(() => true)).toBe(50);
  });

  test('members unknown here survive every change that this version makes beside them', async () => {
    const later = { colour: 'green' };
    const totp = { id: 't', name: 'Phone', sealedSeed: 's1.x', createdAt: 1, lastStep: 1, ...later };
    const ticket = {
      id: 'x',
      purpose: 'first-factor',
      codeMac: 'x',
      createdAt: 1,
      expiresAt: 9_000,
      tries: 0,
      ...later,
    };
    const account = await withAccount(effects, {
      activatedAt: 1,
      password: { hash: 'old', setAt: 1 },
      totps: [totp],
      tickets: [ticket],
      feeds: [{ source: 'csv', key: 'p1', fields: {}, ...later }],
      endsAt: DAY,
      endings: [{ endsAt: DAY, ...later }],
      ...later,
    } as Partial<Account>);
    const about = { organisations, now: 2_000 };
    const sealer = sealerUnder('a sealing secret of at least 32 characters');
    const statement = { key: 'p1', lines: [2], complete: true, numbers: ['r0011111'], mainNumber: 'r0011111' };
    const context = {
      ...about,
      source: csvSource,
      defaultLanguage: 'nl' as const,
      sealer,
      randomBytes,
      invitationSeconds: 1,
    };
    const rules: ((read: Account) => Decision<unknown>)[] = [
      (read) => ({ outcome: undefined, account: withTotpStep(read, 't', 5, 2_000) as Account }),
      (read) => renameFactor(read, 't', 'Telephone', about),
      (read) => matchCode(read, 'first-factor', 'WRONG', sealer, 2_000),
      (read) => changePassword(read, { verifiedHash: 'old', newHash: 'new' }, about),
      (read) => applyStatement(read, { ...statement, values: { given_name: 'Anna' }, affiliations: [] }, context),
      (read) => warnOfEnd(read, [14], about),
      (read) => carryOutEnd(read, { ...about, now: DAY }),
    ];
    for (const rule of rules) {
      const { changed } = await updateAccount(storage.accounts, account.id, rule);
      expect([rule.toString(), changed]).toEqual([rule.toString(), true]);
      await dispatchEffects((await storage.accounts.findById(account.id)) as Account, depsOn(storage).deps);
    }
    const stored = await storage.accounts.findById(account.id);
    expect(stored).toMatchObject({
      ...later,
      totps: [later],
      tickets: [later],
      feeds: [later],
      endings: [later],
      effects: [],
    });
  });
});

describe('the sweep', () => {
  test('dispatches what hundreds of accounts have left over, page by page', async () => {
    storage = await openTestStorage({ now });
    for (let each = 0; each < 250; each += 1) {
      const person = anAccount({ id: `id-${each}`, userNumbers: [`r${each}`], emails: [] });
      await storage.accounts.insert(withEffects(person, [{ kind: 'letter', letter: aLetter('invitation') }]));
    }
    const { deps } = depsOn(storage);
    expect(await sweepEffects({ ...deps, ...ignore, accounts: storage.accounts })).toEqual({ letters: 250 });
    expect(await letters()).toHaveLength(250);
    expect(await storage.accounts.withEffects(10)).toEqual([]);
  });

  test('continues past accounts that fail, however many there are', async () => {
    storage = await openTestStorage({ now });
    for (let each = 0; each < 150; each += 1) {
      const person = anAccount({ id: `id-${String(each).padStart(3, '0')}`, userNumbers: [`r${each}`], emails: [] });
      const failing = each < 120;
      await storage.accounts.insert(
        withEffects(person, [
          failing ? { kind: 'end-sessions', reason: 'ended' } : { kind: 'letter', letter: aLetter('invitation') },
        ]),
      );
    }
    const { deps } = depsOn(storage);
    const failures: string[] = [];
    const result = await sweepEffects({
      ...deps,
      accounts: storage.accounts,
      endSessions: () => Promise.reject(new Error('not now')),
      onFailure: (_, accountId) => failures.push(accountId),
    });
    expect(result).toEqual({ letters: 30 });
    expect(failures).toHaveLength(120);
  });
});

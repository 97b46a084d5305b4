import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { generateSync } from 'otplib';
import type { Account, EffectInput } from '../../src/domain/account/account.ts';
import { updateAccount } from '../../src/domain/account/update-account.ts';
import {
  addFactor,
  beginEnrolment,
  chooseAgain,
  choosePasskey,
  chooseTotp,
  enrolmentStep,
  isEnrolmentAlive,
  openRecoveryCodes,
  proofOfSession,
  proveTotp,
  sealedRecoveryCodes,
  seedOf,
} from '../../src/domain/factors/enrolment.ts';
import { factorName, factorsOf, renameFactor, renewRecoveryCodes } from '../../src/domain/factors/factor.ts';
import { mailFactorCode, maskedAddress, typeFactorCode } from '../../src/domain/factors/first-factor.ts';
import type { EnrolmentProof, PendingEnrolment } from '../../src/domain/factors/pending-enrolment.ts';
import { matchRecoveryCode } from '../../src/domain/factors/recovery-code.ts';
import { removeFactor } from '../../src/domain/factors/remove-factor.ts';
import { changePassword } from '../../src/domain/passwords/change-password.ts';
import { newTicket, withTicket } from '../../src/domain/tickets/ticket.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';
import { openTestStorage } from '../support/storage.ts';

const sealer = sealerUnder('a secret of more than thirty-two characters');
const now = Date.UTC(2026, 8, 21, 9);
const about = { organisations, now, network: '192.0.2.1', sessionUid: 'this-session' };

/** Active since last month, without a factor; at the alumni office, where one is only offered. */
const alumna = (change: Partial<Account> = {}) =>
  anAccount({
    activatedAt: now - 30 * 86_400_000,
    affiliations: [{ organisation: 'alum', role: 'alumnus', source: 'csv' }],
    password: { hash: 'plain$old', setAt: 0 },
    ...change,
  });
const student = (change: Partial<Account> = {}) =>
  alumna({ affiliations: [{ organisation: 'vives', role: 'student', source: 'csv' }], ...change });
const totp = (id: string) => ({ id, name: id, sealedSeed: 's', lastStep: 0, createdAt: now });
const passkey = (id: string) => ({
  id,
  name: id,
  credentialId: `credential-${id}`,
  publicKey: 'k',
  signCount: 0,
  transports: ['usb'],
  keyType: 'hwk' as const,
  createdAt: now,
});
const begun = (account: Account, proof: EnrolmentProof | undefined, at = now) =>
  chooseTotp(account, beginEnrolment(account, proof, at), sealer, randomBytes);
const codeOf = (account: Account, pending: PendingEnrolment, at = now) =>
  generateSync({ secret: seedOf(account, pending, sealer), epoch: Math.floor(at / 1000) });
const add = (account: Account, pending: PendingEnrolment, factor = totp(pending.factorId ?? '')) =>
  addFactor(account, { kind: 'totp', factor }, pending, sealedRecoveryCodes(account, sealer, now, randomBytes), about);
const made = (account: Account) =>
  newTicket(
    { purpose: 'first-factor', accountId: account.id, lifetimeSeconds: 3600, withCode: true },
    sealer,
    now,
    randomBytes,
  );
const lettersOf = (effects: EffectInput[] = []) =>
  effects.flatMap((effect) => (effect.kind === 'letter' ? [`${effect.letter.template} ${effect.letter.to}`] : []));

describe('the steps of an enrolment', () => {
  test('follow from what is kept: a mailed code first where nothing entitles yet', () => {
    const start = beginEnrolment(alumna(), undefined, now);
    expect(enrolmentStep(start)).toBe('send-code');
    expect(enrolmentStep({ ...start, codeSentTo: 'a•••@example.org' })).toBe('verify');
    const entitled: PendingEnrolment = { ...start, proof: 'mailed-code' };
    expect(enrolmentStep(entitled)).toBe('choose');
    const app = chooseTotp(alumna(), entitled, sealer, randomBytes);
    expect(enrolmentStep(app)).toBe('totp');
    expect(enrolmentStep(choosePasskey(app, randomBytes))).toBe('passkey');
    expect(enrolmentStep(chooseAgain(app))).toBe('choose');
    expect(enrolmentStep({ ...entitled, sealedCodes: 'x' })).toBe('codes');
  });

  test('returning to the page shows the same key, so that a scanned code still works', () => {
    const app = begun(alumna(), 'mailed-code');
    expect(chooseTotp(alumna(), chooseAgain(app), sealer, randomBytes).sealedSeed).toBe(app.sealedSeed);
  });

  test('the seed is kept sealed (rule 25)', () => {
    const pending = begun(alumna(), 'mailed-code');
    expect(JSON.stringify(pending)).not.toContain(seedOf(alumna(), pending, sealer));
  });

  test('a code of the application proves it, and that code cannot be used again to sign in (rule 4)', () => {
    const account = alumna();
    const pending = begun(account, 'mailed-code');
    const code = codeOf(account, pending);
    const factor = proveTotp(account, pending, ` ${code.slice(0, 3)} ${code.slice(3)}`, 'App', sealer, now);
    expect(factor?.lastStep).toBe(Math.floor(now / 30_000));
    expect(proveTotp(account, pending, '000000', 'App', sealer, now)).toBeUndefined();
  });

  test('ends after an hour, and as soon as the epoch rises', () => {
    const pending = begun(alumna(), 'mailed-code');
    expect(isEnrolmentAlive(alumna(), pending, now + 3_599_000)).toBe(true);
    expect(isEnrolmentAlive(alumna(), pending, now + 3_600_000)).toBe(false);
    expect(isEnrolmentAlive(alumna({ credentialsEpoch: 2 }), pending, now)).toBe(false);
    expect(isEnrolmentAlive(alumna({ id: 'somebody else' }), pending, now)).toBe(false);
    const late = beginEnrolment(alumna(), 'activation-session', now - 3_600_000);
    for (const [account, kept] of [
      [alumna({ credentialsEpoch: 2 }), begun(alumna(), 'activation-session')],
      [alumna(), late],
    ] as const) {
      expect(add(account, kept).outcome).toEqual({ kind: 'refused', reason: 'proof-needed' });
    }
  });
});

describe('rule 7: what entitles to a factor', () => {
  const seconds = Math.floor(now / 1000);
  const opened = alumna({ activatedAt: now - 60_000 });

  test('the session that the activation opened, for an hour after it, and no other of the same second', () => {
    const by = (session: { authTime: number; activatedAt?: number }, at = now) =>
      proofOfSession(opened, { ...session, multiFactor: false }, at);
    const activatedAt = now - 60_000;
    expect(by({ authTime: seconds - 60, activatedAt })).toBe('activation-session');
    expect(by({ authTime: seconds - 60 })).toBeUndefined();
    expect(by({ authTime: seconds - 60, activatedAt: activatedAt + 1 })).toBeUndefined();
    expect(by({ authTime: seconds - 60, activatedAt }, activatedAt + 3_600_000)).toBe('activation-session');
    // signing in once more does not make it younger
    expect(by({ authTime: seconds + 3600, activatedAt }, activatedAt + 3_600_001)).toBeUndefined();
  });

  test('a session that carries an activation entitles to nothing where the account is not active', () => {
    const session = { authTime: seconds, multiFactor: false, activatedAt: now };
    const { activatedAt: _, ...never } = opened;
    expect(proofOfSession(never, session, now)).toBeUndefined();
    expect(proofOfSession(never, { authTime: seconds, multiFactor: false }, now)).toBeUndefined();
  });

  test('where there is a factor, only a session that proved one in the last ten minutes', () => {
    const account = alumna({ activatedAt: now - 60_000, totps: [totp('t1')] });
    const by = (authTime: number, multiFactor: boolean) => proofOfSession(account, { authTime, multiFactor }, now);
    expect(by(seconds - 60, false)).toBeUndefined();
    expect(by(seconds - 60, true)).toBe('existing-factor');
    expect(by(seconds - 601, true)).toBeUndefined();
  });

  test('the first factor of an active account is refused without a proof, and an activation counts in its own write only', () => {
    for (const proof of [undefined, 'activation', 'existing-factor'] as const) {
      const { outcome, account } = add(alumna(), begun(alumna(), proof));
      expect(outcome).toEqual({ kind: 'refused', reason: 'proof-needed' });
      expect(account).toBeUndefined();
    }
  });

  test('a further factor is refused to a mailed code and to the session of an activation', () => {
    const account = alumna({ totps: [totp('t1')] });
    for (const proof of ['mailed-code', 'activation-session'] as const) {
      expect(add(account, begun(account, proof)).outcome).toEqual({ kind: 'refused', reason: 'proof-needed' });
    }
    // nor to a code that was mailed, typed and is still good when another tab has added a factor
    const made = newTicket(
      { purpose: 'first-factor', accountId: account.id, lifetimeSeconds: 3600, withCode: true },
      sealer,
      now,
      randomBytes,
    );
    const proven = { ...begun(account, 'mailed-code'), ticketId: made.ticket.id };
    expect(add(withTicket(account, made.ticket, now), proven).outcome).toMatchObject({ reason: 'proof-needed' });
    expect(add(withTicket(alumna(), made.ticket, now), proven).outcome.kind).toBe('added');
    expect(add(account, begun(account, 'existing-factor')).outcome).toEqual({ kind: 'added', codesStored: true });
  });

  test('the code is mailed to the personal address, sealed in the letter, and the page names that address only in part', () => {
    const { outcome, effects = [] } = mailFactorCode(alumna(), made(alumna()), sealer, about);
    expect(outcome).toEqual({ kind: 'sent', to: 'a•••@example.org' });
    expect(lettersOf(effects)).toEqual(['factor-code annelies@example.org']);
    const [letter] = effects.flatMap((effect) => (effect.kind === 'letter' ? [effect.letter] : []));
    expect(JSON.parse(sealer.open(letter?.sealedSecret ?? '', 'account-1', 'letter')).code).toMatch(/^\w{4}-\w{4}$/);
    expect(letter?.expiresAt).toBe(now + 3_600_000);
    expect(maskedAddress('é@x.be')).toBe('é•••@x.be');
  });

  test('at most ten emails an hour, of which strangers can cause five; none without an address', () => {
    let account = alumna({ mailedAt: Array(5).fill(now) });
    for (let count = 0; count < 5; count += 1) {
      const ruling = mailFactorCode(account, made(account), sealer, about);
      account = ruling.account ?? account;
    }
    expect(mailFactorCode(account, made(account), sealer, about).outcome).toEqual({ kind: 'too-many' });
    expect(mailFactorCode(account, made(account), sealer, { ...about, now: now + 3_600_001 }).outcome.kind).toBe(
      'sent',
    );
    const { personalEmail: _, ...nowhere } = alumna({ emails: [] });
    expect(mailFactorCode(nowhere, made(nowhere), sealer, about).outcome).toEqual({ kind: 'no-address' });
  });

  test('the mailed code entitles once: the write that adds the factor spends it', () => {
    const ticket = made(alumna());
    const mailed = mailFactorCode(alumna(), ticket, sealer, about).account ?? alumna();
    const start = beginEnrolment(mailed, undefined, now);
    expect(typeFactorCode(mailed, start, 'WRONG222', sealer, now).outcome.kind).toBe('wrong');
    const { outcome } = typeFactorCode(mailed, start, ticket.code ?? '', sealer, now);
    if (outcome.kind !== 'matched') throw new Error(outcome.kind);
    const pending = chooseTotp(mailed, outcome.pending, sealer, randomBytes);
    const { account, outcome: added } = add(mailed, pending);
    expect(added).toEqual({ kind: 'added', codesStored: true });
    expect(account?.tickets).toEqual([]);
    // and with the factor taken away again, what was kept of that enrolment opens nothing any more
    const bare = removeFactor(account ?? mailed, pending.factorId ?? '', about).account ?? mailed;
    expect(add({ ...bare, credentialsEpoch: 1 }, { ...pending, factorId: 'again' }).outcome).toEqual({
      kind: 'refused',
      reason: 'proof-needed',
    });
  });
});

describe('adding a factor', () => {
  const session = (account: Account) => begun(account, 'activation-session');

  test('stores it with ten recovery codes, raises the epoch, ends the other sessions, tells both addresses', () => {
    const account = alumna();
    const pending = session(account);
    const codes = sealedRecoveryCodes(account, sealer, now, randomBytes);
    const ruling = addFactor(account, { kind: 'totp', factor: totp(pending.factorId ?? '') }, pending, codes, about);
    expect(ruling.account?.recoveryCodes?.macs).toHaveLength(10);
    expect(ruling.account?.credentialsEpoch).toBe(2);
    expect(ruling.effects).toContainEqual({
      kind: 'end-sessions',
      reason: 'a second factor was set up',
      olderThanEpoch: 2,
      exceptSessionUid: 'this-session',
    });
    expect(lettersOf(ruling.effects)).toEqual([
      'factor-added annelies@example.org',
      'factor-added annelies.peeters@student.vives.be',
    ]);
    const shown = openRecoveryCodes(account, codes.sealedCodes, sealer);
    expect(shown).toHaveLength(10);
    for (const code of shown) expect(matchRecoveryCode(ruling.account ?? account, code, sealer)).toBeDefined();
  });

  test('a further one leaves recovery codes, epoch and sessions as they are', () => {
    const account = alumna({ totps: [totp('t1')], recoveryCodes: { macs: ['m'], createdAt: 1 } });
    const { outcome, account: next, effects } = add(account, begun(account, 'existing-factor'));
    expect(outcome).toEqual({ kind: 'added', codesStored: false });
    expect(next?.recoveryCodes?.macs).toEqual(['m']);
    expect(next?.credentialsEpoch).toBe(1);
    expect(effects?.map(({ kind }) => kind)).not.toContain('end-sessions');
  });

  test('ten at most, and no passkey twice', () => {
    const full = alumna({ totps: Array.from({ length: 10 }, (_, index) => totp(`t${index}`)) });
    expect(add(full, begun(full, 'existing-factor')).outcome).toEqual({ kind: 'refused', reason: 'full' });
    const account = alumna({ passkeys: [passkey('p1')] });
    const pending = choosePasskey(beginEnrolment(account, 'existing-factor', now), randomBytes);
    const copy = { kind: 'passkey' as const, factor: { ...passkey('p1'), id: pending.factorId ?? '' } };
    const codes = sealedRecoveryCodes(account, sealer, now, randomBytes);
    expect(addFactor(account, copy, pending, codes, about).outcome).toEqual({ kind: 'refused', reason: 'taken' });
  });

  test('names are one line of 1 to 60 characters', () => {
    expect(factorName('  My\n key \u0000\u202e ')).toBe('My key');
    expect(factorName(' \t ')).toBeUndefined();
    expect([...(factorName('🔑'.repeat(70)) ?? '')]).toHaveLength(60);
    const account = alumna({ passkeys: [passkey('p1')], totps: [totp('t1')] });
    expect(renameFactor(account, 'p1', ' Sleutelbos ', about).account?.passkeys[0]?.name).toBe('Sleutelbos');
    expect(renameFactor(account, 'p1', '  ', about).outcome.kind).toBe('unnamed');
    expect(renameFactor(account, 'gone', 'x', about).outcome.kind).toBe('gone');
  });
});

describe('losing a factor', () => {
  test('raises the epoch, ends the other sessions and tells both addresses (rules 7, 12)', () => {
    const account = student({
      totps: [totp('t1')],
      passkeys: [passkey('p1')],
      recoveryCodes: { macs: ['m'], createdAt: 1 },
    });
    const { outcome, account: next, effects } = removeFactor(account, 'p1', about);
    expect(outcome).toEqual({ kind: 'removed', epoch: 2 });
    expect(next?.credentialsEpoch).toBe(2);
    expect(next?.recoveryCodes?.macs).toEqual(['m']);
    expect(effects).toContainEqual({
      kind: 'end-sessions',
      reason: 'a second factor was removed',
      olderThanEpoch: 2,
      exceptSessionUid: 'this-session',
    });
    expect(lettersOf(effects)).toEqual([
      'factor-removed annelies@example.org',
      'factor-removed annelies.peeters@student.vives.be',
    ]);
  });

  test('never the last one where one is required; where it is not, the recovery codes go with it', () => {
    const codes = { recoveryCodes: { macs: ['m'], createdAt: 1 } };
    const refused = removeFactor(student({ totps: [totp('t1')], ...codes }), 't1', about);
    expect(refused).toEqual({ outcome: { kind: 'required' } });
    const { account } = removeFactor(alumna({ totps: [totp('t1')], ...codes }), 't1', about);
    expect(account?.totps).toEqual([]);
    expect(account).not.toHaveProperty('recoveryCodes');
  });

  test('new recovery codes only where there is a factor', () => {
    const { stored } = sealedRecoveryCodes(alumna(), sealer, now, randomBytes);
    expect(renewRecoveryCodes(alumna(), stored, about).outcome.kind).toBe('no-factor');
    const { account } = renewRecoveryCodes(alumna({ totps: [totp('t1')] }), stored, about);
    expect(account?.recoveryCodes).toEqual(stored);
  });
});

describe('changing the password', () => {
  test('raises the epoch, ends the other sessions, spends open resets and tells both addresses', () => {
    const account = alumna({ tickets: [made(alumna()).ticket, { ...made(alumna()).ticket, purpose: 'reset' }] });
    const ruling = changePassword(account, { verifiedHash: 'plain$old', newHash: 'plain$new' }, about);
    expect(ruling.outcome).toEqual({ kind: 'changed', epoch: 2 });
    expect(ruling.account?.password).toEqual({ hash: 'plain$new', setAt: now });
    expect(ruling.account?.tickets.map(({ purpose }) => purpose)).toEqual(['first-factor']);
    expect(lettersOf(ruling.effects)).toHaveLength(2);
    expect(ruling.effects?.[0]).toMatchObject({ kind: 'end-sessions', exceptSessionUid: 'this-session' });
  });

  test('not when the password that was checked is no longer the one that is stored', () => {
    expect(changePassword(alumna(), { verifiedHash: 'plain$older', newHash: 'plain$new' }, about)).toEqual({
      outcome: { kind: 'stale' },
    });
  });
});

describe('20 at once, on the real storage', () => {
  async function stored(account: Account) {
    const { accounts, close } = await openTestStorage();
    await accounts.insert(account);
    return { accounts, close };
  }
  const twenty = <T>(one: (index: number) => Promise<T>) =>
    Promise.all(Array.from({ length: 20 }, (_, index) => one(index)));

  test('the same form sent 20 times adds one factor', async () => {
    const account = alumna();
    const { accounts, close } = await stored(account);
    const pending = begun(account, 'activation-session');
    const outcomes = await twenty(() => updateAccount(accounts, account.id, (read) => add(read, pending)));
    expect(outcomes.map(({ outcome }) => outcome.kind).sort()).toEqual([
      'added',
      ...Array.from({ length: 19 }, () => 'already-added'),
    ]);
    expect(factorsOf((await accounts.findById(account.id)) ?? account)).toHaveLength(1);
    await close();
  });

  test('of 20 tabs that enrol a first factor one wins, and the others must prove that one (rule 7)', async () => {
    const account = alumna();
    const { accounts, close } = await stored(account);
    const outcomes = await twenty(() => {
      const pending = begun(account, 'activation-session');
      return updateAccount(accounts, account.id, (read) => add(read, pending));
    });
    const kinds = outcomes.map(({ outcome }) => (outcome.kind === 'refused' ? outcome.reason : outcome.kind)).sort();
    expect(kinds).toEqual(['added', ...Array.from({ length: 19 }, () => 'proof-needed')]);
    const after = await accounts.findById(account.id);
    expect(after?.totps).toHaveLength(1);
    expect(after?.effects.filter(({ kind }) => kind === 'letter')).toHaveLength(2);
    await close();
  });

  test('the last two factors, removed from two tabs at once: one stays where one is required', async () => {
    const account = student({ totps: [totp('t1')], passkeys: [passkey('p1')] });
    const { accounts, close } = await stored(account);
    const outcomes = await twenty((index) =>
      updateAccount(accounts, account.id, (read) => removeFactor(read, index % 2 === 0 ? 't1' : 'p1', about)),
    );
    const kinds = outcomes.map(({ outcome }) => outcome.kind);
    expect(kinds.filter((kind) => kind === 'removed')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'required')).toHaveLength(10);
    const after = await accounts.findById(account.id);
    expect(factorsOf(after ?? account)).toHaveLength(1);
    expect(after?.credentialsEpoch).toBe(2);
    await close();
  });

  test('of 20 changes of one password one wins', async () => {
    const account = alumna();
    const { accounts, close } = await stored(account);
    const outcomes = await twenty((index) =>
      updateAccount(accounts, account.id, (read) =>
        changePassword(read, { verifiedHash: 'plain$old', newHash: `plain$new${index}` }, about),
      ),
    );
    expect(outcomes.filter(({ outcome }) => outcome.kind === 'changed')).toHaveLength(1);
    await close();
  });
});

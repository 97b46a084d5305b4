import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Account, Effect, EffectInput } from '../../src/domain/account/account.ts';
import type { Organisation } from '../../src/domain/account/organisation.ts';
import {
  activate,
  activationStage,
  askForCode,
  keepEnrolment,
  keepPassword,
  stateOfNumber,
  tryActivationCode,
} from '../../src/domain/activation/activation.ts';
import { chooseTotp } from '../../src/domain/factors/enrolment.ts';
import { newTicket, withTicket } from '../../src/domain/tickets/ticket.ts';
import { anAccount } from '../support/account.ts';
import { localized } from '../support/localized.ts';
import { sealerUnder } from '../support/sealer.ts';

const sealer = sealerUnder('a secret of more than thirty-two characters');
const now = 1_793_404_800_000;
const HOUR = 3_600_000;
const organisation = (id: string, change: Partial<Organisation> = {}): Organisation => ({
  id,
  name: localized(id),
  domains: [`${id}.be`],
  contacts: [],
  colour: '#1d4f91',
  secondFactor: 'offered',
  activation: 'code',
  access: { default: { discontinued: 'P7D' } },
  ...change,
});
const organisations = [organisation('alum'), organisation('vives', { secondFactor: 'required', activation: 'link' })];
const about = (at = now) => ({ organisations, now: at, network: '192.0.2.7' });

const alumna = (change: Partial<Account> = {}) =>
  anAccount({
    id: 'a1',
    userNumbers: ['q0123456'],
    emails: [],
    personalEmail: 'An.Peeters@Example.org',
    affiliations: [{ organisation: 'alum', role: 'alumnus', source: 'csv' }],
    ...change,
  });
const student = (change: Partial<Account> = {}) => anAccount({ id: 'a1', ...change });

const made = (lifetimeSeconds = 172_800) =>
  newTicket({ purpose: 'activation', accountId: 'a1', lifetimeSeconds, withCode: true }, sealer, now, randomBytes);
const preparedOf = ({ ticket, token, code }: ReturnType<typeof made>) => ({
  ticket,
  sealedSecret: sealer.seal(JSON.stringify({ link: `/activate?ticket=${token}`, code }), 'a1', 'letter'),
});
const lettersOf = (effects: (EffectInput | Effect)[] = []) =>
  effects.flatMap((effect) => (effect.kind === 'letter' ? [effect.letter] : []));
const actionsOf = (effects: EffectInput[] = []) =>
  effects.flatMap((effect) => (effect.kind === 'audit' ? [effect.entry.action] : []));

describe('journey A.2: the number decides the next page', () => {
  test('not active, a code under way for 48 hours, active', () => {
    expect(stateOfNumber(alumna(), now)).toBe('email');
    const asked = alumna({ codeMayBeUnderWayUntil: now + 48 * HOUR });
    expect(stateOfNumber(asked, now + 47 * HOUR)).toBe('code');
    expect(stateOfNumber(asked, now + 48 * HOUR)).toBe('email');
    expect(stateOfNumber(alumna({ activatedAt: 1 }), now)).toBe('active');
  });
});

describe('rule 1: asking for a code', () => {
  test('with the address on file (in any case) one letter goes out with code and link, to that address', () => {
    const ticket = made();
    const { outcome, account, effects } = askForCode(
      alumna(),
      { number: 'q0123456', email: ' an.peeters@example.ORG ', prepared: preparedOf(ticket) },
      about(),
    );
    expect(outcome.kind).toBe('mailed');
    const [letter, ...more] = lettersOf(effects);
    expect(more).toEqual([]);
    expect(letter).toMatchObject({
      template: 'activation-code',
      to: 'An.Peeters@Example.org',
      organisation: 'alum',
      data: { number: 'q0123456' },
      expiresAt: now + 48 * HOUR,
    });
    expect(JSON.parse(sealer.open(letter?.sealedSecret ?? '', 'a1', 'letter'))).toEqual({
      link: `/activate?ticket=${ticket.token}`,
      code: ticket.code,
    });
    expect(account?.tickets).toEqual([{ ...ticket.ticket, sentTo: 'An.Peeters@Example.org' }]);
    expect(account?.mailedAt).toEqual([now]);
    expect(JSON.stringify({ account, effects })).not.toContain(ticket.token);
  });

  test('with any other address nothing is mailed, and the number says the same as with the right one', () => {
    const right = askForCode(
      alumna(),
      { number: 'q0123456', email: 'an.peeters@example.org', prepared: preparedOf(made()) },
      about(),
    );
    const wrong = askForCode(
      alumna(),
      { number: 'q0123456', email: 'guess@example.org', prepared: preparedOf(made()) },
      about(),
    );
    expect(wrong.outcome.kind).toBe('not-on-file');
    expect(lettersOf(wrong.effects)).toEqual([]);
    for (const { account } of [right, wrong]) {
      expect(account?.codeMayBeUnderWayUntil).toBe(now + 48 * HOUR);
      expect(account === undefined ? '' : stateOfNumber(account, now)).toBe('code');
    }
  });

  test('asked for by address instead of number, the page of the number does not change: it would confirm the address', () => {
    const { outcome, account } = askForCode(alumna(), { prepared: preparedOf(made()) }, about());
    expect(outcome.kind).toBe('mailed');
    expect(account === undefined ? '' : stateOfNumber(account, now)).toBe('email');
  });

  test('five letters an hour to one person, however many networks ask; the sixth moves the number all the same', () => {
    let account = alumna();
    const ask = (at: number) =>
      askForCode(
        account,
        { number: 'q0123456', email: 'an.peeters@example.org', prepared: preparedOf(made()) },
        about(at),
      );
    for (let n = 0; n < 5; n += 1) account = ask(now + n).account ?? account;
    const sixth = ask(now + 10);
    expect(sixth.outcome.kind).toBe('enough-mailed');
    expect(lettersOf(sixth.effects)).toEqual([]);
    expect(sixth.account?.codeMayBeUnderWayUntil).toBe(now + 10 + 48 * HOUR);
    expect(ask(now + HOUR + 10).outcome.kind).toBe('mailed');
  });

  test('an active account hears that it is active; an ended one hears nothing', () => {
    const asked = { number: 'q0123456', email: 'an.peeters@example.org', prepared: preparedOf(made()) };
    const active = askForCode(alumna({ activatedAt: 1 }), asked, about());
    expect(lettersOf(active.effects).map(({ template }) => template)).toEqual(['already-active']);
    expect(active.account?.tickets).toEqual([]);
    const ended = askForCode(alumna({ endsAt: now }), asked, about());
    expect(ended.outcome.kind).toBe('ended');
    expect(ended.effects ?? []).toEqual([]);
    // its number says what any other says
    expect(ended.account?.codeMayBeUnderWayUntil).toBe(now + 48 * HOUR);
  });

  test('what waits in a ticket stays with the address it was sent to', () => {
    const waiting = { passwordHash: 'hash', since: now };
    const old = { ...made().ticket, sentTo: 'old@example.org', pending: waiting };
    const same = { ...old, sentTo: 'An.Peeters@Example.org' };
    const ask = (ticket: typeof old) =>
      askForCode(alumna({ tickets: [ticket] }), { number: 'q0123456', prepared: preparedOf(made()) }, about()).account;
    expect(ask(old)?.tickets.map(({ pending }) => pending)).toEqual([undefined]);
    // in the link that is open, and in the new one
    expect(ask(same)?.tickets.map(({ pending }) => pending)).toEqual([waiting, waiting]);
  });
});

describe('rule 4: typing the code', () => {
  test('the right one names its ticket and spends nothing', () => {
    const { ticket, code = '' } = made();
    const account = withTicket(alumna(), ticket, now);
    const ruling = tryActivationCode(account, ` ${code.toLowerCase()} `, sealer, now);
    expect(ruling).toEqual({ outcome: { kind: 'matched', ticketId: ticket.id } });
  });

  test('wrong, never sent, expired, ended and used up are one answer', () => {
    const { ticket, code = '' } = made();
    const account = withTicket(alumna(), ticket, now);
    const exhausted = { ...account, tickets: [{ ...ticket, tries: 10 }] };
    const answers = [
      tryActivationCode(account, 'WRNG-CDE2', sealer, now),
      tryActivationCode(alumna(), code, sealer, now),
      tryActivationCode(account, code, sealer, ticket.expiresAt),
      tryActivationCode({ ...account, endsAt: now }, code, sealer, now),
      tryActivationCode(exhausted, code, sealer, now),
    ];
    expect(answers.map(({ outcome }) => outcome.kind)).toEqual(answers.map(() => 'refused'));
    // the trace knows which (rule 31)
    const because = ['wrong', 'expired', 'expired', 'ended', 'exhausted'];
    expect(answers.map(({ outcome }) => outcome)).toMatchObject(because.map((each) => ({ because: each })));
  });
});

describe('rule 6: where a factor is required, activation is one act', () => {
  const { ticket } = made();
  const start = withTicket(student(), ticket, now);
  const kept = keepPassword(start, ticket.id, 'hash-1', about()).account ?? start;
  const pendingOf = (account: Account) => {
    const stage = activationStage(account, ticket.id, about());
    if (stage.kind !== 'factor') throw new Error(stage.kind);
    return stage.enrolment;
  };
  const chosen = chooseTotp(kept, pendingOf(kept), sealer, randomBytes);
  const ready = keepEnrolment(kept, ticket.id, chosen, about()).account ?? kept;
  const totp = (change: object = {}) => ({
    kind: 'totp' as const,
    factor: {
      id: chosen.factorId ?? '',
      name: 'app',
      sealedSeed: chosen.sealedSeed ?? '',
      lastStep: 7,
      createdAt: now,
      ...change,
    },
  });
  const recoveryCodes = { macs: ['m1'], createdAt: now };

  test('the password waits in the ticket: nothing opens, and the same ticket leads to the factor in that browser alone', () => {
    expect(kept.password).toBeUndefined();
    expect(kept.activatedAt).toBeUndefined();
    expect(activationStage(kept, ticket.id, about()).kind).toBe('factor');
    expect(activationStage(kept, ticket.id, about(now + 40 * HOUR)).kind).toBe('factor');
    const elsewhere = { kind: 'password', secondFactorRequired: true, elsewhere: true };
    expect(activationStage(kept, ticket.id, { ...about(), browser: 'another' })).toEqual(elsewhere);
    expect(activationStage(kept, ticket.id, about(ticket.expiresAt)).kind).toBe('expired');
  });

  test('choosing another password keeps the seed that may be in the telephone already', () => {
    const again = keepPassword(ready, ticket.id, 'hash-2', about()).account ?? ready;
    expect(pendingOf(again).sealedSeed).toBe(chosen.sealedSeed);
    expect(again.tickets[0]?.pending?.passwordHash).toBe('hash-2');
  });

  test('a password alone never activates', () => {
    expect(activate(start, ticket.id, { passwordHash: 'hash' }, about())).toEqual({ outcome: { kind: 'factor-owed' } });
    expect(activate(ready, ticket.id, { passwordHash: 'hash' }, about())).toEqual({ outcome: { kind: 'factor-owed' } });
  });

  test('the final act is one write: ticket spent, password set, factor and recovery codes in, active', () => {
    const { outcome, account, effects } = activate(ready, ticket.id, { factor: totp(), recoveryCodes }, about());
    expect(account?.evidence).toMatchObject([{ source: 'pedel', level: 'second-factor' }]);
    expect(account?.provenAddresses).toEqual([ready.tickets.find(({ id }) => id === ticket.id)?.sentTo]);
    expect(outcome).toEqual({ kind: 'activated' });
    expect(account).toMatchObject({
      activatedAt: now,
      password: { hash: 'hash-1', setAt: now },
      totps: [{ id: chosen.factorId, lastStep: 7 }],
      recoveryCodes,
      tickets: [],
      credentialsEpoch: 1,
    });
    expect(lettersOf(effects).map(({ template, to }) => [template, to])).toEqual([
      ['factor-added', 'annelies@example.org'],
      ['factor-added', 'annelies.peeters@student.vives.be'],
    ]);
    expect(actionsOf(effects)).toEqual(['account.activated', 'factor.added']);
  });

  test('a factor proven against a seed that no longer waits there is not taken', () => {
    const other = activate(ready, ticket.id, { factor: totp({ sealedSeed: 'other' }), recoveryCodes }, about());
    expect(other).toEqual({ outcome: { kind: 'factor-owed' } });
    const stranger = activate(ready, ticket.id, { factor: totp({ id: 'other' }), recoveryCodes }, about());
    expect(stranger).toEqual({ outcome: { kind: 'factor-owed' } });
  });

  test('a factor without a waiting password activates nothing', () => {
    const ruling = activate(start, ticket.id, { factor: totp(), recoveryCodes }, about());
    expect(ruling).toEqual({ outcome: { kind: 'password-owed' } });
  });

  test('a second activation finds the account active, and an ended account says so', () => {
    const won = activate(ready, ticket.id, { factor: totp(), recoveryCodes }, about()).account ?? ready;
    expect(activate(won, ticket.id, { factor: totp(), recoveryCodes }, about()).outcome.kind).toBe('already-active');
    expect(keepPassword(won, ticket.id, 'hash-3', about())).toEqual({ outcome: { kind: 'already-active' } });
    expect(activationStage({ ...ready, endsAt: now }, ticket.id, about()).kind).toBe('ended');
  });
});

describe('where a factor is only offered', () => {
  test('setting the password activates, and the number no longer says that a code is under way', () => {
    const { ticket } = made();
    const account = withTicket(alumna({ codeMayBeUnderWayUntil: now + HOUR }), ticket, now);
    expect(activationStage(account, ticket.id, about())).toEqual({ kind: 'password', secondFactorRequired: false });
    const { outcome, account: next } = activate(account, ticket.id, { passwordHash: 'hash' }, about());
    expect(next?.provenAddresses).toEqual(account.tickets.flatMap(({ sentTo }) => sentTo ?? []));
    expect(outcome.kind).toBe('activated');
    expect(next).toMatchObject({ activatedAt: now, password: { hash: 'hash' }, tickets: [] });
    expect(next).not.toHaveProperty('codeMayBeUnderWayUntil');
  });
});

describe('rule 8: an account that has been active', () => {
  test('is not activated again by any activation ticket or code that may be left', () => {
    const { ticket, code = '' } = made();
    const account = withTicket(alumna({ activatedAt: 1, password: { hash: 'old', setAt: 1 } }), ticket, now);
    expect(tryActivationCode(account, code, sealer, now).outcome.kind).toBe('already-active');
    expect(activate(account, ticket.id, { passwordHash: 'new' }, about())).toEqual({
      outcome: { kind: 'already-active' },
    });
  });
});

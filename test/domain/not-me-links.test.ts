/** The link of "this was not me" in the emails that ask "was this you?". */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Account, Decision, EffectInput } from '../../src/domain/account/account.ts';
import { disown } from '../../src/domain/account/disown.ts';
import { MOST_OF_AN_ACT, withNotMeLink } from '../../src/domain/account/not-me-links.ts';
import { renewRecoveryCodes } from '../../src/domain/factors/factor.ts';
import { mailFactorCode } from '../../src/domain/factors/first-factor.ts';
import { changePassword } from '../../src/domain/passwords/change-password.ts';
import { tellPasswordGuessed } from '../../src/domain/sign-in/sign-in.ts';
import { NOT_ME_SECONDS, newTicket, ticketId } from '../../src/domain/tickets/ticket.ts';
import type { Ticket } from '../../src/domain/tickets/ticket-record.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';

const now = Date.UTC(2026, 8, 21);
const context = { organisations, now, network: '10.0.0.1' };
const sealer = sealerUnder('a secret of more than thirty-two characters');
const active = (change: Partial<Account> = {}) =>
  anAccount({
    activatedAt: 1,
    password: { hash: 'old', setAt: 1 },
    totps: [{ id: 't', name: 'Phone', sealedSeed: 's', lastStep: 0, createdAt: 1 }],
    ...change,
  });
const linked = <Outcome>(before: Account, decision: Decision<Outcome>, at = now) =>
  withNotMeLink(before, decision, { sealer, now: () => at, randomBytes });
const secretsOf = ({ effects = [] }: Decision<unknown>, owner = active().id) =>
  effects.flatMap((effect: EffectInput) =>
    effect.kind === 'letter' && effect.letter.sealedSecret !== undefined
      ? [JSON.parse(sealer.open(effect.letter.sealedSecret, owner, 'letter'))]
      : [],
  );
const tokenOf = (path = '') => path.replace('/not-me?ticket=', '');
const changed = (account = active()) => changePassword(account, { verifiedHash: 'old', newHash: 'new' }, context);
const renewed = (account: Account, at = now) =>
  linked(account, renewRecoveryCodes(account, { macs: [], createdAt: at }, { ...context, now: at }), at);

describe('a notice', () => {
  test('to both addresses has one link, of which the account holds only the hash; the ticket says what was done, and when', () => {
    const { account, outcome, effects } = linked(active(), changed(), now + 7);
    const [one, other] = secretsOf({ outcome, ...(effects && { effects }) });
    expect(one).toEqual({ notMe: expect.stringMatching(/^\/not-me\?ticket=[\w-]{32}$/) });
    expect(other).toEqual(one);
    expect(account?.tickets).toEqual([
      {
        ...{ id: ticketId(tokenOf(one.notMe)), purpose: 'not-me', tries: 0 },
        ...{ createdAt: now + 7, expiresAt: now + 7 + NOT_ME_SECONDS * 1000 },
        tells: { action: 'password.changed', at: now },
      },
    ]);
    expect(JSON.stringify(account)).not.toContain(tokenOf(one.notMe));
    expect(account?.password?.hash).toBe('new');
  });

  test('with a code keeps it beside the link', () => {
    const made = newTicket(
      { purpose: 'first-factor', accountId: active().id, lifetimeSeconds: 3600, withCode: true },
      sealer,
      now,
      randomBytes,
    );
    const decision = linked(active(), mailFactorCode(active(), made, sealer, context));
    expect(secretsOf(decision)).toEqual([{ code: made.code, notMe: expect.any(String) }]);
    expect(decision.account?.tickets.map(({ purpose }) => purpose)).toEqual(['first-factor', 'not-me']);
  });

  test('with another link keeps that alone', () => {
    const undo = sealer.seal('{"link":"/account/email/undo?ticket=x"}', active().id, 'letter');
    const { effects = [] } = changed();
    const withUndo = effects.map((each) =>
      each.kind === 'letter' && each.letter.to === 'annelies@example.org'
        ? { ...each, letter: { ...each.letter, sealedSecret: undo } }
        : each,
    );
    expect(secretsOf(linked(active(), { ...changed(), effects: withUndo }))).toEqual([
      { link: '/account/email/undo?ticket=x' },
      { notMe: expect.any(String) },
    ]);
  });

  test('that asks nothing, or of a rule that writes nothing, stays as it is', () => {
    const guessed = tellPasswordGuessed(active(), context);
    expect(linked(active(), guessed)).toBe(guessed);
    const stale = changePassword(active(), { verifiedHash: 'other', newHash: 'new' }, context);
    expect(linked(active(), stale)).toBe(stale);
  });
});

describe('its link', () => {
  test('does what “this was not me” does, of the time of the act: what was made then goes', () => {
    const { account = active(), effects, outcome } = renewed(active(), now);
    const [{ notMe }] = secretsOf({ outcome, ...(effects && { effects }) });
    const id = ticketId(tokenOf(notMe));
    const ticket = account.tickets.find((each) => each.id === id) as Ticket;
    const by = { ticketId: id };
    const done = disown(account, ticket.tells ?? { action: '', at: 0 }, by, { ...context, now: now + 1000 });
    expect(done.account).toMatchObject({ credentialsEpoch: 2, passwordExpiredAt: now + 1000, tickets: [] });
    expect(done.account?.totps).toHaveLength(1);
    expect(done.account?.recoveryCodes).toBeUndefined();
    expect(disown(done.account ?? account, ticket.tells ?? { action: '', at: 0 }, by, context).outcome.kind).toBe(
      'gone',
    );
  });

  test('is one of five at most of a kind of act, so that whoever repeats one voids no link of another', () => {
    const signedIn = Array.from({ length: 20 }, (_, n) => ({
      ...{ id: `s${n}`, purpose: 'not-me' as const, createdAt: 1, expiresAt: now + 1e9, tries: 0, browser: `b${n}` },
    }));
    let account = linked(active({ tickets: signedIn }), changed(active({ tickets: signedIn }))).account ?? active();
    for (let n = 0; n < 9; n += 1) account = renewed(account, now + n).account ?? account;
    const told = account.tickets.filter(({ tells }) => tells !== undefined);
    expect(account.tickets.filter(({ browser }) => browser !== undefined)).toHaveLength(20);
    expect(told.filter(({ tells }) => tells?.action === 'password.changed')).toHaveLength(1);
    expect(
      told.filter(({ tells }) => tells?.action === 'recovery-codes.renewed').map(({ tells }) => tells?.at),
    ).toEqual(Array.from({ length: MOST_OF_AN_ACT }, (_, n) => now + 9 - MOST_OF_AN_ACT + n));
  });
});

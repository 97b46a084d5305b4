import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Account, EffectInput } from '../../src/domain/account/account.ts';
import { isNewBrowser } from '../../src/domain/account/browsers.ts';
import { stateOfNumber } from '../../src/domain/activation/activation.ts';
import { askForReset, proveFactor, resetPassword, resetStage } from '../../src/domain/passwords/reset.ts';
import { newTicket } from '../../src/domain/tickets/ticket.ts';
import { anAccount } from '../support/account.ts';
import { localized } from '../support/localized.ts';
import { sealerUnder } from '../support/sealer.ts';

const sealer = sealerUnder('a secret of more than thirty-two characters');
const now = 1_793_404_800_000;
const HOUR = 3_600_000;
const organisations = [
  {
    id: 'vives',
    name: localized('VIVES'),
    domains: ['vives.be'],
    contacts: [],
    colour: '#b00020',
    secondFactor: 'required' as const,
    activation: 'link' as const,
    access: { default: { discontinued: 'P7D' } },
  },
];
const about = (at = now) => ({ organisations, now: at, network: '192.0.2.7' });
const made = (purpose: 'reset' | 'activation' = 'reset', at = now) => {
  const lifetimeSeconds = purpose === 'reset' ? 3600 : 172_800;
  const { ticket, token, code } = newTicket(
    { purpose, accountId: 'a1', lifetimeSeconds, withCode: purpose === 'activation' },
    sealer,
    at,
    randomBytes,
  );
  return { ticket, token, sealedSecret: sealer.seal(JSON.stringify({ link: token, code }), 'a1', 'letter') };
};
const active = (change: Partial<Account> = {}) =>
  anAccount({ id: 'a1', activatedAt: 1, password: { hash: 'old', setAt: 1 }, ...change });
const withApp = (change: Partial<Account> = {}) =>
  active({
    totps: [{ id: 't1', name: 'app', sealedSeed: 's', lastStep: 10, createdAt: 1 }],
    recoveryCodes: { macs: ['m1', 'm2'], createdAt: 1 },
    ...change,
  });
/** What is chosen, and in which browser. */
const change = { passwordHash: 'new', browser: { id: 'b1', name: 'Firefox' } };
const templatesOf = (effects: EffectInput[] = []) =>
  effects.flatMap((effect) => (effect.kind === 'letter' ? [`${effect.letter.template} ${effect.letter.to}`] : []));

describe('journey B.6: asking for a new password', () => {
  const ask = (account: Account, at = now, number?: string) =>
    askForReset(
      account,
      { reset: made('reset', at), activation: made('activation', at), ...(number === undefined ? {} : { number }) },
      about(at),
    );

  test('a letter with a link for an hour goes to the address on file', () => {
    const { outcome, account, effects } = ask(active());
    expect(outcome.kind).toBe('reset-mailed');
    expect(templatesOf(effects)).toEqual(['reset annelies@example.org']);
    expect(account?.tickets).toMatchObject([{ purpose: 'reset', expiresAt: now + HOUR }]);
    expect(account?.password?.hash).toBe('old');
  });

  test('a person who was never active gets an activation email; the page for a number changes only if the number was typed', () => {
    const byAddress = ask(anAccount({ id: 'a1' }));
    expect(byAddress.outcome.kind).toBe('mailed');
    expect(templatesOf(byAddress.effects)).toEqual(['activation-code annelies@example.org']);
    expect(stateOfNumber(byAddress.account ?? active(), now)).toBe('email');
    const byNumber = ask(anAccount({ id: 'a1' }), now, 'r0011111');
    expect(stateOfNumber(byNumber.account ?? active(), now)).toBe('code');
  });

  test('an ended account gets nothing; nor does anybody more than five letters an hour', () => {
    expect(ask(active({ endsAt: now }))).toEqual({ outcome: { kind: 'ended' } });
    const five = active({ mailedAt: [1, 2, 3, 4, 5].map((n) => now - n) });
    expect(ask(five)).toEqual({ outcome: { kind: 'enough-mailed' } });
    expect(ask(five, now + HOUR).outcome.kind).toBe('reset-mailed');
  });

  test('a stranger’s request does not end an earlier link; the first link that is used ends all of them', () => {
    const first = ask(active()).account ?? active();
    const second = ask(first, now + 1000).account ?? first;
    expect(second.tickets).toHaveLength(2);
    const [ticket] = second.tickets;
    const { account } = resetPassword(second, ticket?.id ?? '', { ...change, proven: undefined }, about());
    expect(account?.tickets).toEqual([]);
  });
});

describe('rule 8: an existing factor before the password is replaced', () => {
  const { ticket } = made();
  const account = withApp({ tickets: [ticket] });
  const proven = { amr: ['otp'], epoch: 1 };

  test('without it the password stays', () => {
    expect(resetStage(account, ticket.id, undefined, now)).toEqual({ kind: 'factor' });
    expect(resetPassword(account, ticket.id, { ...change, proven: undefined }, about())).toEqual({
      outcome: { kind: 'factor' },
    });
  });

  test('a proof of an earlier epoch counts for nothing', () => {
    const later = { ...account, credentialsEpoch: 2 };
    expect(resetStage(later, ticket.id, proven, now)).toEqual({ kind: 'factor' });
  });

  test('a code is spent when it is proven, so that of parallel uses one wins', () => {
    const evidence = { kind: 'totp', factorId: 't1', step: 11 } as const;
    const first = proveFactor(account, ticket.id, evidence, about());
    expect(first.outcome).toEqual({ kind: 'proven', epoch: 1 });
    expect(first.account?.totps[0]?.lastStep).toBe(11);
    expect(proveFactor(first.account ?? account, ticket.id, evidence, about())).toEqual({ outcome: { kind: 'used' } });
  });

  test('a recovery code is spent and its use told to both addresses', () => {
    const evidence = { kind: 'recovery-code', mac: 'm1' } as const;
    const { outcome, account: next, effects } = proveFactor(account, ticket.id, evidence, about());
    expect(outcome.kind).toBe('proven');
    expect(next?.recoveryCodes?.macs).toEqual(['m2']);
    expect(templatesOf(effects)).toEqual([
      'recovery-code-used annelies@example.org',
      'recovery-code-used annelies.peeters@student.vives.be',
    ]);
    expect(proveFactor(next ?? account, ticket.id, evidence, about()).outcome.kind).toBe('used');
  });

  test('with it the password is replaced in one write: epoch up, tickets spent, sessions ended, both addresses told', () => {
    const { outcome, account: next, effects } = resetPassword(account, ticket.id, { ...change, proven }, about());
    expect(outcome).toEqual({ kind: 'reset', epoch: 2 });
    expect(next).toMatchObject({ password: { hash: 'new', setAt: now }, credentialsEpoch: 2, tickets: [] });
    expect(next?.totps).toEqual(account.totps);
    expect(next?.browsers).toEqual([{ ...change.browser, firstAt: now, lastAt: now }]);
    expect(effects).toContainEqual({ kind: 'end-sessions', reason: 'the password was reset', olderThanEpoch: 2 });
    expect(templatesOf(effects)).toEqual([
      'password-changed annelies@example.org',
      'password-changed annelies.peeters@student.vives.be',
    ]);
  });
});

test('a browser in which it ends is one that the owner knows of, also where all were disowned before', () => {
  const { ticket } = made();
  const browsers = [{ id: 'b1', firstAt: 1, lastAt: 1, disownedAt: 2 }];
  const disowned = active({ tickets: [ticket], browsers, browsersDisownedBefore: 1 });
  expect(isNewBrowser(disowned, change.browser)).toBe(true);
  const { account: next = disowned } = resetPassword(disowned, ticket.id, { ...change, proven: undefined }, about());
  expect(isNewBrowser(next, change.browser)).toBe(false);
  expect(isNewBrowser(next, { id: 'another' })).toBe(true);
});

describe('rule 11: the link', () => {
  test('works once, for an hour, for a reset of an account that is active and has not ended', () => {
    const { ticket } = made();
    const account = active({ tickets: [ticket] });
    const spent = { ...change, proven: undefined };
    const used = resetPassword(account, ticket.id, spent, about()).account ?? account;
    expect(resetPassword(used, ticket.id, spent, about()).outcome.kind).toBe('expired');
    expect(resetStage(account, ticket.id, undefined, now + HOUR).kind).toBe('expired');
    expect(resetStage({ ...account, endsAt: now }, ticket.id, undefined, now).kind).toBe('ended');
    expect(resetStage(account, 'another', undefined, now).kind).toBe('expired');
    const other = active({ tickets: [made('activation').ticket] });
    expect(resetStage(other, other.tickets[0]?.id ?? '', undefined, now).kind).toBe('expired');
    expect(resetStage(anAccount({ tickets: [ticket] }), ticket.id, undefined, now).kind).toBe('expired');
  });
});

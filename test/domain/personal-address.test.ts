/** A changed personal address: confirmed by its reader, undone by the reader of the one before (rule 26). */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Account, Decision } from '../../src/domain/account/account.ts';
import {
  addressUnderWay,
  askForAddress,
  cancelAddress,
  confirmAddress,
  readAddress,
  removeAddress,
} from '../../src/domain/account/change-address.ts';
import { answerAddress } from '../../src/domain/account/confirm-address.ts';
import { isHeld, recoveryAddressOf } from '../../src/domain/account/held-addresses.ts';
import { type AddressContext, UNDO_SECONDS, undoAddress } from '../../src/domain/account/personal-address.ts';
import { isVerified } from '../../src/domain/account/proven-addresses.ts';
import { openValues } from '../../src/domain/audit/sealed-audit-values.ts';
import { newTicket } from '../../src/domain/tickets/ticket.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';

const sealer = sealerUnder('a secret for tests that is long enough');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const start = Date.UTC(2026, 8, 21, 8);
const at = (now: number): AddressContext => ({ organisations, now, sealer, randomBytes });
const active = (change: Partial<Account> = {}) => anAccount({ activatedAt: 1, ...change });

function prepared(purpose: 'email-change' | 'email-undo', now: number) {
  const lifetimeSeconds = purpose === 'email-undo' ? UNDO_SECONDS : 86_400;
  const asked = { purpose, accountId: 'account-1', lifetimeSeconds, withCode: false };
  return { ticket: newTicket(asked, sealer, now, randomBytes).ticket, sealedSecret: `link of ${purpose}` };
}

/** What the rule leads to, and the letters and audit entries that go with it. */
function applied<Outcome>(before: Account, { outcome, account, effects = [] }: Decision<Outcome>) {
  return {
    outcome,
    account: account ?? before,
    letters: effects.flatMap((each) => (each.kind === 'letter' ? [each.letter] : [])),
    audit: effects.flatMap((each) => (each.kind === 'audit' ? [each.entry] : [])),
    ends: effects.filter(({ kind }) => kind === 'end-sessions'),
  };
}

const asks = (account: Account, address: string, now = start) =>
  applied(account, askForAddress(account, { address, prepared: prepared('email-change', now) }, at(now)));
const confirms = (account: Account, now = start) =>
  applied(
    account,
    confirmAddress(account, addressUnderWay(account, now)?.id ?? '', prepared('email-undo', now), at(now)),
  );
const changes = (account: Account, address: string, now = start) => confirms(asks(account, address, now).account, now);
/** The id of the link that takes back the change to that address. */
const undoOf = (account: Account, address: string) =>
  account.tickets.find(({ undoes }) => undoes?.to === address)?.id ?? '';
const undoes = (account: Account, address: string, now = start) =>
  applied(account, undoAddress(account, undoOf(account, address), at(now)));

const removes = (account: Account, now = start) =>
  applied(account, removeAddress(account, prepared('email-undo', now), at(now)));

describe('the owner who removes the address', () => {
  test('both addresses hear, what was mailed there opens nothing, and for 7 days its reader takes it back', () => {
    const reset = { id: 'r', purpose: 'reset', createdAt: 0, expiresAt: start + HOUR, tries: 0 } as const;
    const before = active({ tickets: [{ ...reset, sentTo: 'annelies@example.org' }] });
    const { outcome, account, letters, audit } = removes(before);
    expect([outcome.kind, account.personalEmail]).toEqual(['removed', undefined]);
    expect(recoveryAddressOf(account, start)).toBe('annelies.peeters@student.vives.be');
    expect(account.tickets.map(({ purpose, sentTo }) => `${purpose} ${sentTo}`)).toEqual([
      'email-undo annelies@example.org',
    ]);
    expect(letters.map(({ template, to, sealedSecret }) => [template, to, sealedSecret])).toEqual([
      ['address-changed', 'annelies@example.org', 'link of email-undo'],
      ['address-changed', 'annelies.peeters@student.vives.be', undefined],
    ]);
    expect(audit.map(({ action }) => action)).toEqual(['address.changed']);
    expect(openValues(sealer, account, audit[0]?.sealedValues ?? '')).toMatchObject({ new: { personalEmail: '' } });
    const late = undoes(account, '', start + 7 * DAY - 1);
    expect(late.account).toMatchObject({ personalEmail: 'annelies@example.org', credentialsEpoch: 2, tickets: [] });
    expect(late.ends).toHaveLength(1);
    expect(late.letters.map(({ to }) => to)).toEqual(['annelies.peeters@student.vives.be', 'annelies@example.org']);
    expect(undoes(account, '', start + 7 * DAY).outcome.kind).toBe('dead');
    // and past an address that was set since
    const set = changes(account, 'thief@example.org').account;
    expect(undoes(set, '').account.personalEmail).toBe('annelies@example.org');
  });

  test('keeps it where nothing could be mailed any more, and after three changes in seven days', () => {
    expect(removes(active({ emails: [] })).outcome.kind).toBe('last');
    const held = { address: 'annelies.peeters@student.vives.be', until: start + 1 };
    expect(removes(active({ heldAddresses: [held] })).outcome.kind).toBe('last');
    expect(removes(active({ heldAddresses: [held] }), start + 1).outcome.kind).toBe('removed');
    expect(removes(removes(active()).account).outcome.kind).toBe('gone');
    let account = active();
    for (const name of ['a', 'b', 'c']) account = changes(account, `${name}@example.org`).account;
    expect(removes(account).outcome.kind).toBe('too-many-changes');
  });
});

describe('an address that is typed', () => {
  test.each([
    ['', 'missing'],
    ['   ', 'missing'],
    ['an', 'malformed'],
    ['an@example', 'malformed'],
    ['an@example.org, bo@example.org', 'malformed'],
    ['<an@example.org>', 'malformed'],
    [`${'a'.repeat(65)}@example.org`, 'malformed'],
    [`an@${'a'.repeat(260)}.org`, 'malformed'],
    ['Annelies.Peeters@student.vives.be', 'institution'],
    ['somebody.else@VIVES.be', 'institution'],
    ['x@mail.student.vives.be', 'institution'],
    ['annelies@example.org', 'same'],
    ['annelies@EXAMPLE.org', 'same'],
  ])('%j is refused: %s', (typed, fault) => {
    expect(readAddress(active(), typed, organisations)).toEqual({ kind: 'fault', fault });
  });

  test('is stored with its domain in ASCII and lower case, and what is before @ as it is', () => {
    const read = (typed: string) => readAddress(active(), typed, organisations);
    expect(read(' An.P@Bücher.Example ')).toEqual({ kind: 'address', address: 'An.P@xn--bcher-kva.example' });
    expect(read('Annelies@example.org')).toEqual({ kind: 'address', address: 'Annelies@example.org' });
  });
});

describe('a change that its owner asks for', () => {
  test('changes nothing before the link comes back, which goes to the new address alone', () => {
    const { outcome, account, letters } = asks(active(), 'new@example.org');
    expect(outcome).toEqual({ kind: 'mailed' });
    expect(account.personalEmail).toBe('annelies@example.org');
    expect(letters).toMatchObject([
      { template: 'address-confirm', to: 'new@example.org', sealedSecret: 'link of email-change' },
    ]);
  });

  test('then both addresses hear, the one before with the link that undoes it, and no reset goes to the new one for 7 days', () => {
    const reset = { id: 'r', purpose: 'reset', createdAt: 0, expiresAt: start + HOUR, tries: 0 } as const;
    const tickets = [
      { ...reset, sentTo: 'annelies@example.org' },
      { ...reset, id: 'r2', sentTo: 'x@vives.be' },
    ];
    const { outcome, account, letters, audit } = changes(active({ tickets }), 'new@example.org');
    expect(outcome).toEqual({ kind: 'changed' });
    expect(account.personalEmail).toBe('new@example.org');
    expect(isVerified(account, 'new@example.org')).toBe(true);
    expect(recoveryAddressOf(account, start + 7 * DAY - 1)).toBe('annelies.peeters@student.vives.be');
    expect(recoveryAddressOf(account, start + 7 * DAY)).toBe('new@example.org');
    expect(account.tickets.map(({ purpose, sentTo }) => `${purpose} ${sentTo}`)).toEqual([
      'reset x@vives.be', // what went to the mailbox that is given up opens nothing more
      'email-undo annelies@example.org',
    ]);
    expect(letters.map(({ template, to, sealedSecret }) => [template, to, sealedSecret])).toEqual([
      ['address-changed', 'annelies@example.org', 'link of email-undo'],
      ['address-changed', 'annelies.peeters@student.vives.be', undefined],
      ['address-changed', 'new@example.org', undefined],
    ]);
    expect(audit.map(({ action }) => action)).toEqual(['address.changed']);
    expect(openValues(sealer, account, audit[0]?.sealedValues ?? '')).toEqual({
      old: { personalEmail: 'annelies@example.org' },
      new: { personalEmail: 'new@example.org' },
    });
  });

  test('counts once: a second use of the link changes nothing', () => {
    const asked = asks(active(), 'new@example.org').account;
    const id = addressUnderWay(asked, start)?.id ?? '';
    const { account } = confirms(asked);
    const again = confirmAddress(account, id, prepared('email-undo', start), at(start));
    expect(again).toEqual({ outcome: { kind: 'dead' } });
  });

  test('ends with a day, with another one, when it is called off, and with the epoch', () => {
    const asked = asks(active(), 'new@example.org').account;
    const id = addressUnderWay(asked, start)?.id ?? '';
    const use = (account: Account, now = start) =>
      confirmAddress(account, id, prepared('email-undo', now), at(now)).outcome.kind;
    expect(use(asked, start + DAY - 1)).toBe('changed');
    expect(use(asked, start + DAY)).toBe('dead');
    expect(use(asks(asked, 'other@example.org').account)).toBe('dead');
    expect(use(cancelAddress(asked, at(start)).account ?? asked)).toBe('dead');
    expect(use({ ...asked, credentialsEpoch: 2 })).toBe('dead');
    expect(cancelAddress(active(), at(start)).outcome).toEqual({ kind: 'gone' });
  });

  test('ten emails an hour at most, and three changes in seven days', () => {
    const busy = active({ mailedAt: Array.from({ length: 10 }, () => start - 1) });
    expect(asks(busy, 'new@example.org').outcome).toEqual({ kind: 'too-many-mails' });
    let account = active();
    for (const name of ['a', 'b', 'c']) account = { ...changes(account, `${name}@example.org`).account, mailedAt: [] };
    expect(asks(account, 'd@example.org', start + 7 * DAY - 1).outcome).toEqual({ kind: 'too-many-changes' });
    expect(asks(account, 'd@example.org', start + 7 * DAY).outcome).toEqual({ kind: 'mailed' });
  });

  test('the first address of a person is undone by a link to the institution’s', () => {
    const { personalEmail: _, ...without } = active();
    const { account, letters } = changes(without, 'new@example.org');
    expect(letters.find(({ sealedSecret }) => sealedSecret !== undefined)?.to).toBe(
      'annelies.peeters@student.vives.be',
    );
    expect(undoes(account, 'new@example.org').account.personalEmail).toBeUndefined();
  });
});

describe('a change that is undone', () => {
  test('brings back the address, signs everybody out, ends what was mailed to the one that goes, and tells all', () => {
    const { account } = changes(active(), 'thief@example.org');
    const asked = asks(account, 'more@example.org').account;
    const { outcome, account: after, letters, ends, audit } = undoes(asked, 'thief@example.org', start + 7 * DAY - 1);
    expect(outcome).toEqual({ kind: 'undone', address: 'annelies@example.org' });
    expect(after.personalEmail).toBe('annelies@example.org');
    expect(after.credentialsEpoch).toBe(account.credentialsEpoch + 1);
    expect(ends).toMatchObject([{ olderThanEpoch: after.credentialsEpoch }]);
    expect(after.tickets).toEqual([]);
    expect(after.heldAddresses).toBeUndefined();
    expect(recoveryAddressOf(after, start)).toBe('annelies@example.org');
    expect(letters.map(({ template, to }) => `${template} ${to}`)).toEqual([
      'address-undone thief@example.org',
      'address-undone annelies.peeters@student.vives.be',
      'address-undone annelies@example.org',
    ]);
    expect(audit).toMatchObject([{ action: 'address.change-undone', actor: { kind: 'anonymous' } }]);
  });

  test('works once, and for seven days', () => {
    const { account } = changes(active(), 'thief@example.org');
    expect(undoes(account, 'thief@example.org', start + 7 * DAY).outcome).toEqual({ kind: 'dead' });
    const id = undoOf(account, 'thief@example.org');
    expect(undoAddress(undoes(account, 'thief@example.org').account, id, at(start)).outcome).toEqual({ kind: 'dead' });
  });

  test('goes back past every later change, so that changing twice does not shake the owner off', () => {
    const once = changes(active(), 'thief@example.org').account;
    const twice = changes(once, 'thief2@example.org', start + HOUR).account;
    const { account } = undoes(twice, 'thief@example.org', start + DAY);
    expect(account.personalEmail).toBe('annelies@example.org');
    expect(account.tickets).toEqual([]);
  });

  test('does not free an address that was held: going to a second one and back opens nothing', () => {
    const once = changes(active(), 'thief@example.org').account;
    const twice = changes(once, 'thief2@example.org', start + HOUR).account;
    const { account } = undoes(twice, 'thief2@example.org', start + DAY);
    expect(account.personalEmail).toBe('thief@example.org');
    expect(isHeld(account, 'thief@example.org', start + 7 * DAY - 1)).toBe(true);
    expect(isHeld(account, 'thief@example.org', start + 7 * DAY)).toBe(false);
    expect(undoes(account, 'thief@example.org', start + DAY).account.personalEmail).toBe('annelies@example.org');
  });

  test('also one that a feed gave and somebody in the session confirmed', () => {
    const account = active({ proposedAddress: { address: 'fed@example.org', source: 'csv', at: 0 } });
    const answer = { address: 'fed@example.org', confirmed: true, undo: prepared('email-undo', start) };
    const confirmed = applied(account, answerAddress(account, answer, at(start)));
    expect(confirmed.outcome).toEqual({ kind: 'confirmed' });
    expect(confirmed.account).toMatchObject({ personalEmail: 'fed@example.org' });
    expect(confirmed.account.proposedAddress).toBeUndefined();
    expect(confirmed.letters[0]).toMatchObject({ to: 'annelies@example.org', sealedSecret: 'link of email-undo' });
    expect(undoes(confirmed.account, 'fed@example.org').account.personalEmail).toBe('annelies@example.org');
  });
});

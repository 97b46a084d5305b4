/** What a restored backup must not bring back, and how two storages are compared. */
import { describe, expect, test } from '@jest/globals';
import type { Effect } from '../../src/domain/account/account.ts';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import { matchTotp, newTotpSeed } from '../../src/domain/factors/totp.ts';
import { createTally, NOT_SENT_AGAIN, restored } from '../../src/domain/installation/archive.ts';
import type { OutboxEntry } from '../../src/domain/ports/outbox.ts';
import type { Ticket } from '../../src/domain/tickets/ticket-record.ts';
import { anAccount } from '../support/account.ts';

const NOW = Date.UTC(2026, 8, 21, 9);
const tallyOf = (...records: unknown[]) => {
  const tally = createTally();
  for (const record of records) tally.add(record);
  return tally.result();
};

describe('comparing', () => {
  test('the order of members and of records does not matter, absent and undefined are the same', () => {
    expect(canonicalJson({ b: [1, { d: 2, c: undefined }], a: null })).toBe('{"a":null,"b":[1,{"d":2}]}');
    expect(tallyOf({ a: 1, b: 2 }, 'x')).toEqual(tallyOf('x', { b: 2, a: 1 }));
  });

  test('half of a surrogate pair, which a request can bring in as JSON, is counted like any text', () => {
    const record = JSON.parse('{"state":"\\ud800"}');
    expect(canonicalJson(record)).toBe('{"state":"\\ud800"}');
    expect(tallyOf(record)).not.toEqual(tallyOf({ state: '\ufffd' }));
  });

  test.each([
    ['a changed value', [{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 3 }]],
    ['a record that is there twice', [{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 1 }]],
    ['a record that is missing', [{ a: 1 }], []],
    ['a number that became a text', [{ a: 1 }], [{ a: '1' }]],
    ['the order within an array', [[1, 2]], [[2, 1]]],
    ['a member named __proto__', [JSON.parse('{"__proto__":{"a":1}}')], [{}]],
  ])('%s is seen', (_, one, other) => {
    expect(tallyOf(...one)).not.toEqual(tallyOf(...other));
  });

  test('two that differ in two places do not cancel each other out', () => {
    expect(tallyOf({ a: 1 }, { a: 1 }, { b: 1 }, { b: 1 })).not.toEqual(
      tallyOf({ a: 1 }, { a: 1 }, { a: 1 }, { b: 1 }),
    );
    expect(tallyOf({ a: 1 }, { a: 1 }).hash).not.toBe(tallyOf().hash);
  });
});

describe('restoring an old backup', () => {
  test.each(['sessions', 'protocolRecords', 'revokedGrants'] as const)('brings back no %s', (kind) => {
    expect(restored(kind, {} as never, NOW)).toBeUndefined();
  });

  test('leaves an account as it was, beyond every epoch and revision that it can have reached since', () => {
    const account = anAccount({ revision: 7, credentialsEpoch: 3, password: { hash: 'h', setAt: 1 } });
    expect(restored('accounts', account, NOW)).toEqual({ ...account, revision: 1007, credentialsEpoch: 1003 });
  });

  test('keeps invitations, and ends every link and code that was mailed for a change', () => {
    const ticket = (purpose: Ticket['purpose']) => ({ id: purpose, purpose, createdAt: 0, expiresAt: 1, tries: 0 });
    const tickets = (['activation', 'reset', 'first-factor', 'email-change', 'email-undo', 'desk-pass'] as const).map(
      ticket,
    );
    expect(restored('accounts', anAccount({ tickets }), NOW)?.tickets).toEqual([ticket('activation')]);
  });

  test('accepts no one-time password of before', () => {
    const seed = newTotpSeed((bytes) => Buffer.alloc(bytes, 7));
    const totp = { id: 't', name: 't', sealedSeed: 's', lastStep: 5, createdAt: 0 };
    const lastStep = restored('accounts', anAccount({ totps: [totp] }), NOW)?.totps[0]?.lastStep ?? 0;
    const codes = Array.from({ length: 1_000_000 / 1000 }, (_, code) => String(code).padStart(6, '0'));
    expect(codes.some((code) => matchTotp(seed, code, lastStep, NOW) !== undefined)).toBe(false);
    expect(lastStep).toBe(Math.floor(NOW / 30_000) + 1);
    const later = restored('accounts', anAccount({ totps: [{ ...totp, lastStep: lastStep + 9 }] }), NOW);
    expect(later?.totps[0]?.lastStep).toBe(lastStep + 9);
  });

  test('sends no letter and no logout again, and tells which were waiting; what was sent stays as it is', () => {
    const letter = {
      template: 'reset',
      to: 'a@b',
      language: 'nl',
      organisation: 'o',
      givenName: 'A',
      data: {},
    } as const;
    const effects: Effect[] = [
      { id: '1', kind: 'letter', letter },
      { id: '2', kind: 'end-sessions', reason: 'reset' },
      { id: '3', kind: 'audit', entry: { at: 1, action: 'consent.given', actor: { kind: 'system' } } },
    ];
    expect(restored('accounts', anAccount({ effects }), NOW)?.effects.map(({ id }) => id)).toEqual(['3']);
    const entry: OutboxEntry = {
      id: 'x',
      kind: 'letter',
      payload: { template: 'reset', sealedSecret: 'sealed' },
      createdAt: 1,
      state: 'waiting',
      attempts: 1,
      nextAttemptAt: 1,
      leasedUntil: 9,
    };
    expect(restored('outbox', entry, NOW)).toEqual({
      id: 'x',
      kind: 'letter',
      payload: { template: 'reset' },
      createdAt: 1,
      state: 'failed',
      attempts: 1,
      nextAttemptAt: 1,
      lastError: NOT_SENT_AGAIN,
      finishedAt: NOW,
    });
    expect(restored('outbox', { ...entry, state: 'set-aside', lostClaims: 2 }, NOW)).toMatchObject({
      state: 'failed',
      payload: { template: 'reset' },
      lastError: NOT_SENT_AGAIN,
    });
    const sent = { ...entry, state: 'done', finishedAt: 5 } as const;
    expect(restored('outbox', sent, NOW)).toEqual(sent);
  });

  test('gives nobody a fencing token again, and no node keeps clients that it read before', () => {
    const lease = { name: 'n', holder: 'h', heldUntil: NOW + 9, token: 4 };
    expect(restored('leases', lease, NOW)).toEqual({ name: 'n', heldUntil: 0, token: 1004 });
    expect(restored('clientVersion', { version: 5 }, NOW)).toEqual({ version: 1005 });
  });
});

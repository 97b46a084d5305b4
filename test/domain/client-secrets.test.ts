/** The rules of an application's secrets: how many, how long, what they are called, and when somebody is told. */
import { describe, expect, test } from '@jest/globals';
import { hashClientSecret, matchingSecret } from '../../src/domain/clients/client-secret.ts';
import {
  endOfSecret,
  isNameTaken,
  isUsedRecently,
  readSecretName,
  secretsEnding,
  warningDue,
  withSecret,
} from '../../src/domain/clients/client-secrets.ts';
import type { ClientSecret } from '../../src/domain/ports/clients.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const now = Date.UTC(2026, 10, 30, 12);
const secret = (id: string, change: Partial<ClientSecret> = {}): ClientSecret => ({
  id,
  hash: `hash of ${id}`,
  createdAt: 0,
  ...change,
});
const ids = (secrets: readonly ClientSecret[]) => secrets.map(({ id }) => id);

test('a secret ends after so many days, or on the same day and hour of a later year; or never', () => {
  const end = (life: Parameters<typeof endOfSecret>[0]) => new Date(endOfSecret(life, now) ?? 0).toISOString();
  expect([end('90-days'), end('1-year'), end('2-years')]).toEqual([
    '2027-02-28T12:00:00.000Z',
    '2027-11-30T12:00:00.000Z',
    '2028-11-30T12:00:00.000Z',
  ]);
  expect(endOfSecret('none', now)).toBeUndefined();
});

test('a name is one line of at most 60 characters', () => {
  expect(readSecretName('  Productie 😀 ')).toBe('Productie 😀');
  expect(readSecretName('é'.repeat(60))).toHaveLength(60);
  for (const bad of ['', '  ', 'a\nb', 'a\u0000b', 'a\u202eb', '\ud800', 'x'.repeat(61), '😀'.repeat(61)])
    expect([bad, readSecretName(bad)]).toEqual([bad, undefined]);
});

test('a name is free once the secret that had it has expired', () => {
  const secrets = [secret('a', { name: 'Productie' }), secret('b', { name: 'Test', expiresAt: now }), secret('c')];
  const taken = ['productie', 'Test', 'x'].map((name) => isNameTaken(secrets, name, now));
  expect(taken).toEqual([true, false, false]);
  expect(isNameTaken(secrets, 'PRODUCTIE', now, 'a')).toBe(false);
});

describe('of secrets', () => {
  const five = ['a', 'b', 'c', 'd', 'e'].map((id) => secret(id));
  test('a sixth is refused while five live', () => {
    expect(withSecret(five, secret('f'), now)).toEqual({ kind: 'full' });
    const added = withSecret(five.slice(1), secret('f'), now);
    expect('secrets' in added && ids(added.secrets)).toEqual(['f', 'b', 'c', 'd', 'e']);
  });

  test('those that expired longest ago make room', () => {
    const ended = (id: string, ago: number) => secret(id, { expiresAt: now - ago });
    const secrets = [secret('a'), ended('old', 9), secret('b'), ended('new', 0), ended('middle', 5)];
    const added = withSecret(secrets, secret('f'), now);
    expect('secrets' in added && ids(added.secrets)).toEqual(['f', 'a', 'b', 'new', 'middle']);
  });

  test('the one that came is found, a living one before one of the same text that has expired', () => {
    const hash = hashClientSecret('x');
    const secrets = [secret('a', { hash, expiresAt: now }), secret('b', { hash }), secret('c')];
    expect(matchingSecret('x', secrets, now)).toMatchObject({ secret: { id: 'b' }, living: true });
    expect(matchingSecret('x', secrets.toReversed(), now)).toMatchObject({ secret: { id: 'b' }, living: true });
    expect(matchingSecret('x', secrets.slice(0, 1), now)).toMatchObject({ secret: { id: 'a' }, living: false });
    expect(matchingSecret(hash, secrets, now)).toBeUndefined();
  });
});

test('a use counts as one of the last 24 hours until its whole hour is older', () => {
  expect([-25, -24, 0].map((hours) => isUsedRecently(now + hours * HOUR, now))).toEqual([false, true, true]);
});

test('whoever is responsible is told 30, 7 and 1 days before, and an operator sees what ends within 30 days', () => {
  const ends = (id: string, days: number) => secret(id, { expiresAt: now + days * DAY });
  const secrets = [
    ends('month', 30),
    ends('late', 30.1),
    ends('hours', 0.5),
    ends('over', 0),
    ends('week', 6),
    secret('x'),
  ];
  const ending = secretsEnding({ secrets }, now);
  expect(ending.map(({ secret: { id }, left }) => [id, left])).toEqual([
    ['hours', 0],
    ['week', 6],
    ['month', 30],
  ]);
  expect(ending.map((each) => warningDue(each, now))).toEqual([1, 7, 30]);
});

/** Until when a client is valid: as written in a registration, to the millisecond, and who is named before. */
import { describe, expect, test } from '@jest/globals';
import {
  expiring,
  isExpired,
  originOf,
  readValidUntil,
  storedValidityFaults,
} from '../../src/domain/clients/client-validity.ts';
import { readClientMetadata } from '../../src/domain/clients/metadata/client-metadata.ts';

describe('pedel_valid_until', () => {
  test.each([
    ['2027-06-30', '2027-06-30T22:00:00.000Z'], // the whole day in Brussels, in summer
    ['2027-12-31', '2027-12-31T23:00:00.000Z'],
    ['2028-02-29', '2028-02-29T23:00:00.000Z'],
    ['2027-06-30T12:00:00Z', '2027-06-30T12:00:00.000Z'],
    ['2027-06-30T12:00+02:00', '2027-06-30T10:00:00.000Z'],
    ['2000-01-01T00:00:00Z', '2000-01-01T00:00:00.000Z'],
    ['2199-12-31', '2199-12-31T23:00:00.000Z'],
  ])('%s is until %s', (text, until) => {
    expect(new Date(readValidUntil(text) ?? 0).toISOString()).toBe(until);
  });

  test.each([
    '2027-02-29',
    '2027-06-31',
    '2027-06-30T25:00:00Z',
    '2027-06-30T12:00:00', // where?
    '2027-6-3',
    '30/06/2027',
    '1999-12-31',
    '2200-01-01',
    '9999-12-31T00:00:00Z',
    '+099999-01-01',
    '2027-06-30 ',
    'soon',
    '',
  ])('%j is refused', (text) => {
    expect(readValidUntil(text)).toBeUndefined();
    const read = readClientMetadata({ client_id: 'a', response_types: [], grant_types: [], pedel_valid_until: text });
    expect(read).toMatchObject({ faults: [{ member: 'pedel_valid_until', value: text }] });
  });

  test('is stored beside the metadata, as a moment', () => {
    const given = { client_id: 'a', response_types: [], grant_types: [], pedel_valid_until: '2027-06-30' };
    const read = readClientMetadata(given);
    if ('faults' in read) throw new Error('it is valid');
    expect(read.accepted.validUntil).toBe(Date.UTC(2027, 5, 30, 22));
    expect(read.accepted.metadata).not.toHaveProperty('pedel_valid_until');
  });
});

test('a client has expired from the very moment on, and one without an end never', () => {
  expect([999, 1000, 1001].map((now) => isExpired({ validUntil: 1000 }, now))).toEqual([false, true, true]);
  expect(isExpired({}, Number.MAX_SAFE_INTEGER)).toBe(false);
});

test('a client is named from 30 days before its end until then', () => {
  const day = 24 * 3600 * 1000;
  const of = (validUntil: number) => {
    const { expired, soon } = expiring([{ id: 'a', validUntil }], 100 * day);
    return [expired.length, soon.length];
  };
  expect(of(130 * day + 1)).toEqual([0, 0]);
  expect(of(130 * day)).toEqual([0, 1]);
  expect(of(100 * day + 1)).toEqual([0, 1]);
  expect(of(100 * day)).toEqual([1, 0]);
});

test('a record of an earlier version was made by clients apply', () => {
  expect(originOf({ createdAt: 5 })).toEqual({ kind: 'apply', at: 5 });
  expect(originOf({ createdAt: 5, origin: { kind: 'apply', at: 6, by: 'an' } })).toEqual({
    kind: 'apply',
    at: 6,
    by: 'an',
  });
});

test('a stored record that says neither is named by storage check', () => {
  expect(storedValidityFaults({})).toEqual([]);
  expect(storedValidityFaults({ validUntil: 5, origin: { kind: 'apply', at: 1 } })).toEqual([]);
  expect(storedValidityFaults({ validUntil: 1.5 })).toHaveLength(1);
  expect(storedValidityFaults({ validUntil: '2027' as never })).toHaveLength(1);
  expect(storedValidityFaults({ origin: {} as never })).toHaveLength(1);
});

/** Filters of SCIM: a closed list, and whatever else is refused by name. */
import { expect, test } from '@jest/globals';
import { readFilter } from '../../src/api/scim/filter.ts';

test.each([
  ['userName eq "Kim"', { userName: 'Kim' }],
  ['USERNAME EQ "kim \\"k\\""', { userName: 'kim "k"' }],
  ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "kim"', { userName: 'kim' }],
  ['externalId eq "a b" and emails.value eq "k@a.be"', { externalId: 'a b', email: 'k@a.be' }],
  ['id eq "a" and id eq "b"', { id: 'b', none: true }],
  ['meta.lastModified gt "2026-11-30T10:00:00Z"', { from: Date.UTC(2026, 10, 30, 10) + 1 }],
  [
    'meta.lastModified ge "2026-11-30T10:00:00Z" and meta.lastModified lt "2026-11-30T11:00:00Z"',
    { from: Date.UTC(2026, 10, 30, 10), before: Date.UTC(2026, 10, 30, 11) },
  ],
  ['', {}],
])('%s is read', (filter, query) => {
  expect(readFilter(filter)).toEqual(query);
});

test.each([
  'userName sw "k"',
  'userName eq "a" or userName eq "b"',
  'not (userName eq "a")',
  'displayName eq "Kim"',
  'userName eq kim',
  'userName eq "a" and',
  'userName eq true',
  'meta.lastModified gt "yesterday"',
  'meta.lastModified eq "2026-11-30T10:00:00Z"',
  `userName eq "${'x'.repeat(1000)}"`,
  '__proto__ eq "x"',
])('%s is refused', (filter) => {
  expect(() => readFilter(filter)).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidFilter' }));
});

/** A PATCH as identity providers write it: what it makes of what the source said last. */
import { describe, expect, test } from '@jest/globals';
import { schemasOf } from '../../src/api/scim/attributes.ts';
import type { ScimError } from '../../src/api/scim/errors.ts';
import { patched, readPatch } from '../../src/api/scim/patch.ts';
import type { ScimUser } from '../../src/domain/feed/scim-entry.ts';

const MESSAGE = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PEDEL = 'urn:ietf:params:scim:schemas:extension:pedel:2.0:User';
const schemas = schemasOf([{ id: 'vives' }]);
const before: ScimUser = {
  userName: 'kim',
  name: { givenName: 'Kim', familyName: 'Storm' },
  emails: [
    { value: 'kim@vives.be', type: 'work', primary: true },
    { value: 'kim@example.org', type: 'home' },
  ],
};
const apply = (user: ScimUser, ...Operations: object[]) =>
  patched(user, readPatch({ schemas: [MESSAGE], Operations }, schemas), schemas);
const refused = (...Operations: object[]) => {
  try {
    apply(before, ...Operations);
  } catch (error) {
    const { status, scimType } = error as ScimError;
    return [status, scimType];
  }
  return 'taken';
};

describe('an operation', () => {
  const [work, home] = before.emails ?? [];
  test.each<[string, object, ScimUser]>([
    [
      'with a capital and a truth as text, as Entra sends them',
      { op: 'Replace', path: 'active', value: 'False' },
      { active: false },
    ],
    [
      'without a path',
      { op: 'replace', value: { displayName: 'K', nickName: 'k' } },
      { displayName: 'K', nickName: 'k' },
    ],
    [
      'with dotted names in place of a path',
      { op: 'Add', value: { 'name.givenName': 'Ann' } },
      { name: { givenName: 'Ann', familyName: 'Storm' } },
    ],
    [
      'with a filter in place of a path',
      { op: 'Add', value: { 'emails[type eq "home"].value': 'k@a.be' } },
      { emails: [work ?? {}, { value: 'k@a.be', type: 'home' }] },
    ],
    [
      'on a complex attribute leaves what it does not name',
      { op: 'replace', path: 'name', value: { familyName: 'Stone' } },
      { name: { givenName: 'Kim', familyName: 'Stone' } },
    ],
    [
      'with a filter changes that value',
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'k@vives.be' },
      { emails: [{ value: 'k@vives.be', type: 'work', primary: true }, home ?? {}] },
    ],
    [
      'that adds by a filter makes a value as the filter says',
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '0471' },
      { phoneNumbers: [{ type: 'mobile', value: '0471' }] },
    ],
    [
      'that adds to a list keeps what it had, once',
      { op: 'add', path: 'emails', value: [home, { value: 'c@d.be' }] },
      { emails: [work ?? {}, home ?? {}, { value: 'c@d.be' }] },
    ],
    [
      'that adds a primary one takes that from the other',
      { op: 'add', path: 'emails', value: [{ value: 'c@d.be', primary: true }] },
      {
        emails: [
          { value: 'kim@vives.be', type: 'work', primary: false },
          home ?? {},
          { value: 'c@d.be', primary: true },
        ],
      },
    ],
    [
      'that removes by a filter leaves the rest',
      { op: 'remove', path: 'emails[type eq "work"]' },
      { emails: [home ?? {}] },
    ],
    [
      'that removes named values, as Entra does',
      { op: 'Remove', path: 'emails', value: [{ value: 'kim@vives.be' }] },
      { emails: [home ?? {}] },
    ],
    [
      'on an attribute of ours',
      { op: 'add', path: `${PEDEL}:numbers`, value: ['r1234567'] },
      { [PEDEL]: { numbers: ['r1234567'] } },
    ],
    [
      'on all of ours',
      { op: 'add', path: PEDEL, value: { numbers: ['r1234567'] } },
      { [PEDEL]: { numbers: ['r1234567'] } },
    ],
    [
      'on ours without a path',
      { op: 'add', value: { [PEDEL]: { numbers: ['r1234567'] } } },
      { [PEDEL]: { numbers: ['r1234567'] } },
    ],
    ['with the name of the schema before it', { op: 'add', path: `${CORE}:nickName`, value: 'k' }, { nickName: 'k' }],
    ['in other letters', { op: 'add', path: 'NICKNAME', value: 'k' }, { nickName: 'k' }],
    [
      'that repeats what the server set',
      { op: 'replace', value: { id: 'x', meta: {}, nickName: 'k' } },
      { nickName: 'k' },
    ],
  ])('%s', (_, operation, change) => {
    expect(apply(before, operation)).toEqual({ user: { ...before, ...change }, ignored: [] });
  });

  test('that removes an attribute leaves nothing of it', () => {
    expect(apply(before, { op: 'remove', path: 'emails' }).user.emails).toBeUndefined();
    expect(apply(before, { op: 'remove', path: 'name.givenName' }).user.name).toEqual({ familyName: 'Storm' });
  });

  test('on an attribute that is not known here is named and ignored', () => {
    const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department';
    const operations = ['title', enterprise, 'emails[type eq "work"].country'].map((path) => ({
      op: 'add',
      path,
      value: 'x',
    }));
    expect(apply(before, ...operations)).toEqual({
      user: before,
      ignored: ['title', enterprise, 'emails[type eq "work"].country'],
    });
  });

  test.each<[string, object, string]>([
    ['without a known act', { op: 'move', path: 'nickName' }, 'invalidSyntax'],
    ['that removes without a path', { op: 'remove' }, 'noTarget'],
    [
      'that replaces what is not there',
      { op: 'replace', path: 'emails[type eq "other"].value', value: 'a@b.be' },
      'noTarget',
    ],
    ['with a path that cannot be read', { op: 'add', path: 'emails[type eq', value: 'x' }, 'invalidPath'],
    ['with another filter', { op: 'remove', path: 'emails[type co "w"]' }, 'invalidFilter'],
    ['on what the server sets', { op: 'replace', path: 'id', value: 'x' }, 'mutability'],
    ['on what the server sets of ours', { op: 'replace', path: `${PEDEL}:notes`, value: ['x'] }, 'mutability'],
    ['that takes the name away', { op: 'remove', path: 'userName' }, 'invalidValue'],
    ['with a value of another type', { op: 'add', path: 'nickName', value: 7 }, 'invalidValue'],
    ['without a value', { op: 'add', path: 'nickName' }, 'invalidValue'],
  ])('%s is refused', (_, operation, scimType) => {
    expect(refused(operation)).toEqual([400, scimType]);
  });

  test('never reaches what every object has', () => {
    for (const path of ['__proto__.polluted', '__proto__', 'name.__proto__'])
      expect(refused({ op: 'add', path, value: true })).toEqual([400, 'invalidPath']);
    expect(apply(before, { op: 'add', path: 'constructor.prototype', value: {} }).user).toEqual(before);
    expect(refused(JSON.parse('{"op":"add","value":{"__proto__":{"polluted":true}}}'))).toEqual([400, 'invalidPath']);
    apply(before, JSON.parse('{"op":"add","value":{"name":{"__proto__":{"polluted":true}}}}'));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('is one of a hundred at most', () => {
    const many = Array.from({ length: 101 }, () => ({ op: 'add', path: 'nickName', value: 'k' }));
    expect(refused(...many)).toEqual([400, 'tooMany']);
  });
});

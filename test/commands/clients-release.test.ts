/** What a registration that says little is given, and what stays (rule 32). Under a second of processor: in memory. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { JsonValue } from '../../src/domain/json-value.ts';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import { createRegistrationCheck } from '../../src/oidc/registration/registration-check.ts';
import { applyClients } from '../../src/use-cases/clients/apply-clients.ts';

const judge = createRegistrationCheck();
const library = { client_id: 'library', redirect_uris: ['https://library.example.edu/back'] };
const everyScope = 'openid profile email phone address eduperson';

/** `before`: metadata of a registration that an earlier version stored. */
function registry(before?: Record<string, JsonValue>) {
  const records = new Map<string, ClientRecord>();
  const { client_id: id, ...rest } = library;
  const base = { id, revision: 1, secrets: [], createdAt: 0, updatedAt: 0 };
  if (before !== undefined) records.set(id, { ...base, metadata: { ...rest, ...before } });
  const clients = {
    find: async (one: string) => records.get(one),
    put: async (record: ClientRecord) => records.set(record.id, record) !== undefined,
    findByResource: async () => undefined,
    list: async () => [],
  };
  return {
    metadata: () => records.get('library')?.metadata,
    async apply(change: object, changeSubjects = false) {
      const issuer = 'https://login.example.edu';
      const deps = {
        issuer,
        clients,
        now: () => 1,
        randomBytes,
        dryRun: false,
        judge,
        fetchLogo: undefined,
        changeSubjects,
      };
      const [result] = await applyClients([{ ...library, ...change }], deps);
      if (result === undefined) throw new Error('no result');
      if (result.outcome === 'refused') return { faults: result.faults.map(({ member }) => member) };
      const { outcome, members, warnings } = result;
      return { outcome, members, warning: warnings?.join('. ') };
    },
  };
}

describe('a registration without scope', () => {
  test('gets the pseudonymous bundle and a sub of its own, and a second run changes nothing', async () => {
    const { apply, metadata } = registry();
    expect(await apply({})).toMatchObject({ outcome: 'created', warning: undefined });
    expect(metadata()).toMatchObject({
      scope: 'openid eduperson',
      pedel_bundle: 'pseudonymous',
      subject_type: 'pairwise',
      pedel_sector: 'library.example.edu',
    });
    expect(await apply({})).toMatchObject({ outcome: 'unchanged' });
  });

  test('has the scopes of the bundle that it names', async () => {
    const { apply, metadata } = registry();
    const grant_types = ['authorization_code', 'refresh_token'];
    await apply({ pedel_bundle: 'personalised', grant_types, subject_type: 'public' });
    expect(metadata()).toMatchObject({
      scope: 'openid profile email eduperson offline_access',
      subject_type: 'public',
    });
    expect(Object.keys(metadata() ?? {})).not.toContain('pedel_sector');
  });

  test('of an earlier version keeps what it has, and whoever applies it is told', async () => {
    const { apply, metadata } = registry({ scope: everyScope });
    expect(await apply({ token_endpoint_auth_method: 'none' })).toMatchObject({
      outcome: 'changed',
      members: ['token_endpoint_auth_method'],
      warning: expect.stringMatching(/^scope: neither it nor pedel_bundle is named, so "openid profile/),
    });
    expect(metadata()).toMatchObject({ scope: everyScope });
    expect(Object.keys(metadata() ?? {})).not.toContain('pedel_bundle');
    // and never more than it had
    const narrow = registry({ scope: 'openid email' });
    await narrow.apply({ token_endpoint_auth_method: 'none' });
    expect(narrow.metadata()?.scope).toBe('openid email');
  });

  test('that has a bundle goes back to the pseudonymous one', async () => {
    const { apply, metadata } = registry();
    await apply({ pedel_bundle: 'personalised' });
    await apply({});
    expect(metadata()).toMatchObject({ pedel_bundle: 'pseudonymous', scope: 'openid eduperson' });
  });

  test('and without sign-in gets no bundle', async () => {
    const { apply, metadata } = registry();
    await apply({ redirect_uris: [], response_types: [], grant_types: [] });
    expect(metadata()).toMatchObject({ scope: 'openid' });
    expect(Object.keys(metadata() ?? {})).not.toContain('pedel_bundle');
  });
});

describe('sub', () => {
  test('does not change with a registration, unless it is told to', async () => {
    for (const [before, change, member] of [
      [{ scope: 'openid' }, { scope: 'openid', subject_type: 'pairwise' }, 'subject_type'],
      [{ scope: 'openid', subject_type: 'pairwise' }, { scope: 'openid', subject_type: 'public' }, 'subject_type'],
      [
        { scope: 'openid', subject_type: 'pairwise' },
        { scope: 'openid', pedel_sector: 'other.example' },
        'pedel_sector',
      ],
    ] as const) {
      const { apply, metadata } = registry(before);
      const was = metadata();
      expect(await apply(change)).toEqual({ faults: [member] });
      expect(metadata()).toBe(was);
      expect(await apply(change, true)).toMatchObject({ outcome: 'changed' });
    }
  });

  test('stays public for an application of an earlier version that is given a bundle', async () => {
    const { apply, metadata } = registry({ scope: everyScope });
    expect(await apply({ pedel_bundle: 'pseudonymous' })).toMatchObject({ outcome: 'changed' });
    expect(metadata()).toMatchObject({ subject_type: 'public', scope: 'openid eduperson' });
    expect(await apply({ pedel_bundle: 'pseudonymous' })).toMatchObject({ outcome: 'unchanged' });
    // also where it says so itself
    const named = { pedel_bundle: 'pseudonymous', subject_type: 'public' };
    expect(await apply(named)).toMatchObject({ outcome: 'unchanged' });
  });

  test('stays what it is when addresses change, of one host and of several', async () => {
    const { apply, metadata } = registry({ scope: 'openid', subject_type: 'pairwise' });
    const openid = { scope: 'openid', subject_type: 'pairwise' };
    expect(await apply({ ...openid, token_endpoint_auth_method: 'none' })).toMatchObject({
      members: ['token_endpoint_auth_method'],
    });
    await apply({ ...openid, redirect_uris: ['https://new.example.edu/back', 'https://library.example.edu/back'] });
    expect(metadata()?.pedel_sector).toBe('library.example.edu');
    await apply({ ...openid, redirect_uris: ['https://new.example.edu/back'] });
    expect(metadata()?.pedel_sector).toBe('library.example.edu');
  });

  test('is of the application itself where it has several hosts, or none of its own', async () => {
    for (const change of [
      { redirect_uris: ['https://a.example.edu/', 'https://b.example.edu/'] },
      { redirect_uris: ['edu.example.app:/back'], application_type: 'native' },
      { redirect_uris: ['http://localhost:8000/back'], application_type: 'native' },
      { redirect_uris: ['http://127.0.0.1/back'], application_type: 'native' },
    ]) {
      const { apply, metadata } = registry();
      expect(await apply(change)).toMatchObject({ outcome: 'created' });
      expect(metadata()?.pedel_sector).toBe('client/library');
    }
  });
});

test('an application that asks people for more than a pseudonym is to say for what', async () => {
  const warned = async (change: object) => (await registry().apply(change)).warning;
  expect(await warned({ pedel_bundle: 'personalised' })).toMatch(/^pedel_purpose: /);
  expect(await warned({ scope: 'openid email' })).toMatch(/^pedel_purpose: /);
  expect(await warned({ scope: 'openid email', 'pedel_purpose#nl': 'Om uit te lenen.' })).toBeUndefined();
  expect(await warned({ scope: 'openid email', pedel_first_party: true })).toBeUndefined();
  expect(await warned({ pedel_bundle: 'pseudonymous' })).toBeUndefined();
});

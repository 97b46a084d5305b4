/** Groups on the command line: in a feed, of a person, and in registrations that name them. Cost: two seconds. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type CommandLine, openCommandLine } from './command-line.ts';

let shell: CommandLine;
beforeEach(() => {
  shell = openCommandLine();
});
afterEach(() => shell.close());

const header = 'person,number,given_name,family_name,organisation,role,groups,entitlements,orcid';
const feed = (...rows: string[]) => shell.file('people.csv', [header, ...rows].join('\n'));

test('a feed gives groups and entitlements, and a row that says more than its source may is refused by name', async () => {
  const file = feed(
    'p1,u0000001,An,P,kuleuven,staff,kuleuven-icts; kuleuven-x,urn:mace:dir:entitlement:common-lib-terms,0000-0002-1825-0097',
    'p2,u0000002,Bo,P,kuleuven,staff,"admins;kuleuven-a,b",javascript:x,0000-0002-1825-0098',
  );
  const { status, err } = await shell.run('people', 'import', file, '--source', 'demo');
  expect(status).toBe(2);
  for (const told of [
    'line 3: refused: groups "admins" is not a group that source "demo" may give (kuleuven-*, vives-*): leave it out, or add it to groups of the source',
    'line 3: refused: groups "kuleuven-a,b" is no name of a group',
    'line 3: refused: entitlements "javascript:x" is no URI',
    'line 3: refused: orcid "0000-0002-1825-0098" must be an ORCID iD',
  ])
    expect(err).toContain(told);
  const { out } = await shell.run('people', 'show', 'u0000001');
  expect(out).toMatch(/groups +kuleuven-icts · kuleuven · staff · demo\n +kuleuven-x/);
  expect(out).toMatch(/entitlements +urn:mace:dir:entitlement:common-lib-terms/);
  expect(out).toMatch(/orcid +https:\/\/orcid\.org\/0000-0002-1825-0097/);
});

test('a source that is not said to give groups gives none, and the fault says where to say it', async () => {
  const { err } = await shell.run('people', 'import', feed('p1,u0000001,An,P,kuleuven,staff,ict,,'));
  expect(err).toContain(
    'groups "ict" cannot be taken: source "csv" may give no groups until the configuration lists them, for example groups: [\'ict-*\']',
  );
});

test('a registration that names organisations, groups or claims that are not there is refused with what is', async () => {
  const deriving = (client_id: string, when: string, more: object = {}) => ({
    client_id,
    redirect_uris: ['https://jupyter.example/hub/oauth_callback'],
    scope: 'openid profile groups',
    pedel_derived_claims: [{ claim: 'groups', value: 'admins', when: [when] }],
    ...more,
  });
  const registrations = [
    deriving('a', 'staff@kulv'),
    deriving('b', 'group:admins'),
    deriving('c', 'staff', { scope: 'openid profile' }),
    deriving('d', 'staff', { pedel_rename: { mail: 'email' } }),
    deriving('e', 'group:kuleuven-icts'),
  ];
  const file = shell.file('clients.json', JSON.stringify(registrations));
  const { status, err, out } = await shell.run('clients', 'apply', '--offline', file);
  expect(status).toBe(2);
  expect(err).toContain('pedel_derived_claims "kulv": use an organisation of the configuration: kuleuven, vives, alum');
  expect(err).toContain('pedel_derived_claims "admins": use a group that a source may give');
  expect(err).toContain('pedel_derived_claims "groups": add "groups" to the scope');
  expect(err).toContain('pedel_rename "email": add "email" to the scope, which has email, or remove mail');
  expect(out).toContain('e: created');
});

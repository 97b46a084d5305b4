/** docs/api.md as an administrator types it: a service, its role, its token, and what it does with it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import needs from '../support/needs.cjs';
import { snippet, substituted } from './documents.ts';
import { ownConfiguration } from './installation.ts';
import { openFolder, ready, type Typed } from './shell.ts';

const ISSUER = 'https://idp.example.edu';

(needs.shell ? describe : describe.skip)('docs/api.md', () => {
  let shell: Typed;
  let issuer: string;
  let secret: string;
  const typed = async (words: string) => {
    const ran = await shell.type(`export PATH="$PWD/bin:$PATH"\n${words}`);
    if (ran.status !== 0) throw new Error(`${words}\nended with ${ran.status}:\n${ran.out}`);
    return ran.out;
  };
  const here = (block: string) => substituted(block, { [ISSUER]: issuer });

  beforeAll(async () => {
    shell = openFolder({ PEDEL_CONFIG: 'pedel.yaml', PEDEL_SECRET: 'a secret of thirty-two characters or more' });
    const configuration = await ownConfiguration({ mailPort: 1 });
    issuer = configuration.address.replace('127.0.0.1', 'localhost');
    shell.file('pedel.yaml', configuration.yaml);
  }, 120_000);
  afterAll(() => shell?.remove());

  test('a service is registered, and gets a role', async () => {
    shell.file('services.json', here(snippet('docs/api.md: Get a token: json')));
    const out = await typed(snippet('docs/api.md: Get a token: sh'));
    secret = /client_secret\s+(\S+)/.exec(out)?.[1] ?? '';
    expect(out).toContain('client-administrator');
    expect(secret).not.toBe('');
  });

  test('its token says who it is, lists clients, and makes what its role allows', async () => {
    const node = shell.start('bin/pedel serve');
    await ready(issuer, node);
    const token = here(snippet('docs/api.md: Get a token: sh 2'));
    const out = await typed(`SECRET=${secret}\n${token}\n${here(snippet('docs/api.md: Change something: sh'))}`);
    expect(out).toContain('"client_id":"reports"');
    expect(out).toContain('"items":[');
    expect(out).toMatch(/"token":"pedel_iat_/);
    const made = here(snippet('docs/api.md: Register a client, and see what it would learn: sh'));
    const told = await typed(`SECRET=${secret}\n${token}\n${made}`);
    expect(told).toMatch(/"client_secret":"pedel_cs_/);
    expect(told).toContain('"name":"Discovery"');
    expect(told).toContain('"claim":"sub"');
  });

  test('it imports people', async () => {
    shell.file(
      'people.csv',
      'person,number,given_name,family_name,organisation,role\np1,r0000001,Wout,Claes,example,student\n',
    );
    const role = snippet('docs/api.md: Import people: sh');
    const told = await typed(`${role}\nSECRET=${secret}\n${here(snippet('docs/api.md: Import people: sh 2'))}`);
    expect(told).toContain('"state":"planned"');
    const id = /"id":"([0-9a-f-]{36})"\}/.exec(told)?.[1] ?? '';
    while (!(await typed('bin/pedel people imports')).includes('applied'));
    expect(await typed('bin/pedel people imports --json')).toContain(id);
  });
});

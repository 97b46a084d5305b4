/** docs/api.md as an administrator types it: a service, its role, its token, and what it does with it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import needs from '../support/needs.cjs';
import { snippet } from './documents.ts';
import { openInstallation } from './installation.ts';
import { ready } from './shell.ts';

(needs.shell ? describe : describe.skip)('docs/api.md', () => {
  let pedel: Awaited<ReturnType<typeof openInstallation>>;
  let secret: string;
  beforeAll(async () => {
    pedel = await openInstallation();
  }, 120_000);
  afterAll(() => pedel?.shell.remove());

  test('a service is registered, and gets a role', async () => {
    pedel.shell.file('services.json', pedel.here(snippet('docs/api.md: Get a token: json')));
    const out = await pedel.shell.run(snippet('docs/api.md: Get a token: sh'));
    secret = /client_secret\s+(\S+)/.exec(out)?.[1] ?? '';
    expect(out).toContain('client-administrator');
    expect(secret).not.toBe('');
  });

  test('its token says who it is, lists clients, and makes what its role allows', async () => {
    const node = pedel.shell.start('bin/pedel serve');
    await ready(pedel.issuer, node);
    const token = pedel.here(snippet('docs/api.md: Get a token: sh 2'));
    const out = await pedel.shell.run(
      `SECRET=${secret}\n${token}\n${pedel.here(snippet('docs/api.md: Change something: sh'))}`,
    );
    expect(out).toContain('"client_id":"reports"');
    expect(out).toContain('"items":[');
    expect(out).toMatch(/"token":"pedel_iat_/);
    const made = pedel.here(snippet('docs/api.md: Register a client, and see what it would learn: sh'));
    const told = await pedel.shell.run(`SECRET=${secret}\n${token}\n${made}`);
    expect(told).toMatch(/"client_secret":"pedel_cs_/);
    expect(told).toContain('"name":"Discovery"');
    expect(told).toContain('"claim":"sub"');
  });

  test('it imports people', async () => {
    pedel.shell.file(
      'people.csv',
      'person,number,given_name,family_name,organisation,role\np1,r0000001,Wout,Claes,example,student\n',
    );
    const role = snippet('docs/api.md: Import people: sh');
    const told = await pedel.shell.run(
      `${role}\nSECRET=${secret}\n${pedel.here(snippet('docs/api.md: Import people: sh 2'))}`,
    );
    expect(told).toContain('"state":"planned"');
    const id = /"id":"([0-9a-f-]{36})"\}/.exec(told)?.[1] ?? '';
    while (!(await pedel.shell.run('bin/pedel people imports')).includes('applied'));
    expect(await pedel.shell.run('bin/pedel people imports --json')).toContain(id);
  });
});

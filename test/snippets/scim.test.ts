/** docs/scim.md as an administrator types it: a token of a source, and what is done with it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import needs from '../support/needs.cjs';
import { snippet, substituted } from './documents.ts';
import { ownConfiguration } from './installation.ts';
import { openFolder, ready, type Typed } from './shell.ts';

const ISSUER = 'https://idp.example.edu';

(needs.shell ? describe : describe.skip)('docs/scim.md', () => {
  let shell: Typed;
  let issuer: string;
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

  test('a source has a token and a service, and a person is made, found, closed and deleted', async () => {
    const token = /pedel-scim\S+/.exec(await typed(snippet('docs/scim.md: Let a source in: sh')))?.[0] ?? '';
    shell.file('provisioning.json', here(snippet('docs/scim.md: Let a source in: json')));
    await typed(snippet('docs/scim.md: Let a source in: sh 2'));
    const node = shell.start('bin/pedel serve');
    await ready(issuer, node);
    const out = await typed(`TOKEN=${token}\n${here(snippet('docs/scim.md: A walk: sh'))}`);
    expect(out).toContain('"totalResults":1');
    expect(out).toContain('"active":false');
    expect(out).toMatch(/204\s*$/);
    expect(await typed(snippet('docs/scim.md: The safeguard: sh'))).toContain(
      'csv: 0 lost access within 24 hours, and now 365 may',
    );
  });
});

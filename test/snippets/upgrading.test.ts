/** docs/upgrading.md and docs/registration.md, and the options that docs/operations.md shows, on the configuration of an own installation. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import needs from '../support/needs.cjs';
import { snippet } from './documents.ts';
import { ownConfiguration } from './installation.ts';
import { openFolder, type Typed } from './shell.ts';

(needs.shell ? describe : describe.skip)('an installation that is upgraded', () => {
  let shell: Typed;
  let own: object;
  const configured = (...blocks: string[]) =>
    shell.file('pedel.yaml', stringify(Object.assign({}, own, ...blocks.map((lines) => parse(lines)))));
  beforeAll(async () => {
    shell = openFolder({ PEDEL_CONFIG: 'pedel.yaml', PEDEL_SECRET: 'a secret of thirty-two characters or more' });
    const { yaml } = await ownConfiguration({ mailPort: 1 });
    own = parse(yaml);
    configured(snippet('docs/upgrading.md: From 0.2: yaml'), snippet('docs/operations.md: Networks and limits: yaml'));
  });
  afterAll(() => shell?.remove());

  test('declares its sources and networks as the documents do', async () => {
    expect(await shell.type('bin/pedel config check')).toMatchObject({ status: 0 });
  }, 60_000);

  test('applies the rules of access to the accounts that it has', async () => {
    const { status, out } = await shell.type(snippet('docs/upgrading.md: From 0.2: sh'));
    expect({ status, out }).toMatchObject({ status: 0, out: expect.stringMatching(/0 accounts/) });
  }, 60_000);

  test('lets applications register themselves as docs/registration.md says', async () => {
    const [organisation] = (own as { organisations: { id: string }[] }).organisations;
    configured(snippet('docs/registration.md: Applications that register themselves: yaml'));
    const lines = snippet('docs/registration.md: Tokens: sh').replace('kuleuven', organisation?.id ?? '');
    expect(await shell.type(lines)).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^pedel_iat_\S+ .*\n(\w+ .* wiki\.example\.edu .*\n){2}$/),
    });
  }, 60_000);

  test('keeps its passkeys at another host', async () => {
    configured(snippet('docs/operations.md: Move the issuer to another host: yaml'));
    expect(await shell.type('bin/pedel config check')).toMatchObject({ status: 0 });
  }, 60_000);
});

/** docs/scim.md as an administrator types it: a token of a source, and what is done with it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import needs from '../support/needs.cjs';
import { snippet } from './documents.ts';
import { openInstallation } from './installation.ts';
import { ready } from './shell.ts';

(needs.shell ? describe : describe.skip)('docs/scim.md', () => {
  let pedel: Awaited<ReturnType<typeof openInstallation>>;
  beforeAll(async () => {
    pedel = await openInstallation();
  }, 120_000);
  afterAll(() => pedel?.shell.remove());

  test('a source has a token and a service, and a person is made, found, closed and deleted', async () => {
    const token = /pedel-scim\S+/.exec(await pedel.shell.run(snippet('docs/scim.md: Let a source in: sh')))?.[0] ?? '';
    pedel.shell.file('provisioning.json', pedel.here(snippet('docs/scim.md: Let a source in: json')));
    await pedel.shell.run(snippet('docs/scim.md: Let a source in: sh 2'));
    const node = pedel.shell.start('bin/pedel serve');
    await ready(pedel.issuer, node);
    const out = await pedel.shell.run(`TOKEN=${token}\n${pedel.here(snippet('docs/scim.md: A walk: sh'))}`);
    expect(out).toContain('"totalResults":1');
    expect(out).toContain('"active":false');
    expect(out).toMatch(/204\s*$/);
    expect(await pedel.shell.run(snippet('docs/scim.md: The safeguard: sh'))).toContain(
      'csv: 0 lost access within 24 hours, and now 365 may',
    );
  });
});

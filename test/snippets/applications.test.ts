/** The recipes of docs/applications.md: each registers its application, and what the other side gets is read in its language. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SnippetLanguage } from '../../src/domain/clients/presets/snippet-languages.ts';
import { type CommandLine, openCommandLine } from '../commands/command-line.ts';
import needs from '../support/needs.cjs';
import { readerOf, settingsOf, wordsOf } from '../support/snippets.ts';
import { type Block, snippetsUnder, substituted } from './documents.ts';

const recipes = {
  moodle: snippetsUnder('docs/applications.md: Moodle'),
  canvas: snippetsUnder('docs/applications.md: Canvas'),
  satosa: snippetsUnder('docs/applications.md: SATOSA (bridge to SAML)'),
  nextcloud: snippetsUnder('docs/applications.md: Nextcloud'),
  gitlab: snippetsUnder('docs/applications.md: GitLab'),
  grafana: snippetsUnder('docs/applications.md: Grafana'),
  jupyterhub: snippetsUnder('docs/applications.md: JupyterHub'),
  oauth2Proxy: snippetsUnder('docs/applications.md: oauth2-proxy'),
  apache: snippetsUnder('docs/applications.md: Apache with mod_auth_openidc'),
  roundcube: snippetsUnder('docs/applications.md: Roundcube'),
  dovecot: snippetsUnder('docs/applications.md: Dovecot'),
  keycloak: snippetsUnder('docs/applications.md: Keycloak (as a broker)'),
  spring: snippetsUnder('docs/applications.md: Spring Security'),
};
const last = (blocks: Block[]) => blocks.at(-1)?.code ?? '';

(needs.shell ? describe : describe.skip)('the recipes of docs/applications.md', () => {
  let shell: CommandLine;
  beforeAll(() => {
    shell = openCommandLine();
  });
  afterAll(() => shell.close());

  test.each(Object.entries(recipes))('register %s, and are read in their language', async (_, blocks) => {
    const [add, ...snippets] = blocks;
    const line = substituted(add?.code ?? '', { 'bin/pedel ': 'pedel ', ' --config pedel.yaml': '' });
    const [[, ...words] = []] = wordsOf(line);
    const { status, out, err } = await shell.run(...words);
    expect({ status, out }).toEqual({ status: 0, out: expect.stringMatching(/: created\n/) });
    expect(err).toMatch(/^(Nobody is told before the secret expires: .*\n)?$/); // whom to tell only the reader knows
    for (const { language, code } of snippets)
      expect(() => readerOf(language as SnippetLanguage)?.(code)).not.toThrow();
  });

  test('say to each reader what was registered', () => {
    const secret = 'THE-SECRET-SHOWN-WHEN-IT-IS-REGISTERED';
    expect(settingsOf(last(recipes.grafana))).toMatchObject({
      'server.root_url': 'https://grafana.example.edu',
      'auth.generic_oauth.client_secret': secret,
      'auth.generic_oauth.use_pkce': 'true',
    });
    expect(settingsOf(last(recipes.dovecot))).toMatchObject({
      introspection_url: `https://dovecot:${secret}@idp.example.edu/token/introspection`,
    });
    const [[proxy, ...flags] = []] = wordsOf(last(recipes.oauth2Proxy));
    expect(proxy).toBe('oauth2-proxy');
    expect(flags).toEqual(
      expect.arrayContaining(['--redirect-url=https://wiki.example.edu/oauth2/callback', '--email-domain=*']),
    );
    expect(wordsOf(last(recipes.nextcloud))).toEqual([expect.arrayContaining(['occ', `--clientsecret=${secret}`])]);
  });

  (needs.apache ? test : test.skip)('configure Apache', () => {
    const { command = '', modules = '' } = needs.apache ?? {};
    const file = join(shell.folder, 'apache.conf');
    const passphrase = { '"exec:/bin/cat /etc/apache2/openidc-passphrase"': '"a passphrase of the test"' };
    const module = (name: string, path: string) => `LoadModule ${name}_module ${modules}/${path}.so`;
    const loaded = [module('mpm_event', 'mod_mpm_event'), module('authn_core', 'mod_authn_core')];
    const more = [module('authz_core', 'mod_authz_core'), module('authz_user', 'mod_authz_user')];
    const own = [
      'ServerName localhost',
      `PidFile ${shell.folder}/pid`,
      'Listen 127.0.0.1:1',
      `ErrorLog ${shell.folder}/log`,
    ];
    const text = [...loaded, ...more, module('auth_openidc', 'mod_auth_openidc'), ...own].join('\n');
    writeFileSync(file, `${text}\n${substituted(last(recipes.apache), passphrase)}`);
    expect(() => execFileSync(command, ['-t', '-f', file], { stdio: 'pipe' })).not.toThrow();
  });
});

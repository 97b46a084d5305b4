/**
 * The catalogue, `pedel presets` and `pedel clients add`: every preset is registered as it is. Six seconds of processor, most
 * of them for the shells and Pythons that read snippets.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readCatalogue } from '../../src/config/catalogue.ts';
import { readClientMetadata } from '../../src/domain/clients/metadata/client-metadata.ts';
import { addressesOf } from '../../src/domain/clients/presets/placeholders.ts';
import { render } from '../../src/domain/clients/presets/preset-rendering.ts';
import { closeAll, startOidc } from '../oidc/support.ts';
import { readerOf } from '../support/snippets.ts';
import { type CommandLine, installation, openCommandLine } from './command-line.ts';

const { presets, faults } = readCatalogue(join(installation, 'catalogue'));
const products = presets.filter(({ through }) => through === undefined);
const provider = { issuer: 'https://idp.example.edu', provider: `L'Université "Ünïque"` };
const rendered = (id: string) => {
  const preset = presets.find((each) => each.id === id);
  if (preset === undefined) throw new Error(`there is no ${id}`);
  const result = render(preset, {}, provider, { examples: true, secret: 'a-secret-of-the-test' });
  if ('faults' in result) throw new Error(JSON.stringify(result.faults));
  return result;
};

describe('the catalogue', () => {
  test('has no fault, and ends with the six kinds for everything else', () => {
    expect(faults).toEqual([]);
    expect(presets.length).toBeGreaterThan(35);
    const kinds = ['web-server', 'single-page', 'native-app', 'command-line', 'service', 'api'];
    expect(presets.slice(-6).map(({ id }) => id)).toEqual(kinds);
    expect(presets.filter(({ generic }) => generic !== undefined)).toHaveLength(6);
  });

  test.each(products.map(({ id }) => id))('%s is registered without a fault or a warning', (id) => {
    const read = readClientMetadata(rendered(id).registration);
    expect(read).toEqual({ accepted: expect.objectContaining({ id, warnings: [] }) });
  });

  test.each(products.map(({ id }) => id))(
    '%s leaves no placeholder, and each snippet is read in its language',
    (id) => {
      const { registration, fields, snippets } = rendered(id);
      const all = JSON.stringify([registration, fields, snippets]);
      expect(all.match(/\{[a-z][a-z_]*\}/g)).toBeNull();
      for (const { language, text } of snippets) expect(() => readerOf(language)?.(text)).not.toThrow();
      expect(fields.length + snippets.length).toBeGreaterThan(0);
    },
  );

  test('says everything in Dutch and English, and says how sure it is', () => {
    for (const { id, notes, unverified, verified, snippets } of presets) {
      for (const each of [...notes, unverified, ...snippets.map(({ when }) => when)])
        if (each !== undefined) expect([id, Object.keys(each).sort()]).toEqual([id, ['en', 'nl']]);
      expect([id, verified.source === '']).toEqual([id, false]);
      const words = / (with|and|of|as|the) /.test(verified.version ?? '');
      expect([id, verified['version#nl'] !== undefined]).toEqual([id, words]);
    }
    const evidence = (kind: string) => presets.filter(({ verified }) => verified.by === kind).map(({ id }) => id);
    expect(evidence('third-party').sort()).toEqual(['forgejo', 'gitea', 'saas-saml']);
    expect(evidence('run')).not.toContain('moodle');
  });

  test('names the tests that ran a product', () => {
    const named = presets.flatMap(({ verified }) => verified.source.match(/test\/[\w/-]+\.test\.ts/g) ?? []);
    expect(new Set(named).size).toBe(7);
    for (const file of named) expect(() => readFileSync(join(installation, file))).not.toThrow();
  });

  test('has claims in the ID token for products that read nothing else, and only for those', () => {
    const withClaims = products.filter(({ metadata }) => metadata?.pedel_id_token_claims !== undefined);
    expect(withClaims.map(({ id }) => id).sort()).toEqual([
      'authlib',
      'cloudflare-access',
      'kubernetes',
      'moodle-auth-oidc',
    ]);
    for (const { faults } of withClaims) expect(faults).toContain('idTokenClaims');
    expect(rendered('moodle-auth-oidc').registration.pedel_ignored_resources).toEqual(['https://graph.microsoft.com']);
  });

  test('knows the addresses of the discovery document', async () => {
    const { issuer } = await startOidc();
    const discovered = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
    const {
      introspection_path: path,
      issuer_scheme: scheme,
      issuer_host: host,
      discovery,
      ...endpoints
    } = addressesOf(issuer);
    expect(discovered).toMatchObject(endpoints);
    expect(endpoints.introspection_endpoint).toBe(`${scheme}://${host}${path}`);
    expect(discovery).toBe(`${issuer}/.well-known/openid-configuration`);
    await closeAll();
  });
});

describe('the command line', () => {
  let shell: CommandLine;
  beforeAll(() => {
    shell = openCommandLine();
  });
  afterAll(() => shell.close());

  test('lists, finds, and shows a preset in Dutch', async () => {
    expect((await shell.run('presets', 'show', 'authlib', '--language', 'nl')).out).toContain('1.9 met Flask');
    const { out } = await shell.run('presets', 'list');
    expect(out.trimEnd().split('\n')).toHaveLength(presets.length);
    expect((await shell.run('presets', 'list', 'blackboard')).out).toMatch(/^satosa.*\ntoledo .*through satosa\n$/);
    const shown = await shell.run(
      'presets',
      'show',
      'nextcloud',
      '--address',
      'https://c.example.edu/',
      '--language',
      'nl',
    );
    expect(shown).toMatchObject({ status: 0, err: '' });
    expect(shown.out).toMatch(/Goed om te weten\n {2}- Het stuurt id en geheim zonder de codering/);
    expect(shown.out).toContain('"https://c.example.edu/index.php/apps/user_oidc/code"');
    expect(shown.out).toContain("--discoveryuri='http://localhost:3000/.well-known/openid-configuration'");
  });

  test('shows a registration that clients apply takes', async () => {
    const shown = await shell.run('presets', 'show', 'grafana', '--registration');
    const file = shell.file('clients.json', shown.out);
    expect(await shell.run('clients', 'apply', file, '--dry-run')).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^grafana: created\n/),
    });
  });

  test('refuses what there is not, what is missing and what is not taken', async () => {
    expect((await shell.run('presets', 'show', 'black')).err).toContain('do you mean satosa or toledo?');
    expect((await shell.run('presets', 'list', 'no such thing')).status).toBe(1);
    expect(await shell.run('clients', 'add', 'gitea', '--alias', 'x"; rm', '--team', 't')).toEqual({
      status: 1,
      out: '',
      err: expect.stringMatching(
        /--address is missing: [^\n]+\n {2}--alias is not taken: [^\n]+\n {2}--team is not asked/,
      ),
    });
    const { err, status } = await shell.run('clients', 'add', 'toledo');
    expect({ status, err }).toEqual({ status: 1, err: expect.stringContaining('pedel presets show satosa') });
  });

  test('registers every preset, shows its secret in what the other side types, and once', async () => {
    const order = ['api', 'roundcube', ...products.map(({ id }) => id)]; // whom others name comes first
    for (const id of new Set(order)) {
      const examples = Object.entries(products.find((each) => each.id === id)?.asks ?? {}).flatMap(([ask, settings]) =>
        'example' in settings ? [`--${ask}`, settings.example] : [],
      );
      const { status, out, err } = await shell.run(
        'clients',
        'add',
        id,
        ...examples,
        '--json',
        '--contact',
        'it@example.edu',
      );
      expect({ id, status, err }).toEqual({ id, status: 0, err: '' });
      const added = JSON.parse(out);
      expect(added).toMatchObject({ client_id: id, outcome: 'created' });
      expect(added.warning).toBeUndefined();
      const secret = added.client_secret;
      const there = JSON.stringify([added.fields, added.snippets]);
      if (secret === undefined) expect(there).not.toContain('THE-SECRET');
      else expect(there).toContain(secret);
      if (id !== 'gitlab' && id !== 'kubernetes') continue; // one with a secret, one without
      const again = await shell.run('clients', 'add', id, ...examples);
      expect(again).toMatchObject({ status: 1, err: expect.stringContaining('an application has it already') });
      if (secret !== undefined) expect(again.err + again.out).not.toContain(secret);
    }
    const listed = JSON.parse((await shell.run('clients', 'list', '--json')).out);
    expect(listed.map(({ client_id }: { client_id: string }) => client_id).sort()).toEqual(
      products.map(({ id }) => id).sort(),
    );
  });

  test('the first secret has a name and an end, and where nobody would be told of that, it says so', async () => {
    const gitea = ['clients', 'add', 'gitea', '--address', 'https://g.example.edu', '--alias', 'u', '--client-id'];
    const quiet = await shell.run(...gitea, 'told', '--contact', 'a@example.edu', '--contact', 'b@example.edu');
    expect(quiet.err).toBe('');
    const warned = await shell.run(...gitea, 'untold', '--secret-name', 'old server', '--secret-expires', '90-days');
    expect([warned.status, warned.err]).toEqual([0, expect.stringContaining('--contact')]);
    expect((await shell.run(...gitea, 'for-ever', '--secret-expires', 'none')).err).toBe('');
    const secrets = async (id: string) =>
      JSON.parse((await shell.run('clients', 'secret', 'list', id, '--json')).out).secrets;
    expect(await secrets('told')).toEqual([
      expect.objectContaining({ name: 'first secret', expires: expect.any(String) }),
    ]);
    expect(await secrets('untold')).toEqual([
      expect.objectContaining({ name: 'old server', expires: expect.any(String) }),
    ]);
    expect((await secrets('for-ever'))[0].expires ?? null).toBeNull();
    const shown = JSON.parse((await shell.run('clients', 'show', 'told', '--json')).out);
    expect(JSON.stringify(shown)).toContain('"contacts":["a@example.edu","b@example.edu"]');
    for (const wrong of [
      ['--secret-name', 'a\u202eb'],
      ['--secret-expires', 'P1Y'],
      ['--contact', 'nobody'],
    ])
      expect((await shell.run(...gitea, 'wrong', ...wrong)).status).not.toBe(0);
    expect((await shell.run('clients', 'show', 'wrong')).status).not.toBe(0);
  });

  test('registers under another id and name, for the association, or only tries', async () => {
    const given = ['--address', 'https://x.example.edu', '--client-id', 'x', '--name', 'Wiki «x»'];
    const tried = await shell.run('clients', 'add', 'oauth2-proxy', ...given, '--dry-run');
    expect(tried).toMatchObject({ status: 0, out: expect.stringContaining('Dry run, nothing was changed.') });
    expect(tried.out).toContain('THE-SECRET-SHOWN-WHEN-IT-IS-REGISTERED');
    const { out } = await shell.run('clients', 'add', 'oauth2-proxy', ...given, '--first-party');
    expect(out).toMatch(/^x: created\n {4}client_id {6}x\n {4}client_secret {2}pedel_cs_\S{43} {3}\(shown only now\)/);
    const shown = JSON.parse((await shell.run('clients', 'show', 'x')).out);
    expect(shown).toMatchObject({ client_name: 'Wiki «x»', pedel_first_party: true, pedel_require_pkce: true });
  });

  test('docs/applications.md is what pedel presets document prints', async () => {
    const { out } = await shell.run('presets', 'document');
    // stale? bin/pedel presets document > docs/applications.md
    expect(readFileSync(join(installation, 'docs', 'applications.md'), 'utf8')).toBe(out);
  });
});

describe('a folder of presets of its own', () => {
  let shell: CommandLine;
  let own: string;
  beforeAll(() => {
    shell = openCommandLine();
    own = join(shell.folder, 'own');
    mkdirSync(own);
  });
  afterAll(() => shell.close());
  const yaml = (id: string, more = 'metadata: { redirect_uris: ["{address}/back"] }\n') =>
    `id: ${id}\nname: Own ${id}\nverified: { by: unverified, date: 2026-11-29, source: us }\nasks: { address: { example: "https://own.example.edu" } }\n${more}`;
  const told = () =>
    readCatalogue(join(installation, 'catalogue'), own).faults.map(({ key, where, remedy }) => ({
      key,
      where: where.slice(own.length + 1),
      remedy,
    }));

  test('adds presets, and takes the place of one with the same id', async () => {
    shell.file('own/loans.yaml', yaml('loans'));
    shell.file('own/gitlab.yaml', yaml('gitlab'));
    shell.environment.PEDEL_CATALOGUE = own;
    const { out } = await shell.run('presets', 'list', 'own ');
    expect(out).toMatch(/^gitlab +Own gitlab +unverified, your own\nloans +Own loans +unverified, your own\n$/);
    expect((await shell.run('clients', 'add', 'loans', '--address', 'https://l.example.edu')).status).toBe(0);
  });

  test('is refused with every fault of every file, each with its line', async () => {
    shell.file('own/loans.yaml', yaml('loans', 'metadata:\n  redirect_uris:\n    - "{addres}/back"\n'));
    shell.file('own/gitlab.yaml', yaml('git-lab'));
    shell.file('own/broken.yaml', 'id: broken\nname: "\n');
    shell.file('own/odd.yaml', yaml('odd', 'metadata: { redirect_uris: ["{address}/back"] }\nfoo: 1\n'));
    shell.file('own/scope.yaml', yaml('scope', 'metadata:\n  redirect_uris: ["{address}/back"]\n  scope: profile\n'));
    const snippet = 'snippets:\n  - file: x\n    language: sh\n    text: |\n      run --a\n      run {client_id}\n';
    shell.file('own/shell.yaml', yaml('shell', `metadata: { redirect_uris: ["{address}/back"] }\n${snippet}`));
    shell.file('own/through.yaml', yaml('through', 'through: nobody\n'));
    expect(told()).toEqual([
      { key: '(file)', where: expect.stringMatching(/^broken\.yaml:\d$/), remedy: expect.any(String) },
      { key: 'id', where: 'gitlab.yaml:1', remedy: 'name the file git-lab.yaml' },
      { key: 'metadata.redirect_uris[0]', where: 'loans.yaml:7', remedy: expect.stringContaining('correct {addres}') },
      { key: 'foo', where: 'odd.yaml:6', remedy: 'remove foo' },
      { key: 'metadata.scope', where: 'scope.yaml:7', remedy: 'add openid' },
      { key: 'snippets[0].text', where: 'shell.yaml:11', remedy: expect.stringContaining('the quotes of sh') },
      { key: 'through', where: 'through.yaml', remedy: 'name one with metadata' },
    ]);
    const { status, err } = await shell.run('presets', 'list');
    expect(status).toBe(1);
    expect(err).toContain('the catalogue has 7 faults');
  });

  test('that is none, or a file that blows up, is a fault and not an exception', async () => {
    own = join(shell.folder, 'bombs');
    mkdirSync(own);
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'.split('').map((name, n) => `${name}: &${name} [${`*${'abcdefgh'[n]},`.repeat(9)}]`),
    ];
    shell.file('bombs/bomb.yaml', bomb.join('\n'));
    shell.file('bombs/long.yaml', `id: ${'x'.repeat(200_000)}`);
    shell.file('bombs/nul.yaml', '\0');
    shell.file('bombs/list.yaml', '- 1\n');
    shell.file('bombs/empty.yaml', '');
    expect(new Set(told().map(({ where }) => where.split('.')[0]))).toEqual(
      new Set(['bomb', 'long', 'nul', 'list', 'empty']),
    );
    const [fault] = readCatalogue(join(installation, 'catalogue'), join(own, 'none')).faults;
    expect(fault).toMatchObject({
      where: join(own, 'none'),
      remedy: expect.stringContaining('there is no such folder'),
    });
  });
});

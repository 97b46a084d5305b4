import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeOptions } from '../../src/commands/config.ts';
import { type Fault, loadConfig } from '../../src/config/load.ts';
import { options } from '../../src/config/options.ts';
import { leafOptions } from '../../src/config/paths.ts';
import { openSealer } from '../../src/domain/sealing/lasting-key.ts';
import { openReceiver } from '../mail/support/receiver.ts';
import { unboundedNumbers } from '../support/zod-numbers.ts';
import { type CommandLine, installation, openCommandLine, secret } from './command-line.ts';

let shell: CommandLine;
beforeEach(() => {
  shell = openCommandLine();
});
afterEach(() => shell.close());

const ORGANISATION = `
organisations:
  - id: kuleuven
    name: { nl: KU Leuven, en: KU Leuven }
    domains: [kuleuven.be]
    contacts: [{ label: { nl: Helpdesk, en: Helpdesk }, email: helpdesk@example.edu }]
    colour: '#00407a'
`;

function load(
  text: string,
  environment: Record<string, string> = { PEDEL_SECRET: secret },
  files: Record<string, string> = {},
) {
  return loadConfig({
    file: '/etc/pedel.yaml',
    environment,
    secret: 'required',
    readFile(path) {
      const content = { '/etc/pedel.yaml': text, ...files }[path];
      if (content === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
      return content;
    },
  });
}

const keys = (faults: Fault[]) => faults.map(({ key }) => key);

describe('access', () => {
  const given = (lines: string[]) =>
    load(`issuer: https://login.example.edu${ORGANISATION}${lines.map((line) => `    ${line}\n`).join('')}`);

  test('is read by role; where the file says nothing, people get in 30 days early, and a week longer where they stop', () => {
    const student = "{ opens: P90D, expired: 10-31, completed: '02-28', discontinued: P7D, retain: P1Y }";
    const { faults, config } = given([`access: { student: ${student}, default: {} }`]);
    expect(faults).toEqual([]);
    expect(config?.organisations[0]?.access).toEqual({
      student: { opens: 'P90D', expired: '10-31', completed: '02-28', discontinued: 'P7D', retain: 'P1Y' },
      default: {},
    });
    const standard = { default: { opens: 'P30D', discontinued: 'P7D' } };
    expect(given([]).config?.organisations[0]?.access).toEqual(standard);
  });

  test('is told with all its faults at once, each with a remedy; so is what stood in its place before', () => {
    const { faults } = given([
      'graceDays: 14',
      'opensDays: 60',
      'retain: { default: P1Y }',
      'access:',
      '  student: { opens: P90, expired: 31-10, completed: 02-29, discontinued: 7, withdrawn: P0D, retain: 1Y }',
      '  studnt: { opens: P90D }',
      '  staff: P7D',
      '  default: { expired: P1M, completed: 04-31, discontinued: P9999D, opens: 10-31 }',
    ]);
    const told = faults.map(({ key, remedy }) => [key.replace('organisations[0].', ''), remedy]);
    expect(told).toEqual([
      ['graceDays', expect.stringContaining('access: { default: { discontinued: P14D } }')],
      ['opensDays', expect.stringContaining('access: { default: { opens: P60D } }')],
      ['retain', expect.stringContaining('access: { default: { retain: P1Y } }')],
      ['access.student.opens', expect.stringContaining('P90D')],
      ['access.student.expired', expect.stringContaining('there is no month 31')],
      ['access.student.completed', expect.stringContaining('write 02-28 or 03-01')],
      ['access.student.discontinued', expect.stringContaining('P7D')],
      ['access.student.retain', expect.stringContaining('P1Y')],
      ['access.student.withdrawn', expect.stringContaining('at the second')],
      ['access.studnt', expect.stringContaining('student, staff')],
      ['access.staff', expect.stringContaining('{ student: {')],
      ['access.default.opens', expect.stringContaining('P90D')],
      ['access.default.expired', expect.stringContaining('months')],
      ['access.default.completed', expect.stringContaining('its last one is 30')],
      ['access.default.discontinued', expect.stringContaining('P7D')],
    ]);
  });
});

describe('groups and entitlements', () => {
  const VIVES = ORGANISATION.replace('\norganisations:', '').replaceAll('kuleuven', 'vives').trimEnd();
  const given = (lines: string) =>
    load(
      `issuer: https://login.example.edu${ORGANISATION}    groupNamespace: urn:geant:kuleuven.be${VIVES}\nsources:\n  - { id: sap, organisations: [vives], numbers: ['r#######'], ${lines} }\n`,
    );

  test('a source may name groups, and entitlements outside the namespace of other organisations', () => {
    const { faults, config } = given("groups: [ict-*, 'chess club'], entitlements: ['urn:geant:vives.be:*']");
    expect(faults).toEqual([]);
    expect(config?.sources[0]).toMatchObject({
      groups: ['ict-*', 'chess club'],
      entitlements: ['urn:geant:vives.be:*'],
    });
  });

  test.each([
    ["groups: ['*-admins']", 'sources[0].groups[0]'],
    ["groups: ['']", 'sources[0].groups[0]'],
    ['groups: []', 'sources[0].groups'],
    ["entitlements: ['urn:geant:*']", 'sources[0].entitlements[0]'],
    ["entitlements: ['urn:geant:kuleuven.be:group:admins']", 'sources[0].entitlements[0]'],
    ["entitlements: ['*']", 'sources[0].entitlements[0]'],
  ])('%s is a fault', (lines, key) => {
    expect(keys(given(lines).faults)).toEqual([key]);
  });

  test('a namespace is a URN that only one organisation has', () => {
    const named = (namespace: string) =>
      keys(load(`issuer: https://login.example.edu${ORGANISATION}    groupNamespace: ${namespace}\n`).faults);
    expect(named('https://kuleuven.be')).toEqual(['organisations[0].groupNamespace']);
    const twice = `${ORGANISATION}    groupNamespace: urn:geant:a.be${VIVES}\n    groupNamespace: urn:geant:a.be\n`;
    expect(keys(load(`issuer: https://login.example.edu${twice}`).faults)).toEqual(['organisations[1].groupNamespace']);
  });
});

describe('passkeyDomain', () => {
  const given = (lines: string) => load(`issuer: https://login.example.edu\n${lines}${ORGANISATION}`);

  test.each(['login.example.edu', 'example.edu'])(
    'may be %s, the host of the issuer or a domain above it',
    (domain) => {
      const { faults, config } = given(`passkeyDomain: ${domain}`);
      expect(faults).toEqual([]);
      expect(config?.passkeyDomain).toBe(domain);
    },
  );

  test.each([
    ['https://example.edu', 'example.edu'],
    ['example.edu:443', 'example.edu'],
    ['Example.edu', 'example.edu'],
    ['edu', 'at least two parts'],
    ['192.0.2.1', 'an address has no passkeys'],
    ['"[2001:db8::1]"', 'an address has no passkeys'],
    ['example.edu.', 'leave out the dot'],
    ['""', 'write a domain'],
  ])('is no domain as %s, and the remedy is said', (domain, remedy) => {
    const fault = given(`passkeyDomain: ${domain}`).faults.find(
      ({ key, remedy: said }) => key === 'passkeyDomain' && said.includes(remedy),
    );
    expect(fault).toBeDefined();
  });

  test.each(['idp.example.edu', 'ample.edu', 'a.login.example.edu', 'example.org'])(
    'is refused as %s, which the issuer does not lie in, unless the issuer is named as related to it',
    (domain) => {
      const { faults } = given(`passkeyDomain: ${domain}`);
      expect(faults).toMatchObject([{ key: 'passkeyDomain', where: '/etc/pedel.yaml:2', value: domain }]);
      expect(faults[0]?.remedy).toContain('add https://login.example.edu to relatedOrigins');
      expect(faults[0]?.remedy).toContain(`https://${domain}/.well-known/webauthn`);
      const related = (origin: string) => given(`passkeyDomain: ${domain}\nrelatedOrigins: [${origin}]`).faults;
      expect(related('https://login.example.edu')).toEqual([]);
      expect(keys(related('https://other.example.edu'))).toEqual(['passkeyDomain']);
      expect(keys(related('https://login.example.edu/'))).toContain('relatedOrigins[0]');
    },
  );
});

describe('pedel config check', () => {
  test('reports all faults at once, with key, place, value and remedy, and exits with 1', async () => {
    const file = shell.file(
      'bad.yaml',
      `issuer: http://idp.example.edu
listen: 3000
colour: red
mail: { url: 'http://mail', from: nobody }
allowNetworks: [10.0.0.0]
log: { level: loud }
lifetimes: { sessionIdleSeconds: 700000, codeSeconds: "60" }
organisations:
  - id: kuleuven
    name: { nl: KU Leuven }
    domains: [kuleuven.be]
    contacts: [{ label: { en: b } }]
    colour: yellow
    logo: gone.svg
  - id: kuleuven
    name: { nl: KU Leuven, en: KU Leuven }
    domains: [kuleuven.be]
    contacts: [{ label: { nl: a, en: b }, phone: '+32 16 32 00 00' }]
    colour: '#00407a'
    color: red
`,
    );
    for (const name of ['PEDEL_ISSUER', 'PEDEL_LISTEN', 'PEDEL_STORAGE', 'PEDEL_MAIL']) delete shell.environment[name];
    const { status, out } = await shell.run('config', 'check', file, '--json');
    expect(status).toBe(1);
    const { faults } = JSON.parse(out) as { faults: Fault[] };
    expect(keys(faults)).toEqual([
      'issuer',
      'listen',
      'colour',
      'mail.url',
      'mail.from',
      'allowNetworks[0]',
      'log.level',
      'lifetimes.codeSeconds',
      'lifetimes.sessionIdleSeconds',
      'organisations[0].contacts[0]',
      'organisations[0].contacts[0].label.nl',
      'organisations[0].colour',
      'organisations[0].logo',
      'organisations[1].id',
      'organisations[1].domains[0]',
      'organisations[1].color',
    ]);
    expect(faults.find(({ key }) => key === 'organisations[0].colour')).toEqual({
      key: 'organisations[0].colour',
      where: `${file}:13`,
      value: 'yellow',
      expected: 'a colour #rrggbb',
      remedy: 'write for example "#00407a"',
    });
    for (const { expected, remedy } of faults) expect([expected, remedy]).not.toContain('');
  });

  test('finds no fault in the files that come with Pedel', async () => {
    shell.environment.PEDEL_METRICS_LISTEN = '127.0.0.1:0';
    for (const name of ['pedel.yaml', 'production.example.yaml']) {
      const { status, out } = await shell.run('config', 'check', join(installation, 'config', name));
      expect({ status, out }).toEqual({ status: 0, out: expect.stringContaining('no fault') });
    }
  });

  test('reports a missing secret as a start does, and as a note where it is not at hand', async () => {
    delete shell.environment.PEDEL_SECRET;
    const refusal = { status: 1, err: expect.stringContaining('openssl rand') };
    expect(await shell.run('config', 'check')).toMatchObject(refusal);
    expect(await shell.run('serve')).toMatchObject(refusal);
    const without = await shell.run('config', 'check', '--without-secret');
    expect(without).toMatchObject({ status: 0, out: expect.stringContaining('PEDEL_SECRET is not set') });
  });

  const faultsOf = async (...options: string[]) => {
    const { status, out } = await shell.run('config', 'check', '--json', ...options);
    const { faults, warnings } = JSON.parse(out) as { faults: Fault[]; warnings: string[] };
    expect(status).toBe(faults.length === 0 ? 0 : 1);
    return { faults, warnings };
  };

  async function answering(text: string) {
    const server = createServer((_request, response) => response.end(text));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const end = () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, end };
  }

  test('reports an address on which serve could not listen, and only notes a Pedel that runs there', async () => {
    const [another, pedel, metrics] = await Promise.all(
      ['hello', 'alive\n', '# HELP pedel_emails_total x\n'].map(answering),
    );
    shell.environment.PEDEL_LISTEN = another?.address;
    shell.environment.PEDEL_METRICS_LISTEN = '192.0.2.1:9464';
    expect((await faultsOf()).faults).toEqual([
      {
        key: 'listen',
        where: 'PEDEL_LISTEN',
        value: another?.address,
        expected: expect.any(String),
        remedy: expect.stringContaining('is in use'),
      },
      expect.objectContaining({ key: 'metricsListen', remedy: expect.stringContaining('192.0.2.1') }),
    ]);
    shell.environment.PEDEL_LISTEN = pedel?.address;
    shell.environment.PEDEL_METRICS_LISTEN = metrics?.address;
    expect(await faultsOf()).toEqual({
      faults: [],
      warnings: [expect.stringContaining('a Pedel listens'), expect.stringContaining('a Pedel listens')],
    });
    await Promise.all([another, pedel, metrics].map((each) => each?.end()));
  });

  test('reports a storage that serve could not make or open, and makes nothing', async () => {
    const inTheWay = shell.file('file', 'no database '.repeat(100));
    shell.environment.PEDEL_STORAGE = `sqlite:${inTheWay}/data/pedel.db`;
    expect((await faultsOf()).faults).toEqual([
      expect.objectContaining({ key: 'storage', remedy: expect.stringContaining(`${inTheWay} is in the way`) }),
    ]);
    shell.environment.PEDEL_STORAGE = `sqlite:${inTheWay}`;
    expect(keys((await faultsOf()).faults)).toEqual(['storage']);
    shell.environment.PEDEL_STORAGE = 'sqlite:/proc/pedel/pedel.db'; // even root makes no folder there
    const serve = await shell.run('serve');
    expect(serve).toMatchObject({
      status: 1,
      err: expect.stringContaining('/proc/pedel for the database cannot be made'),
    });
    shell.environment.PEDEL_STORAGE = `sqlite:${shell.folder}/new/folder/pedel.db`;
    expect(await faultsOf()).toEqual({ faults: [], warnings: [] });
    expect(existsSync(join(shell.folder, 'new'))).toBe(false);
  });

  test('reports a secret that does not open what is stored', async () => {
    await shell.withStorage(({ values }) => openSealer({ secret }, values, randomBytes));
    expect((await faultsOf()).faults).toEqual([]);
    shell.environment.PEDEL_SECRET = 'another secret of thirty-two characters';
    expect(keys((await faultsOf()).faults)).toEqual(['PEDEL_SECRET']);
    expect((await shell.run('serve')).status).toBe(1);
  });

  test('with --connect, tries the mail server', async () => {
    const receiver = await openReceiver();
    shell.environment.PEDEL_MAIL = `smtp://127.0.0.1:${receiver.port}`;
    expect((await faultsOf('--connect')).faults).toEqual([]);
    shell.environment.PEDEL_MAIL_REQUIRE_TLS = 'true';
    expect((await faultsOf()).faults).toEqual([]);
    expect((await faultsOf('--connect')).faults).toEqual([
      expect.objectContaining({ key: 'mail.url', where: 'PEDEL_MAIL', value: shell.environment.PEDEL_MAIL }),
    ]);
    await receiver.close();
    delete shell.environment.PEDEL_MAIL_REQUIRE_TLS;
    expect(keys((await faultsOf('--connect')).faults)).toEqual(['mail.url']);
    expect(receiver.received).toHaveLength(0);
  });

  test('reports a file that is missing, is not YAML or is no mapping, with its place', () => {
    expect(
      loadConfig({
        file: 'x.yaml',
        environment: {},
        secret: 'required',
        readFile: (path) => readFileSync(path, 'utf8'),
      }).faults,
    ).toEqual([
      expect.objectContaining({ key: '(file)', where: 'x.yaml', remedy: expect.stringContaining('no such file') }),
    ]);
    expect(load('issuer: [').faults[0]).toMatchObject({
      key: '(file)',
      where: expect.stringMatching(/^\/etc\/pedel\.yaml:\d+:\d+$/),
    });
    expect(load('just words').faults[0]).toMatchObject({ key: '(file)' });
    expect(load('issuer: a\nissuer: b').faults[0]).toMatchObject({ key: '(file)', where: '/etc/pedel.yaml:2:1' });
  });
});

describe('secrets', () => {
  const masked = (faults: Fault[]) => JSON.stringify(faults);

  test('are faults in the file, and the report masks them', () => {
    const { faults } = load(
      `issuer: http://localhost:3000\nsecret: geheim-geheim\nmail: { url: 'smtp://user:geheim@mail', password: geheim }\nstorage: 'mongodb://u:geheim@db/x'${ORGANISATION}`,
    );
    expect(keys(faults)).toEqual(['secret', 'mail.url', 'mail.password', 'storage']);
    expect(masked(faults)).not.toContain('geheim');
    expect(faults[0]?.remedy).toContain('PEDEL_SECRET_FILE');
  });

  test('are read from a file that the environment names, without the final newline', () => {
    const { config } = load(
      `issuer: http://localhost:3000${ORGANISATION}`,
      {
        PEDEL_SECRET_FILE: '/run/secret',
        PEDEL_MAIL_USER: 'pedel',
        PEDEL_MAIL_PASSWORD_FILE: '/run/mail',
        PEDEL_MAIL: 'smtp://mail:587',
      },
      { '/run/secret': `${secret}\n`, '/run/mail': 'geheim' },
    );
    expect(config).toMatchObject({ secret, mail: { url: 'smtp://mail:587', user: 'pedel', password: 'geheim' } });
  });

  test('are faults if they are too short, given twice, or in a missing file', () => {
    const text = `issuer: http://localhost:3000${ORGANISATION}`;
    expect(load(text, { PEDEL_SECRET: 'short' }).faults).toEqual([
      expect.objectContaining({ key: 'PEDEL_SECRET', value: '••••••••', expected: 'at least 32 characters' }),
    ]);
    expect(keys(load(text, { PEDEL_SECRET: secret, PEDEL_SECRET_FILE: '/x' }).faults)).toEqual(['PEDEL_SECRET']);
    expect(keys(load(text, { PEDEL_SECRET_FILE: '/x' }).faults)).toContain('PEDEL_SECRET_FILE');
  });
});

describe('the mail server', () => {
  const withMail = (mail: string, environment: Record<string, string> = {}, files: Record<string, string> = {}) =>
    load(
      `issuer: https://idp.example.edu\nmail: ${mail}${ORGANISATION}`,
      { PEDEL_SECRET: secret, ...environment },
      files,
    );

  test('is greeted by the host of the issuer, unless the file names another', () => {
    expect(withMail('{ url: smtp://mail:25 }').config?.mail.name).toBe('idp.example.edu');
    expect(withMail('{ url: smtp://mail:25, name: mx.example.edu }').config?.mail.name).toBe('mx.example.edu');
    const local = { PEDEL_ISSUER: 'http://[::1]:3000' };
    expect(withMail('{ url: smtp://mail:25 }', local).config?.mail.name).toBe('[IPv6:::1]');
    expect(keys(withMail('{ url: smtp://mail:25, name: "a b" }').faults)).toEqual(['mail.name']);
  });

  test('has options of its own, none in its address', () => {
    const { faults } = withMail('{ url: "smtp://mail:25?requireTLS=true" }');
    expect(faults).toEqual([
      expect.objectContaining({ key: 'mail.url', remedy: expect.stringContaining('mail.requireTLS') }),
    ]);
    expect(withMail('{ url: smtp://mail:25, requireTLS: true }').config?.mail.requireTLS).toBe(true);
  });

  test('is trusted by the certificates of a file, which must hold some', () => {
    const cert = rootCertificates[0] ?? '';
    const given = (content: string) =>
      withMail('{ url: smtps://mail:465, ca: ca.pem }', {}, { '/etc/ca.pem': content });
    expect(given(cert).config?.mail.ca).toBe(cert.trim());
    for (const faulty of ['', 'words', cert.replace('MII', 'AAA')])
      expect(given(faulty).faults).toEqual([expect.objectContaining({ key: 'mail.ca', where: '/etc/pedel.yaml:2' })]);
    expect(withMail('{ url: smtps://mail:465, ca: gone.pem }').faults).toEqual([
      expect.objectContaining({ key: 'mail.ca', remedy: expect.stringContaining('no such file') }),
    ]);
  });

  test('gets a user name and a password, or neither', () => {
    expect(keys(withMail('{ url: smtp://mail:25 }', { PEDEL_MAIL_USER: 'pedel' }).faults)).toEqual([
      'PEDEL_MAIL_PASSWORD',
    ]);
    expect(keys(withMail('{ url: smtp://mail:25 }', { PEDEL_MAIL_PASSWORD: 'x' }).faults)).toEqual(['PEDEL_MAIL_USER']);
  });
});

describe('options', () => {
  const text = `issuer: http://localhost:3000\nlog: { level: warn }${ORGANISATION}`;

  test('the environment overrides the file, and the file overrides the default', () => {
    expect(load(text).config?.log.level).toBe('warn');
    expect(load(text, { PEDEL_SECRET: secret, PEDEL_LOG_LEVEL: 'debug' }).config?.log.level).toBe('debug');
    expect(load(text).config?.lifetimes.codeSeconds).toBe(60);
    expect(load(text, { PEDEL_SECRET: secret, PEDEL_LOG_LEVEL: '' }).config?.log.level).toBe('warn');
  });

  test('texts are complete: the default language speaks where another is silent, and a check notes it', () => {
    const bilingual = text.replace('label: { nl: Helpdesk, en: Helpdesk }', 'label: { nl: Hulp }');
    const { config, warnings } = load(bilingual);
    expect(config?.defaultLanguage).toBe('nl'); // in which the first name is written first
    expect(config?.organisations[0]?.contacts[0]?.label).toMatchObject({ nl: 'Hulp', en: 'Hulp' });
    expect(warnings).toEqual([
      'organisations[0].contacts[0].label has no text in en: that in nl is shown (/etc/pedel.yaml:7)',
    ]);

    const dutch = bilingual.replace('{ nl: KU Leuven, en: KU Leuven }', '{ nl: KU Leuven }');
    expect(load(dutch)).toMatchObject({ warnings: [], config: { organisations: [{ name: { en: 'KU Leuven' } }] } });
    expect(load(`defaultLanguage: en\n${bilingual}`).faults).toEqual([
      expect.objectContaining({ key: 'organisations[0].contacts[0].label.en', where: '/etc/pedel.yaml:8' }),
    ]);
    expect(keys(load(`defaultLanguage: tlh\n${text}`).faults)).toEqual(['defaultLanguage']);
    const english = load(text.replaceAll(/\{ (nl: [\w ]+), (en: [\w ]+) \}/g, '{ $2, $1 }')).config;
    expect(english?.defaultLanguage).toBe('en');
  });

  test('words that no password may consist of are no secret: a fault shows them', () => {
    expect(load(`passwords: { words: [ku] }\n${text}`).faults).toEqual([
      expect.objectContaining({ key: 'passwords.words[0]', value: 'ku' }),
    ]);
  });

  test('all of them but organisations can be set in the environment', () => {
    const leaves = [...leafOptions(options)].filter(({ kind }) => kind !== 'structured');
    expect(new Set(leaves.map(({ environment }) => environment)).size).toBe(leaves.length);
    const values = { list: '/a, /b', number: '601', boolean: 'yes', text: '' };
    const fitting: Record<string, string> = {
      PEDEL_TRUSTED_PROXIES: '10.0.0.0/8,fd00::/8',
      PEDEL_ALLOW_NETWORKS: '10.0.0.0/8,fd00::/8',
      PEDEL_SECURITY_CONTACT: 'mailto:security@example.edu, tel:+32-16-32-28-00',
      PEDEL_END_WARNING_DAYS: '21, 3',
      PEDEL_PASSKEY_DOMAIN: 'localhost',
      PEDEL_DYNAMIC_REGISTRATION_APPROVAL: 'by-token',
      PEDEL_DYNAMIC_REGISTRATION_PENDING_DAYS: '31',
      PEDEL_RELATED_ORIGINS: 'https://login.example.org, https://login.example.net:8443',
      PEDEL_PASSWORDS_WORDS: 'toledo, arenberg',
      PEDEL_HASHING_PROCESSES: '3',
      PEDEL_TRUSTED_BROWSER_DAYS: '30',
      PEDEL_LIFETIMES_CODE_SECONDS: '61',
      PEDEL_LIFETIMES_SESSION_MAX_SECONDS: '90000',
      PEDEL_LIFETIMES_INVITATION_SECONDS: '7200',
      PEDEL_INSTALLATION_COLOUR: '#ffd500',
      PEDEL_INSTALLATION_LOGO: join(installation, 'config', 'logos', 'vives.svg'),
      PEDEL_INSTALLATION_LOGO_DARK: join(installation, 'config', 'logos', 'vives-dark.svg'),
      PEDEL_INSTALLATION_MARK: join(installation, 'config', 'logos', 'association-mark.svg'),
    };
    for (const { environment, kind, path, about } of leaves) {
      const value = fitting[environment] ?? (kind === 'text' ? about.example : values[kind as 'list']);
      const extra = { [environment]: value };
      const files = { '/etc/mail-ca.pem': rootCertificates[0] ?? '' };
      const { config, faults, warnings } = load(text, { PEDEL_SECRET: secret, ...extra }, files);
      expect({ environment, faults, warnings }).toEqual({ environment, faults: [], warnings: [] });
      const standard = load(text).config;
      const read = (from: unknown) =>
        path.reduce<unknown>((part, step) => (part as Record<string, unknown> | undefined)?.[step], from);
      if (!['PEDEL_LISTEN', 'PEDEL_MAIL_FROM'].includes(environment))
        expect({ environment, value: read(config) }).not.toEqual({
          environment,
          value: environment === 'PEDEL_LOG_LEVEL' ? 'warn' : read(standard),
        });
    }
  });

  test('a fault of the environment names the variable', () => {
    const { faults } = load(text, {
      PEDEL_SECRET: secret,
      PEDEL_LISTEN: 'nowhere',
      PEDEL_TRUSTED_PROXIES: '10.0.0.0/8,x',
      PEDEL_ORGANISATIONS: 'a',
    });
    expect(faults.map(({ key, where }) => [key, where])).toEqual([
      ['PEDEL_ORGANISATIONS', 'environment'],
      ['listen', 'PEDEL_LISTEN'],
      ['trustedProxies[1]', 'PEDEL_TRUSTED_PROXIES'],
    ]);
  });

  test('networks have names of their own, readable addresses and known limits', () => {
    const networks = (...lines: string[]) =>
      load(`${text}\nnetworks:\n${lines.map((line) => `  - ${line}\n`).join('')}`);
    const { config } = networks('{ name: campus, cidrs: [192.0.2.0/28], limits: { mailsPerNetwork: 600 } }');
    expect(config?.networks).toEqual([{ name: 'campus', cidrs: ['192.0.2.0/28'], limits: { mailsPerNetwork: 600 } }]);
    const { faults } = networks(
      '{ name: campus, cidrs: [192.0.2.0/28] }',
      '{ name: campus, cidrs: [192.0.2.0], limits: { mailsPerNetwork: 0, tries: 1 } }',
    );
    expect(faults.map(({ key }) => key)).toEqual([
      'networks[1].cidrs[0]',
      'networks[1].limits.mailsPerNetwork',
      'networks[1].limits.tries',
      'networks[1].name',
    ]);
    expect(load(text, { PEDEL_SECRET: secret, PEDEL_NETWORKS: 'campus' }).faults).toMatchObject([
      { key: 'PEDEL_NETWORKS', remedy: 'put networks in a file, and name it with --config' },
    ]);
  });

  test('an unknown PEDEL_ variable gives a warning', () => {
    expect(load(text, { PEDEL_SECRET: secret, PEDEL_ISUER: 'x', PEDEL_TEST_MONGODB: 'y' }).warnings).toEqual([
      expect.stringContaining('PEDEL_ISUER'),
    ]);
  });

  test.each([
    ['https://idp.example.edu', true],
    ['https://idp.example.edu:8443', true],
    ['http://localhost:3000', true],
    ['http://127.0.0.1:3000', true],
    ['http://[::1]:3000', true],
    ['http://idp.example.edu', false],
    ['https://idp.example.edu/', false],
    ['https://idp.example.edu/idp', false],
    ['https://idp.example.edu?x=1', false],
    ['https://idp.example.edu#x', false],
    ['https://user@idp.example.edu', false],
    ['https://idp.example.edu:443', false],
    ['https://IDP.example.edu', false],
    ['idp.example.edu', false],
    ['ftp://idp.example.edu', false],
  ])('the issuer %s is accepted: %s', (issuer, accepted) => {
    expect(load(ORGANISATION, { PEDEL_SECRET: secret, PEDEL_ISSUER: issuer }).faults.length === 0).toBe(accepted);
  });

  test.each([
    ['127.0.0.1:3000', { host: '127.0.0.1', port: 3000 }],
    ['[::1]:3000', { host: '::1', port: 3000 }],
    ['idp.internal:80', { host: 'idp.internal', port: 80 }],
    ['127.0.0.1', undefined],
    [':3000', undefined],
    ['127.0.0.1:70000', undefined],
    ['::1:3000', undefined],
  ])('listen %s is read as %j', (listen, expected) => {
    expect(load(text, { PEDEL_SECRET: secret, PEDEL_LISTEN: listen }).config?.listen).toEqual(expected);
  });

  test('five variables are enough, with the three organisations of the installation', () => {
    const { config } = loadConfig({
      file: join(installation, 'config', 'pedel.yaml'),
      environment: shell.environment,
      secret: 'required',
      readFile: (path) => readFileSync(path, 'utf8'),
    });
    expect(config?.organisations).toMatchObject([
      { id: 'kuleuven', domains: ['kuleuven.be'] },
      { id: 'vives', domains: ['vives.be'], secondFactor: 'required', activation: 'link' },
      {
        id: 'alum',
        domains: ['alum.kuleuven.be'],
        secondFactor: 'offered',
        activation: 'code',
        contacts: [{ email: 'info@alum.kuleuven.be' }],
      },
    ]);
    expect(config?.organisations[1]?.contacts).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ phone: '+32 50 30 52 33' }),
        expect.objectContaining({ phone: '+32 56 26 41 64' }),
      ]),
    );
    expect(config?.mail.from).toContain('helpdesk@icts.kuleuven.be');
  });

  test('a loaded configuration cannot be changed', () => {
    const { config } = load(text);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config?.organisations[0]?.contacts)).toBe(true);
  });

  test('config/README.md is what pedel config describe prints', async () => {
    const { out } = await shell.run('config', 'describe');
    expect(out).toBe(describeOptions());
    // stale? bin/pedel config describe > config/README.md
    expect(readFileSync(join(installation, 'config', 'README.md'), 'utf8')).toBe(out);
    for (const { path, environment, about, kind } of leafOptions(options)) {
      expect(about.purpose).not.toBe('');
      expect(out).toContain(`\`${path.join('.')}\``);
      if (kind !== 'structured') expect(out).toContain(`\`${environment}\``);
    }
  });
});

test('no number of the configuration is without bounds', () => {
  expect(unboundedNumbers(options)).toEqual([]);
});

/** The README as its reader types it: an installation, a registration, and an application that signs a person in. */
import { fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startReceiver } from '../../demo/receiver.ts';
import { until } from '../support/campus.ts';
import { httpVisitor } from '../support/http-visitor.ts';
import needs from '../support/needs.cjs';
import { freePort } from '../support/ports.ts';
import { PASSWORD, type Received, signedIn } from '../support/product.ts';
import { snippet, substituted, text } from './documents.ts';
import { ownConfiguration } from './installation.ts';
import { openFolder, type Ran, type Running, ready, type Typed } from './shell.ts';
import { aCertificate, type Certificate, fetchFrom, startTlsProxy } from './tls.ts';

const MFA = 'https://refeds.org/profile/mfa';
const SFA = 'https://refeds.org/profile/sfa';

const person = (number: string) => ({ number, password: PASSWORD, personalEmail: `${number}@example.org` });
type Person = ReturnType<typeof person>;
const people = ['u0000001', 'u0000002', 'u0000003'].map(person);
const [kim, robin, sam] = people as [Person, Person, Person];

const described = needs.shell ? describe : describe.skip;

described('the README', () => {
  const letters: Received[] = [];
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let proxy: Awaited<ReturnType<typeof startTlsProxy>>;
  let certificate: Certificate;
  let shell: Typed;
  let pedel: Running;
  let applied: Ran;
  let issuer: string;
  let port: number;

  const registration = snippet('README.md: Connect an application: json');
  const apply = snippet('README.md: Connect an application: sh');
  const applies = async (clients: string) => {
    shell.file('clients.json', clients);
    return shell.type(`export PEDEL_SECRET_FILE=pedel.secret\n${apply}`);
  };

  beforeAll(async () => {
    receiver = await startReceiver({ port: 0, store: { put: (received) => void letters.push(...received) } });
    shell = openFolder();
    certificate = aCertificate(shell.folder);
    port = await freePort();
    issuer = `https://localhost:${port}`;
    const { yaml, address } = await ownConfiguration({ issuer, mailPort: receiver.port });
    // so that "prefers" and "insists" can be told apart
    const changed = substituted(yaml, {
      'secondFactor: required': 'secondFactor: offered',
      'credentials: false': 'credentials: true', // its people are active from the start
    });
    shell.file('pedel.yaml', changed);
    shell.file('people.csv', feed());
    const run = snippet('README.md: Run it for real: sh').replaceAll(
      'import people.csv',
      'import people.csv --with-credentials',
    );
    pedel = shell.start(run);
    await ready(address, pedel);
    proxy = await startTlsProxy({ port, to: address, ...certificate });
    applied = await applies(registration);
  }, 120_000);
  afterAll(async () => {
    await proxy?.close();
    await shell?.remove();
    await receiver?.close();
  });

  test('sets up an installation: what is checked, who comes in, who owns it, and that it serves', () => {
    const said = pedel.output();
    expect(said).toMatch(/no fault/);
    expect(said).toMatch(/Dry run/i);
    expect(said).toMatch(/owner \(association\) of person u0000001/);
    expect(said).toContain(`Pedel serves ${issuer} on`);
    expect(pedel.ended()).toBe(false);
  });

  test('registers an application, whose secret is printed once', async () => {
    expect(applied).toMatchObject({ status: 0, out: expect.stringMatching(/^library: created\n/) });
    expect(secretIn(applied)).toMatch(/^[\w-]{32,}$/);
    expect(await applies(registration)).toEqual({ status: 0, out: 'library: unchanged\n' });
  });

  test('signs a person in with openid-client, and prints who it is', async () => {
    expect(await printed(sample(), robin)).toEqual({
      sub: expect.stringMatching(/^[\w-]{20,}$/),
      acr: SFA, // only wished for
      name: 'Robin Storm',
      eduperson_scoped_affiliation: expect.arrayContaining(['staff@example.edu']),
    });
  });

  test('insists on a second factor by an essential claim, and by pedel_acr', async () => {
    const claims = snippet('README.md: Connect an application: js 2');
    const wish = /^ *acr_values: .*\n/m;
    expect(sample()).toMatch(wish);
    expect(await printed(sample().replace(wish, claims), kim)).toMatchObject({ name: 'Kim Storm', acr: MFA });

    const [library] = JSON.parse(registration);
    const [, member = ''] = /"pedel_acr": "([^"]+)"/.exec(text('README.md')) ?? [];
    expect(await applies(JSON.stringify([{ ...library, pedel_acr: member }]))).toMatchObject({
      status: 0,
      out: 'library: changed (pedel_acr)\n',
    });
    await new Promise((resolve) => setTimeout(resolve, 1200)); // a node sees it within a second (docs/operations.md)
    expect(await printed(sample().replace(wish, ''), sam)).toMatchObject({ name: 'Sam Storm', acr: MFA });
  });

  test('describes a backup while Pedel runs, and a copy to move', async () => {
    const [, backup = ''] = /`(bin\/pedel storage backup FILE)`/.exec(text('README.md')) ?? [];
    const [, copy = ''] = /`(bin\/pedel storage copy [^`]+)`/.exec(text('README.md')) ?? [];
    const setting = 'export PEDEL_SECRET_FILE=pedel.secret PEDEL_CONFIG=pedel.yaml\n';
    expect(await shell.type(`${setting}${substituted(backup, { FILE: 'backup.db' })}`)).toMatchObject({ status: 0 });
    // the other database is test/commands/storage's; here: that the words are right, and that nodes must be stopped
    const moved = substituted(copy, { 'mongodb://…': 'sqlite:moved.db' });
    expect(await shell.type(`${setting}${moved}`)).toMatchObject({ status: 1, out: expect.stringMatching(/node/) });
  });

  test('says where it shows its health', async () => {
    const got = await Promise.all(['/healthz', '/readyz'].map((path) => through(`${issuer}${path}`)));
    expect(got.map(({ status }) => status)).toEqual([200, 200]);
  });

  const through: typeof fetch = (...args) => fetchFrom({ port, cert: certificate.cert })(...args);

  /** The sample, with the browser's two ways in place of its words: where it is sent, and where it came back to. */
  function sample(): string {
    const code = snippet('README.md: Connect an application: js');
    const seam = /^\/\/ … .* send the browser to `address`; at the callback:$/m;
    expect(code).toMatch(seam);
    return substituted(code, { 'https://idp.example.edu': issuer }).replace(
      seam,
      [
        "const { once } = await import('node:events');",
        'process.send(address.href);',
        "const callbackUrl = new URL((await once(process, 'message'))[0]);",
        'process.disconnect();',
      ].join('\n'),
    );
  }

  /** Runs it as a program of its own, and the person through the pages meanwhile; what it printed. */
  async function printed(code: string, who: Person): Promise<unknown> {
    const prelude = 'console.log = (shown) => process.stdout.write(JSON.stringify(shown));\n'; // as JSON, to be read here
    const file = shell.file('sample.mjs', `${prelude}${code}`);
    const child = fork(file, {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate.certFile, CLIENT_SECRET: secretIn(applied) },
      execArgv: [],
      silent: true,
    });
    let out = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        out += chunk;
      });
    child.once('message', (address) => {
      const visitor = httpVisitor({}, { follow: (url) => url.startsWith(`${issuer}/`), fetch: through });
      signedIn({ issuer, letter }, visitor, String(address), who).then(
        (callback) => child.send(callback.href),
        (error: Error) => {
          out += error.message;
          child.kill();
        },
      );
    });
    const [status] = await once(child, 'close');
    if (status !== 0) throw new Error(`the sample ended with ${status}:\n${out}`);
    return JSON.parse(out);
  }

  const letter = (to: string, matching: RegExp): Promise<Received> =>
    until(
      async () => letters.findLast((each) => each.to === to && matching.test(`${each.subject}\n${each.text}`)),
      () => `no letter to ${to} matching ${matching}`,
      30_000,
    );
});

const secretIn = ({ out }: Ran): string => /client_secret +(\S+)/.exec(out)?.[1] ?? '';

/** A feed as another system gives it, with the hashes that it kept: nobody has to open an invitation first. */
function feed(): string {
  const salt = randomBytes(8);
  const digest = createHash('sha1').update(PASSWORD).update(salt).digest();
  const hash = `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`;
  const names = ['Kim', 'Robin', 'Sam'];
  return [
    'person,number,given_name,family_name,email,personal_email,language,organisation,role,password_hash',
    ...people.map(({ number, personalEmail }, n) =>
      [
        number,
        number,
        names[n],
        'Storm',
        `${number}@example.edu`,
        personalEmail,
        'en',
        'example',
        'staff',
        hash,
      ].join(),
    ),
  ].join('\n');
}

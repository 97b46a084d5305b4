/**
 * How many acts one node does, and for how much of a core, on SQLite and on MongoDB in turn, so that what else the machine
 * does falls on both: `node bench/speed.ts MONGODB-URI [ROUNDS]`. The database `pedel-speed` in it is dropped. Browsers and
 * node share the machine, so rates are those of this machine; the ratio and the processor time are what may be kept.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { generateSync } from 'otplib';
import { newTotpSeed } from '../src/domain/factors/totp.ts';
import { hashPassword, verifyPassword } from '../src/domain/passwords/password-hash.ts';
import { createSealer } from '../src/domain/sealing/sealer.ts';
import { openStorage } from '../src/storage/open.ts';
import { anAccount } from '../test/support/account.ts';
import { type HttpVisitor, httpVisitor } from '../test/support/http-visitor.ts';
import { aServer } from '../test/support/server.ts';
import { quantile } from '../test/support/statistics.ts';
import { type Asked, ask, bearer, codeAt, exchange, type Tokens } from './acts.ts';
import { CALLBACK, SECRET } from './installation.ts';

const PASSWORD = 'negen koperen lampen dwalen';
const kinds = ['sign-in', 'silent sign-on', 'code exchange', 'userinfo'] as const;
const SIGN_INS = 60;
const OTHERS = 300;
const AT_ONCE = 8;
const APPLICATIONS = ['one', 'two', 'three', 'four'];
const METRIC = 'pedel_process_cpu_seconds_total'; // of the node itself, its hashing processes left out

type Person = { number: string; seed: string };
type Side = { name: string; server: Awaited<ReturnType<typeof aServer>>; people: Person[] };
type Cost = { perSecond: number; cpuMs: number };
type Round = Record<(typeof kinds)[number], Cost>;

const [given, rounds = '5'] = process.argv.slice(2);
if (given === undefined) throw new TypeError('name a MongoDB: mongodb://127.0.0.1:27017/');
const mongodb = new URL(given);
mongodb.pathname = '/pedel-speed';
const database = await new MongoClient(mongodb.href).connect();
await database.db().dropDatabase();
const folder = mkdtempSync(join(tmpdir(), 'pedel-speed-'));
const hash = await hashPassword(PASSWORD, randomBytes);

const sides: Side[] = [];
const results = new Map<string, Round[]>();
try {
  sides.push(await start('SQLite', `sqlite:${join(folder, 'pedel.db')}`));
  sides.push(await start('MongoDB', mongodb.href));
  for (const side of sides) await round(side); // the hashing processes start, code becomes warm
  for (let n = 0; n < Number(rounds); n += 1) {
    for (const side of n % 2 === 0 ? sides : sides.toReversed()) {
      const measured = await round(side);
      results.set(side.name, [...(results.get(side.name) ?? []), measured]);
    }
  }
  await tell();
} finally {
  for (const { server } of sides) await server.remove();
  rmSync(folder, { recursive: true });
  await database.db().dropDatabase();
  await database.close();
}

async function start(name: string, storageUri: string): Promise<Side> {
  const secret = randomBytes(32).toString('base64');
  const server = await aServer({ mailPort: 9, environment: { PEDEL_STORAGE: storageUri, PEDEL_SECRET: secret } });
  const people = await fill(storageUri, secret);
  await server.apply(
    APPLICATIONS.map((id) => ({
      client_id: id,
      client_secret: SECRET,
      redirect_uris: [CALLBACK],
      pedel_first_party: true,
    })),
  );
  await server.start();
  return { name, server, people };
}

/** People with a password and an authenticator; each signs in once, because a code opens once in half a minute. */
async function fill(storageUri: string, secret: string): Promise<Person[]> {
  const sealer = createSealer({ secrets: [secret] }, randomBytes);
  const storage = await openStorage(storageUri, { now: Date.now });
  const people = Array.from({ length: SIGN_INS * (Number(rounds) + 1) }, (_, n) => ({
    number: `r${String(1_000_000 + n)}`,
    seed: newTotpSeed((size) => randomBytes(size)),
  }));
  for (const { number, seed } of people) {
    const id = randomUUID();
    await storage.accounts.insert(
      anAccount({
        id,
        userNumbers: [number],
        emails: [`${number}@student.vives.be`],
        activatedAt: 1,
        password: { hash, setAt: 1 },
        totps: [{ id: 'app', name: 'app', sealedSeed: sealer.seal(seed, id, 'totp'), lastStep: 0, createdAt: 1 }],
      }),
    );
  }
  await storage.close();
  return people;
}

async function round({ server, people }: Side): Promise<Round> {
  const { issuer } = server;
  const browsers: HttpVisitor[] = [];
  const codes: { application: string; code: string; asked: Asked }[] = [];
  const tokens: Tokens[] = [];
  const signIn = await cost(server, people.splice(0, SIGN_INS), async ({ number, seed }) => {
    const browser = httpVisitor({}, { follow: (url) => url.startsWith(`${issuer}/`) });
    await browser.open(ask(issuer, 'one', 'openid').url);
    await browser.press('sign-in', { login: number, password: PASSWORD });
    await browser.press('verify', { code: generateSync({ secret: seed }) });
    codeAt(browser);
    browsers.push(browser);
  });
  const silent = await cost(server, [...Array(OTHERS).keys()], async (n) => {
    const browser = browsers[n % browsers.length];
    const application = APPLICATIONS[Math.floor(n / browsers.length) % APPLICATIONS.length];
    if (browser === undefined || application === undefined) throw new TypeError('nobody is signed in');
    const asked = ask(issuer, application, 'openid profile email');
    const { headers } = await browser.open(asked.url);
    codes.push({ application, asked, code: codeIn(headers) });
  });
  const exchanged = await cost(server, codes, async ({ application, code, asked }) => {
    tokens.push(await exchange(issuer, application, code, asked));
  });
  const userinfo = await cost(server, tokens, (each) => bearer(`${issuer}/me`, each));
  return { 'sign-in': signIn, 'silent sign-on': silent, 'code exchange': exchanged, userinfo };
}

/** Requests of one browser cross here, so each reads its own answer. */
function codeIn(headers: Headers): string {
  const code = URL.parse(headers.get('location') ?? '')?.searchParams.get('code');
  if (code == null) throw new Error('no code came back');
  return code;
}

async function cost<T>(server: Side['server'], inputs: T[], act: (input: T) => Promise<unknown>): Promise<Cost> {
  const cpuSeconds = async () => Number(await server.metric(METRIC));
  const waiting = inputs.values();
  const before = await cpuSeconds();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const input of waiting) await act(input);
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  const cpu = (await cpuSeconds()) - before;
  return { perSecond: inputs.length / seconds, cpuMs: (cpu * 1000) / inputs.length };
}

async function hashCpuMs(): Promise<number> {
  const before = process.cpuUsage();
  for (let n = 0; n < 20; n += 1) await verifyPassword(hash, PASSWORD);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / 20;
}

async function tell(): Promise<void> {
  const all = (name: string, kind: keyof Round, what: keyof Cost) =>
    (results.get(name) ?? []).map((each) => each[kind][what]);
  const middle = (values: number[]) => quantile(values, 0.5).toFixed(1);
  console.log(
    '| act | SQLite, per second | MongoDB, per second | ratio (lowest to highest) | SQLite, ms of a core | MongoDB, ms of a core |',
  );
  console.log('| --- | --: | --: | --: | --: | --: |');
  for (const kind of kinds) {
    const [sqlite, mongo] = sides.map(({ name }) => all(name, kind, 'perSecond')) as [number[], number[]];
    const ratios = mongo.map((each, n) => each / (sqlite[n] ?? Number.NaN));
    const [low, half, high] = [0, 0.5, 1].map((part) => quantile(ratios, part).toFixed(2));
    const cpu = sides.map(({ name }) => middle(all(name, kind, 'cpuMs')));
    console.log(`| ${[kind, middle(sqlite), middle(mongo), `${half} (${low} to ${high})`, ...cpu].join(' | ')} |`);
  }
  console.log(`\none argon2id verification: ${(await hashCpuMs()).toFixed(1)} ms of a core`);
}

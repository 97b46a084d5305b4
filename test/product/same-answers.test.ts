/** Rule 1 on the running product: neither the page nor the work behind it reveals whether a login exists. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { backend } from '../support/backend.ts';
import { until } from '../support/campus.ts';
import { cases } from '../support/cases.ts';
import { aPerson, type Product, request, SECRET, startProduct } from '../support/product.ts';
import { compared } from '../support/statistics.ts';

// what an answer costs is compared on the first; that several nodes give the same one takes fewer
const TRIES = cases(backend === 'sqlite' ? 40 : 20);
const ACCOUNTS = Math.ceil(TRIES / 8); // eight tries each: below the ten of one account from one network
const back = 'https://app.example/back';

const active = Array.from({ length: ACCOUNTS }, () => aPerson());
const neverActive = [aPerson('alum', 'never-active'), aPerson('alum', 'never-active')];
const ended = [aPerson('kuleuven', 'ended'), aPerson('kuleuven', 'ended')];
const forgetful = Array.from({ length: Math.ceil(TRIES / 4) }, () => aPerson());

let product: Product;
beforeAll(async () => {
  product = await startProduct({
    people: [...active, ...neverActive, ...ended, ...forgetful],
    clients: [{ client_id: 'web', client_secret: SECRET, redirect_uris: [back], pedel_first_party: true }],
    environment: { PEDEL_TRUSTED_PROXIES: '127.0.0.1/32,::1/128', PEDEL_HASHING_PROCESSES: '1' },
  });
}, 240_000);
afterAll(() => product?.stop());

type Answer = { status: number; headers: Record<string, string>; body: string; ms: number };

/** As a guesser sees it: without what is new in each answer, and without what was typed. */
async function post(url: string, fields: Record<string, string>, headers: Record<string, string>): Promise<Answer> {
  const started = performance.now();
  const answer = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'sec-fetch-site': 'same-origin', ...headers },
    body: new URLSearchParams(fields),
  });
  const body = await answer.text();
  const ms = performance.now() - started;
  const unchanging = (text: string) =>
    text.replaceAll(fields.login ?? '', 'LOGIN').replace(/nonce(=?["-])[\w+/=-]+/g, 'nonce$1N');
  const kept = [...answer.headers].filter(([name]) => !['date', 'content-length'].includes(name));
  return {
    status: answer.status,
    headers: Object.fromEntries(kept.map(([name, value]) => [name, unchanging(value)])),
    body: unchanging(body),
    ms,
  };
}

/** An address that nobody knows: the same for all tries, of the documentation's network. */
const from = (n: number) => ({ 'x-forwarded-for': `198.51.100.${n}` });

const hashed = async (kind: string) => (await product.server.metric('pedel_hashing_total', { kind })) ?? 0;

describe('signing in', () => {
  test(`an unknown login and a wrong password: the same answer and the same work, ${TRIES} times each`, async () => {
    const visitor = product.visitor(from(1));
    await visitor.open((await request(await product.application('web'), { redirect_uri: back })).url.href);
    const { url } = visitor.page();
    const cookie = [...visitor.cookies].map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');
    const guess = (login: string) =>
      post(url, { login, password: 'een verkeerd wachtwoord', action: 'sign-in' }, { cookie, ...from(1) });
    await guess('u9999999'); // the hashing process starts, the views are read
    await guess(active[0]?.number ?? '');

    const times = { known: [] as number[], unknown: [] as number[] };
    const answers = new Set<string>();
    const work = { known: 0, unknown: 0 };
    for (let n = 0; n < TRIES; n += 1) {
      const known = active[n % ACCOUNTS]?.number ?? '';
      const unknown = `u8${String(n % ACCOUNTS).padStart(6, '0')}`;
      const pair = [['known', known] as const, ['unknown', unknown] as const];
      for (const [kind, login] of n % 2 === 0 ? pair : pair.reverse()) {
        const before = await hashed('verify');
        const { ms, ...answer } = await guess(login);
        work[kind] += (await hashed('verify')) - before;
        times[kind].push(ms);
        answers.add(JSON.stringify(answer));
      }
    }
    console.info(compared(['wrong password', times.known], ['unknown login', times.unknown]));

    expect([...answers].map((each) => JSON.parse(each).status)).toEqual([422]); // one answer, byte for byte
    expect(work).toEqual({ known: TRIES, unknown: TRIES });
    expect([await hashed('hash'), await hashed('wrap')]).toEqual([0, 0]);

    // who never was active, and who has left, are no different until the right password is given
    for (const { number } of [...neverActive, ...ended]) {
      const before = await hashed('verify');
      const { ms: _, ...answer } = await guess(number);
      expect([answers.has(JSON.stringify(answer)), (await hashed('verify')) - before]).toEqual([true, 1]);
    }
    for (const { number, password } of neverActive) {
      const { ms: _, ...answer } = await post(
        url,
        { login: number, password, action: 'sign-in' },
        { cookie, ...from(1) },
      );
      expect(answers.has(JSON.stringify(answer))).toBe(true);
    }
  }, 300_000);

  test('too many attempts at one login are slowed down alike, whether it exists or not', async () => {
    const visitor = product.visitor(from(2));
    await visitor.open((await request(await product.application('web'), { redirect_uri: back })).url.href);
    const statuses = async (login: string) => {
      const seen: number[] = [];
      for (let n = 0; n < 12; n += 1)
        seen.push((await visitor.press('sign-in', { login, password: 'een verkeerd wachtwoord' })).status);
      return seen;
    };
    const known = await statuses(forgetful[0]?.number ?? '');
    expect(known).toEqual([...Array(10).fill(422), 429, 429]);
    expect(await statuses('u7999999')).toEqual(known);
  }, 240_000);
});

describe('/forgotten', () => {
  test('a known and an unknown login: the same answer, and no hashing for either', async () => {
    const ask = (login: string, n: number) =>
      post(`${product.issuer}/forgotten`, { login, action: 'send-link' }, from(10 + (n % 200)));
    const before = await hashed('hash');
    const times = { known: [] as number[], unknown: [] as number[] };
    const answers = new Set<string>();
    for (let n = 0; n < TRIES; n += 1) {
      const known = forgetful[n % forgetful.length]?.number ?? '';
      const pair = [['known', known] as const, ['unknown', `u6${String(n).padStart(6, '0')}`] as const];
      // in turn, and not right behind each other: a letter that is on its way slows whatever comes next
      for (const [kind, login] of n % 2 === 0 ? pair : pair.reverse()) {
        await until(
          async () =>
            (await product.server.metric('pedel_outbox_items', { state: 'waiting' })) === 0 ? true : undefined,
          () => 'letters are waiting still',
        );
        const { ms, ...answer } = await ask(login, n);
        times[kind].push(ms);
        answers.add(JSON.stringify(answer));
      }
    }
    console.info(compared(['forgotten, known', times.known], ['forgotten, unknown', times.unknown]));
    const [only, ...others] = [...answers].map((each) => JSON.parse(each));
    expect(others).toEqual([]);
    expect(only).toMatchObject({ status: 303, headers: { location: '/forgotten?sent=1' } });
    expect(await hashed('hash')).toBe(before);
    // both wait for the same beat (web/constant-work.ts); without it 200 tries told them apart with z = 4
    expect(Math.min(...times.known, ...times.unknown)).toBeGreaterThanOrEqual(95);
  }, 240_000);
});

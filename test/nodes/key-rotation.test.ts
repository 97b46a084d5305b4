/** Signing keys change while people sign in and applications verify every ID token. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createApp } from '../../src/app.ts';
import { openSealer } from '../../src/domain/sealing/lasting-key.ts';
import { type KeySchedule, stateOf } from '../../src/domain/signing-keys/signing-key-schedule.ts';
import { rotateKeys } from '../../src/jobs/key-rotation.ts';
import type { Log } from '../../src/operation/log.ts';
import { alumna, PASSWORD } from '../attack/product.ts';
import { application, closeAll, listening, redirectOf, register, secret, setClock } from '../oidc/support.ts';
import { backend } from '../support/backend.ts';
import { type HttpVisitor, httpVisitor } from '../support/http-visitor.ts';
import { configFor } from '../support/in-process.ts';
import { openTestStorage } from '../support/storage.ts';
import { plainCache, type Verdict, verifyingApplication } from '../support/verifiers.ts';
import { countingHashing } from '../support/web.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SKEW_MS = 8000;
const STEP_MS = 25 * MINUTE; // an hour is no multiple of it, so copies of the keys are of every age

const CHANGES = backend === 'sqlite' ? 3 : 1; // the other database takes longer

afterEach(closeAll);

/** Two nodes in this process on one storage, clocks 16 seconds apart; every request goes to the other one. */
async function startNodes() {
  let requests = 0;
  const listeners: Awaited<ReturnType<typeof createApp>>['listener'][] = [];
  const issuer = await listening(
    createServer((request, response) => {
      requests += 1;
      listeners[requests % listeners.length]?.(request, response);
    }),
  );
  const config = configFor(issuer);
  const storage = await openTestStorage({ now: () => Date.now() });
  const silent = () => {};
  const log = { debug: silent, info: silent, warn: silent, error: silent } as unknown as Log;
  const clocks = [() => Date.now() + SKEW_MS, () => Date.now() - SKEW_MS];
  const apps = await Promise.all(
    clocks.map((now) => createApp({ config, storage, log, now, randomBytes, hashing: countingHashing().hashing })),
  );
  listeners.push(...apps.map(({ listener }) => listener));
  await storage.accounts.insert(alumna('an', 'q0000001'));
  for (const [id, alg] of [
    ['modern', 'ES256'],
    ['standard', 'RS256'],
  ] as const)
    await register(storage, application(id, { id_token_signed_response_alg: alg }));
  return {
    issuer,
    storage,
    clocks,
    sealer: await openSealer(config, storage.values, randomBytes),
    async stop() {
      for (const app of apps) await app.stop();
      await storage.close();
    },
  };
}

/** Where the browser stands when the application's turn has come; signs in where a session has ended. */
async function backAt(browser: HttpVisitor, issuer: string, url: URL): Promise<URL> {
  await browser.open(url.href, { follow: (next) => next.startsWith(`${issuer}/`) });
  if (!browser.page().url.startsWith(`${issuer}/`)) return new URL(browser.page().url);
  await browser.press('sign-in', { login: 'q0000001', password: PASSWORD });
  return new URL(browser.page().url);
}

/**
 * Lets the days go by; on every step, and around each moment at which another key signs, a person signs in to two
 * applications, and everybody verifies. The job runs as on any node, on each of them.
 */
async function letPass(days: number, schedule: KeySchedule) {
  setClock(Date.now());
  const nodes = await startNodes();
  try {
    const { issuer, storage, clocks, sealer } = nodes;
    const browser = httpVisitor({}, { follow: (url) => url.startsWith(`${issuer}/`) });
    const applications = await Promise.all(
      (['modern', 'standard'] as const).map((id) =>
        verifyingApplication(issuer, id, secret, redirectOf(id), {
          id_token_signed_response_alg: id === 'modern' ? 'ES256' : 'RS256',
        }),
      ),
    );
    const caches = [plainCache(issuer), plainCache(issuer), plainCache(issuer)];
    const verdicts = { library: [] as Verdict[], cache: [] as Verdict[] };
    let steps = 0;

    async function everybodyVerifies(): Promise<void> {
      for (const each of applications) {
        const { verdict, idToken } = await each.signIn((url) => backAt(browser, issuer, url));
        verdicts.library.push(verdict);
        // each begins at another time, and so is never of the same age as the others
        for (const cache of caches.slice(0, steps)) verdicts.cache.push(await cache.verify(idToken, each.clientId));
      }
      steps += 1;
    }

    const end = Date.now() + days * 24 * HOUR;
    while (Date.now() < end) {
      for (const [index, now] of clocks.entries())
        await rotateKeys({ storage, sealer, schedule, holder: `node ${index}`, now });
      await everybodyVerifies();
      const next = Date.now() + STEP_MS;
      const keys = await storage.signingKeys.list();
      const coming = keys.filter((key) => stateOf(key, keys, Date.now()) === 'next').map(({ usedFrom }) => usedFrom);
      for (const change of [...new Set(coming)].filter((each) => each > Date.now() + SKEW_MS && each < next)) {
        for (const ms of [-SKEW_MS - 1, -SKEW_MS, -1, 0, SKEW_MS - 1, SKEW_MS]) {
          setClock(change + ms);
          await everybodyVerifies();
        }
      }
      setClock(next);
    }
    return { ...verdicts, keys: await storage.signingKeys.list() };
  } finally {
    await nodes.stop();
  }
}

const refused = (verdicts: Verdict[]) => verdicts.filter(({ fault }) => fault !== undefined);

describe('on two nodes whose clocks differ', () => {
  test('keys change every other day, and nobody refuses an ID token: no library, and no copy of the keys that is up to an hour old', async () => {
    const schedule = { rotateMs: 48 * HOUR, publishAheadMs: 2 * HOUR, keepMs: 48 * HOUR };
    const { library, cache } = await letPass(2 * CHANGES + 1, schedule);
    expect(refused(library)).toEqual([]);
    expect(refused(cache)).toEqual([]);
    expect(library.length).toBeGreaterThan(CHANGES * 200);
    expect(cache.length).toBeGreaterThan(CHANGES * 600);
    expect(new Set(library.map(({ kid }) => kid)).size).toBe(2 * (CHANGES + 1)); // of either algorithm
  }, 240_000);

  test('if keys were not published ahead, applications with a copy would refuse sign-ins', async () => {
    const { library, cache } = await letPass(3, { rotateMs: 48 * HOUR, publishAheadMs: 0, keepMs: 48 * HOUR });
    expect(new Set(library.map(({ kid }) => kid)).size).toBe(4);
    expect(refused(cache).length).toBeGreaterThan(0);
  }, 240_000);
});

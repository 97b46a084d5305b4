/** `pedel serve` and Apache with mod_auth_openidc run through a day in seconds, while a command rotates the signing keys. */
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { setClock } from '../oidc/support.ts';
import { apachePlace, PAGE_TEXT, startApache } from '../support/apache.ts';
import { httpVisitor } from '../support/http-visitor.ts';
import needs from '../support/needs.cjs';
import { aPerson, SECRET, signedIn, startProduct } from '../support/product.ts';
import { plainCache, type Verdict, verifyingApplication } from '../support/verifiers.ts';

const MINUTE = 60_000;
const STEP_MS = 25 * MINUTE;
const CHANGES = 3;
const AHEAD_HOURS = 2;
const WEB = 'https://web.example/callback';

const real = () => performance.timeOrigin + performance.now();

/** One clock for this process and, by libfaketime, for all that are started with its environment. */
function sharedClock() {
  const folder = mkdtempSync(join(tmpdir(), 'pedel-clock-'));
  chmodSync(folder, 0o755); // Apache reads it as another user
  const file = join(folder, 'offset');
  let offsetMs = 0;
  const write = () => {
    // in one step: a process that reads an empty file would fall back to the real time
    writeFileSync(`${file}.new`, `+${offsetMs / 1000}\n`, { mode: 0o644 });
    renameSync(`${file}.new`, file);
    setClock(real() + offsetMs);
  };
  return {
    folder,
    environment: {
      LD_PRELOAD: needs.apache?.faketime ?? '',
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1', // how long something takes stays true
    },
    start: write,
    pass(ms: number) {
      offsetMs += ms;
      write();
    },
    /** as much further as really went by */
    follow: () => setClock(real() + offsetMs),
  };
}

const closings: (() => unknown)[] = [];
afterEach(async () => {
  jest.useRealTimers();
  for (const close of closings.splice(0).reverse()) await close();
});

(needs.apache === undefined ? describe.skip : describe)('before mod_auth_openidc as it ships', () => {
  test('keys change three times, and neither it, nor a library, nor a copy of the keys up to an hour old refuses an ID token', async () => {
    const clock = sharedClock();
    closings.push(() => rmSync(clock.folder, { recursive: true, force: true }));
    clock.start();
    jest.useRealTimers(); // until all are up
    const place = await apachePlace();
    const person = aPerson();
    const product = await startProduct({
      people: [person],
      clients: [
        {
          client_id: 'web',
          client_secret: SECRET,
          redirect_uris: [WEB],
          token_endpoint_auth_method: 'client_secret_post',
          scope: 'openid',
          pedel_first_party: true,
        },
        {
          client_id: 'apache',
          client_secret: SECRET,
          redirect_uris: [place.redirectUri],
          scope: 'openid',
          pedel_first_party: true,
        },
      ],
      environment: { ...clock.environment, PEDEL_SIGNING_KEYS_PUBLISH_AHEAD_HOURS: String(AHEAD_HOURS) },
    });
    closings.push(() => product.stop());
    const { issuer } = product;
    const apache = await startApache({
      place,
      issuer,
      clientId: 'apache',
      secret: SECRET,
      environment: clock.environment,
    });
    closings.push(() => apache.stop());

    const web = await verifyingApplication(issuer, 'web', SECRET, WEB);
    const caches = [plainCache(issuer), plainCache(issuer), plainCache(issuer)];
    const browser = httpVisitor({}, { follow: (url) => !url.startsWith(WEB) });
    const verdicts: Verdict[] = [];
    let behindApache = 0;
    let steps = 0;

    async function everybodyVerifies(): Promise<void> {
      clock.follow();
      const { verdict, idToken } = await web.signIn((url) => signedIn(product, browser, url, person));
      verdicts.push(verdict);
      for (const cache of caches.slice(0, steps)) verdicts.push(await cache.verify(idToken, 'web'));
      // without its own session Apache asks again, and Pedel answers without a page
      for (const key of browser.cookies.keys()) if (key.includes('mod_auth_openidc')) browser.cookies.delete(key);
      const { status, html, url } = await browser.open(`${place.address}/`);
      if (status !== 200 || html !== PAGE_TEXT) throw new Error(`${status} at ${url}:\n${html}\n${apache.errors()}`);
      behindApache += 1;
      steps += 1;
    }

    for (let change = 0; change < CHANGES; change += 1) {
      clock.pass(STEP_MS);
      await everybodyVerifies();
      await product.server.run('keys', 'rotate');
      for (let passed = 0; passed < AHEAD_HOURS * 60 * MINUTE + 2 * STEP_MS; passed += STEP_MS) {
        await everybodyVerifies();
        clock.pass(STEP_MS);
      }
    }
    expect(verdicts.filter(({ fault }) => fault !== undefined)).toEqual([]);
    expect(new Set(verdicts.map(({ kid }) => kid)).size).toBe(CHANGES + 1);
    expect(behindApache).toBe(steps);
    expect(steps).toBeGreaterThan(20);
  }, 180_000);
});

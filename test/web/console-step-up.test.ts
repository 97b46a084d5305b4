/** An act that needs a recent sign-in: the form waits, sealed, for its own person, and is sent again by one button. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Router } from '@koa/router';
import Koa from 'koa';
import { z } from 'zod';
import { createAssets } from '../../src/http/assets.ts';
import { readForm, text } from '../../src/http/form.ts';
import { settleLanguage } from '../../src/http/language.ts';
import { createPages } from '../../src/http/page.ts';
import { createConfirm } from '../../src/web/console/confirm.ts';
import { createConsoleFrame } from '../../src/web/console/frame.ts';
import type { Web } from '../../src/web/web.ts';
import { anAccount } from '../support/account.ts';
import { type HttpVisitor, httpVisitor } from '../support/http-visitor.ts';
import { installation, organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';
import { stubSessions } from '../support/session-stub.ts';
import { openTestStorage } from '../support/storage.ts';

const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

let clock: { now: number };
let browser: HttpVisitor;
let done: Record<string, string>[];
let stub: ReturnType<typeof stubSessions>;

beforeEach(async () => {
  clock = { now: Date.UTC(2026, 10, 30, 9) };
  done = [];
  stub = stubSessions();
  const now = () => clock.now;
  const server = createServer({ keepAliveTimeout: 65_000 }); // as the product has it
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const storage = await openTestStorage({ now });
  for (const id of ['olga', 'rosa'])
    await storage.accounts.insert(anAccount({ id, userNumbers: [id], emails: [], language: 'en' }));
  const grants = ['olga', 'rosa'].map((id) => ({
    id: `grant-${id}`,
    holder: { kind: 'person' as const, id },
    role: 'owner' as const,
    organisations: 'association' as const,
    grantedBy: 'command test',
    grantedAt: 0,
  }));
  await storage.roleGrants.replace({ revision: 1, grants, effects: [] }, 0);
  const assets = createAssets({ installation, organisations });
  const web = {
    issuer,
    now,
    organisations,
    accounts: storage.accounts,
    ports: storage,
    sessions: stub.sessions,
    sealer: sealerUnder('a secret for tests that is long enough'),
    browsers: { known: () => 'this browser', greet: () => 'this browser' },
    pages: createPages({ issuer, installation, organisations, assets, randomBytes }),
  } as unknown as Web;
  const frame = createConsoleFrame(web);
  const confirm = createConfirm(web, frame);
  const router = new Router();
  router.post(
    '/admin/keys',
    frame.gated(async (ctx, administrator) => {
      if (!(await frame.recent(ctx, administrator, 'Rotate <the> key'))) return;
      done.push(await readForm(ctx, z.record(z.string(), text(60_000))));
      ctx.body = 'rotated';
    }),
  );
  router.post(
    '/admin/roles/old',
    frame.gated(async (ctx, administrator) => {
      await frame.recent(ctx, administrator, { dangerous: 'Revoke <the> role' });
    }),
  );
  router.get('/admin/confirm', frame.gated(confirm.show));
  router.post('/admin/confirm', frame.gated(confirm.again));
  const app = new Koa();
  app.use(settleLanguage({ issuer, defaultLanguage: 'en', now }));
  app.use(router.routes());
  server.on('request', app.callback());
  closings.push(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    await storage.close();
  });
  browser = httpVisitor({}, { follow: (url) => !url.includes('/auth?') });
  signIn('olga');
  await browser.open(`${issuer}/admin/confirm`);
});

const signIn = (accountId: string) => {
  const amr = ['pwd', 'otp', 'mfa'];
  stub.open.set(accountId, { uid: accountId, accountId, amr, authTime: clock.now / 1000, epoch: 1 });
  browser.cookies.set('localhost stub /', accountId);
};
const send = (fields: Record<string, string>) => browser.post('/admin/keys', new URLSearchParams(fields));
const asked = () => new URL(browser.page().url).searchParams;

test('within five minutes nothing is asked', async () => {
  clock.now += 300_000;
  await send({ kid: 'k1' });
  expect(done).toEqual([{ kid: 'k1' }]);
});

test('after five minutes the form waits, nothing is done, and one button sends it as it was', async () => {
  clock.now += 301_000;
  const fields = { kid: 'the key of last year', note: 'with "quotes" & <b>é 👋</b>' };
  await send(fields);
  expect([browser.page().status, asked().get('back'), asked().get('maxAgeSeconds'), asked().get('acr')]).toEqual([
    303,
    '/admin/confirm',
    '300',
    'https://refeds.org/profile/mfa',
  ]);
  expect(done).toEqual([]);
  const cookies = [...browser.cookies.values()].join();
  expect(cookies).not.toContain(fields.kid);
  for (const part of cookies.split(/[.,]/)) expect(Buffer.from(part, 'base64url').toString()).not.toContain(fields.kid);

  // a sign-in that was cancelled: it still waits, and is not sent
  await browser.open('/admin/confirm');
  expect(browser.page().html).toContain('Nothing has been done');
  expect(browser.page().html).not.toContain('id="confirm"');

  signIn('olga');
  await browser.open('/admin/confirm');
  expect(browser.page().html).toContain('Rotate &lt;the&gt; key');
  const hidden = browser.hiddenFields(new URL('/admin/keys', browser.page().url).href) ?? {};
  expect(hidden).toEqual(fields);
  await send(hidden);
  expect(done).toEqual([fields]);
  // and nothing waits any more, in this browser neither
  expect([...browser.cookies.keys()].filter((key) => key.includes('confirm'))).toEqual([]);
});

test('what takes something away has the button of danger on it, and says what it does', async () => {
  for (const [path, button] of [
    ['/admin/keys', '<button type="submit" id="confirm" value="confirm">Rotate &lt;the&gt; key</button>'],
    [
      '/admin/roles/old',
      '<button type="submit" id="confirm" value="confirm" class="dangerous filled">Revoke &lt;the&gt; role</button>',
    ],
  ] as const) {
    clock.now += 301_000;
    await browser.post(path, new URLSearchParams({}));
    await browser.open('/admin/confirm');
    expect(browser.page().html).toContain('id="again" value="again">'); // signing in takes nothing away
    signIn('olga');
    await browser.open('/admin/confirm');
    expect(browser.page().html).toContain(button);
  }
});

test('it waits for ten minutes, and for nobody else', async () => {
  clock.now += 301_000;
  await send({ kid: 'k1' });
  signIn('rosa');
  await browser.open('/admin/confirm', { follow: () => false });
  expect(browser.page().url).toMatch(/\/admin$/);
  clock.now += 600_000;
  signIn('olga');
  await browser.open('/admin/confirm', { follow: () => false });
  expect(browser.page().url).toMatch(/\/admin$/);
});

test('what is too long to keep is told, and is not asked again once it is typed anew', async () => {
  clock.now += 301_000;
  await send({ jwks: randomBytes(3000).toString('hex') });
  signIn('olga');
  await browser.open('/admin/confirm');
  expect(browser.page().html).toContain('fill it in once more');
  expect(browser.page().html).toContain('href="/admin/keys"');
  await send({ jwks: 'again' });
  expect(done).toEqual([{ jwks: 'again' }]);
});

/** All of Pedel in this process, with people who hold roles and a second factor, for tests of the console. */
import { randomBytes } from 'node:crypto';
import { generateSecret, generateSync } from 'otplib';
import type { Page } from 'playwright-core';
import { createApp } from '../../src/app.ts';
import type { Config } from '../../src/config/load.ts';
import type { Account } from '../../src/domain/account/account.ts';
import type { RoleGrant, RoleName } from '../../src/domain/roles/role.ts';
import { openSealer } from '../../src/domain/sealing/lasting-key.ts';
import type { BodyLimits } from '../../src/http/body-time.ts';
import type { Log } from '../../src/operation/log.ts';
import { setClock } from '../oidc/support.ts';
import { anAccount } from './account.ts';
import { type HttpVisitor, httpVisitor } from './http-visitor.ts';
import { importingHere } from './importing.ts';
import { configFor, openServer, SECRET } from './in-process.ts';
import { sealerUnder } from './sealer.ts';
import { openTestStorage } from './storage.ts';
import { countingHashing } from './web.ts';

export const PASSWORD = 'correct horse battery';

export type TestConsole = Awaited<ReturnType<typeof startConsole>>;

/** The caller closes it, and puts the clock back (`jest.useRealTimers`). `change`: of the configuration. */
export async function startConsole(change: Partial<Config> = {}, bodyLimits: Partial<BodyLimits> = {}) {
  const clock = { now: Date.now() };
  const { server, address: issuer, close } = await openServer();
  const config = configFor(issuer);
  const now = () => Date.now();
  const storage = await openTestStorage({ now });
  const logged: string[] = [];
  const note = (fields: object, message: string) => logged.push(`${message} ${JSON.stringify(fields)}`);
  const log = { debug: note, info: note, warn: note, error: note } as unknown as Log;
  const openedSealer = () => openSealer({ secret: SECRET }, storage.values, randomBytes);
  const app = await createApp({
    config: { ...config, ...change },
    importing: importingHere({ ...config, ...change }, storage, openedSealer, { now }),
    storage,
    log,
    now,
    randomBytes,
    hashing: countingHashing().hashing,
    bodyLimits,
  });
  server.on('request', app.listener);
  const seed = generateSecret();

  return {
    issuer,
    config,
    storage,
    /** the sealer that the product has */
    opened: openedSealer,
    app,
    logged,
    /** The clock is moved for the library as well, which asks the wall. */
    wait(seconds: number) {
      clock.now = Date.now() + seconds * 1000; // the wall's until the first wait, however long that took
      setClock(clock.now);
    },

    /** Grants roles as they are named, or for organisations only: `{ role: 'desk', organisations: ['alum'] }`. */
    async grant(
      holder: RoleGrant['holder'],
      wanted: readonly (RoleName | Pick<RoleGrant, 'role' | 'organisations'>)[],
    ) {
      const { revision, grants, effects } = await storage.roleGrants.read();
      const added = wanted.map((each, index): RoleGrant => {
        const what = typeof each === 'string' ? { role: each, organisations: 'association' as const } : each;
        return { id: `grant-${revision}-${index}`, holder, ...what, grantedBy: 'command test', grantedAt: clock.now };
      });
      await storage.roleGrants.replace({ revision: revision + 1, grants: [...grants, ...added], effects }, revision);
    },

    /**
     * Stores somebody with a password, with these roles for the association, and, unless `change` says otherwise, an
     * authenticator app. @returns the login
     */
    async person(name: string, roles: RoleName[] = [], change: Partial<Account> = {}): Promise<string> {
      const id = `account-${name}`;
      const sealedSeed = sealerUnder(SECRET).seal(seed, id, 'totp');
      await storage.accounts.insert(
        anAccount({
          id,
          givenName: name,
          userNumbers: [`u-${name.toLowerCase()}`],
          emails: [],
          activatedAt: clock.now - 1000,
          affiliations: [{ organisation: 'alum', role: 'alumnus', source: 'csv' }],
          password: { hash: `plain$${PASSWORD}`, setAt: clock.now },
          totps: [{ id: `totp-${name}`, name: 'Phone', sealedSeed, lastStep: 0, createdAt: clock.now }],
          language: 'en',
          roles,
          ...change,
        }),
      );
      if (roles.length > 0) await this.grant({ kind: 'person', id }, roles);
      return `u-${name.toLowerCase()}`;
    },

    /** A code of this person's authenticator app that counts now, though one of this half minute was used. */
    async freshCode(name: string): Promise<string> {
      const read = await storage.accounts.findById(`account-${name}`);
      if (read === undefined) throw new Error(`there is no ${name}`);
      const totps = read.totps.map((totp) => ({ ...totp, lastStep: 0 }));
      await storage.accounts.replace({ ...read, totps, revision: read.revision + 1 }, read.revision);
      return generateSync({ secret: seed, epoch: Math.floor(Date.now() / 1000) });
    },

    browser: (language = 'en') => httpVisitor({ 'accept-language': language }),

    /** Answers the sign-in that the browser stands at: the password, if it is asked, and a code. */
    async signIn(browser: HttpVisitor, login: string): Promise<void> {
      if (browser.page().html.includes('id="sign-in"')) await browser.press('sign-in', { login, password: PASSWORD });
      if (!browser.page().html.includes('id="verify"')) return;
      this.wait(30); // a code counts once
      await browser.press('verify', { code: generateSync({ secret: seed, epoch: Math.floor(Date.now() / 1000) }) });
    },

    /** The same in a Chromium that knows nobody yet: opens this page and signs in on the way, by keyboard. */
    async signInOn(page: Page, path: string, name: string): Promise<void> {
      await page.goto(issuer + path);
      const { pathname } = new URL(path, issuer);
      await page.focus('#login');
      await page.keyboard.type(`u-${name.toLowerCase()}`);
      await page.keyboard.press('Tab');
      await page.keyboard.type(PASSWORD);
      await page.keyboard.press('Enter');
      const asked = page.locator('#code');
      await Promise.race([asked.waitFor(), page.waitForURL((url) => url.pathname === pathname)]);
      if ((await asked.count()) === 0) return;
      await page.waitForLoadState(); // it is the page's script that sends a code of six digits
      await asked.focus();
      await page.keyboard.type(await this.freshCode(name));
      await page.waitForURL((url) => url.pathname === pathname);
    },

    async close() {
      await close();
      await app.stop();
      await storage.close();
    },
  };
}

export const headingOf = (browser: HttpVisitor) => /<h1 id="title">([^<]*)</.exec(browser.page().html)?.[1];
export const pathOf = (browser: HttpVisitor) => {
  const { pathname, search } = new URL(browser.page().url);
  return `${pathname}${search}`;
};

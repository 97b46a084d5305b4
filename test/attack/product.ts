/** All of Pedel in this process behind a real listener, for attacks: people and applications, but no mail server. */
import { randomBytes } from 'node:crypto';
import { createApp } from '../../src/app.ts';
import type { Config } from '../../src/config/load.ts';
import type { Account } from '../../src/domain/account/account.ts';
import { openSealer } from '../../src/domain/sealing/lasting-key.ts';
import type { BodyLimits } from '../../src/http/body-time.ts';
import type { NamedNetwork } from '../../src/http/client-address.ts';
import type { Log } from '../../src/operation/log.ts';
import { type Client, register } from '../oidc/support.ts';
import { anAccount } from '../support/account.ts';
import type { HttpVisitor, Visit } from '../support/http-visitor.ts';
import { importingHere } from '../support/importing.ts';
import { configFor, openServer, SECRET } from '../support/in-process.ts';
import { sealerUnder } from '../support/sealer.ts';
import { openTestStorage } from '../support/storage.ts';
import { countingHashing } from '../support/web.ts';

export const PASSWORD = 'seventeen quiet lamps near winter';
export const MFA = 'https://refeds.org/profile/mfa';
const closings: (() => Promise<unknown>)[] = [];

/** For `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const close of closings.splice(0)) await close();
}

/** A long active person of the alumni office, with `PASSWORD` and no second factor. */
export function alumna(id: string, number: string, change: Partial<Account> = {}): Account {
  return anAccount({
    id,
    userNumbers: [number],
    emails: [`${id}@alum.kuleuven.be`],
    personalEmail: `${id}@example.org`,
    activatedAt: 1,
    factorDeclinedAt: Date.now(), // no sign-in offers one
    affiliations: [{ organisation: 'alum', role: 'alumnus', source: 'csv' }],
    password: { hash: `plain$${PASSWORD}`, setAt: 1 },
    language: 'en',
    ...change,
  });
}

/** `publicIssuer`: what Pedel believes to be called, where that is not the address it listens on. */
export async function product(
  parts: {
    accounts?: Account[];
    clients?: Client[];
    publicIssuer?: string;
    trustedProxies?: string;
    networks?: NamedNetwork[];
    apiRequestsPerMinute?: number;
    bodyLimits?: Partial<BodyLimits>;
    /** in place of what the configuration says */
    config?: Partial<Config>;
  } = {},
) {
  const { server, address, close } = await openServer();
  const issuer = parts.publicIssuer ?? address;
  const config = configFor(
    issuer,
    parts.trustedProxies === undefined ? {} : { PEDEL_TRUSTED_PROXIES: parts.trustedProxies },
  );
  const now = () => Date.now(); // a test may move the clock
  const storage = await openTestStorage({ now });
  const { hashing, calls } = countingHashing();
  const silent = () => {};
  const warnings: string[] = [];
  const warn = (_about: unknown, sentence: string) => void warnings.push(sentence);
  const log = { debug: silent, info: silent, warn, error: silent } as unknown as Log;
  const networks = parts.networks ?? config.networks;
  const { apiRequestsPerMinute, bodyLimits } = parts;
  const openedSealer = () => openSealer({ secret: SECRET }, storage.values, randomBytes);
  const app = await createApp({
    config: { ...config, networks, ...parts.config },
    importing: importingHere({ ...config, ...parts.config }, storage, openedSealer),
    storage,
    log,
    now,
    randomBytes,
    hashing,
    ...(apiRequestsPerMinute === undefined ? {} : { apiRequestsPerMinute }),
    ...(bodyLimits === undefined ? {} : { bodyLimits }),
  });
  server.on('request', app.listener);
  closings.push(async () => {
    await close();
    await app.stop();
    await storage.close();
  });
  for (const account of parts.accounts ?? []) await storage.accounts.insert(account);
  for (const client of parts.clients ?? []) await register(storage, client);

  const stored = async (id: string) => {
    const account = await storage.accounts.findById(id);
    if (account === undefined) throw new Error(`no account ${id}`);
    return account;
  };
  /** Letters to this person: still in the account, or already in the outbox. */
  async function lettersTo(id: string): Promise<{ template: string; sealedSecret?: string }[]> {
    const effects = (await stored(id)).effects.flatMap((effect) => (effect.kind === 'letter' ? [effect.letter] : []));
    const sent = (await storage.outbox.byAccount(id, 50)).map(({ payload }) => payload as { template: string });
    return [...effects, ...sent];
  }
  return {
    issuer,
    address,
    storage,
    sealer: sealerUnder(SECRET),
    /** with the lasting key, as the product has it */
    opened: openedSealer,
    stored,
    lettersTo,
    /** what was logged as a warning */
    warnings,
    hashingCalls: calls,
    /** the latest code or link that was mailed to this person */
    async mailed(id: string): Promise<{ code?: string; link?: string }> {
      const letter = (await lettersTo(id)).find(({ sealedSecret }) => sealedSecret !== undefined);
      return JSON.parse(sealerUnder(SECRET).open(letter?.sealedSecret ?? '', id, 'letter'));
    },
    /** URL of Pedel's own sign-in */
    signInUrl(more: Record<string, string> = {}): string {
      const url = new URL('/auth', address);
      const parameters = {
        client_id: 'pedel',
        response_type: 'none',
        scope: 'openid',
        redirect_uri: `${issuer}/account`,
        ...more,
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return url.href;
    },
  };
}

/** A person of `alumna` who was never active, with a password for nothing yet. */
export function neverActive(id: string, number: string, change: Partial<Account> = {}): Account {
  const { activatedAt: _, password: __, ...rest } = alumna(id, number, change);
  return rest;
}

/** Activates by number, address and mailed code, with `PASSWORD`, up to the offer of a second step. */
export async function activate(
  browser: HttpVisitor,
  { address, mailed }: { address: string; mailed(id: string): Promise<{ code?: string }> },
  { id, number }: { id: string; number: string },
): Promise<Visit> {
  await browser.open(`${address}/activate?number=${number}`);
  await browser.press('send-code', { email: `${id}@example.org` });
  await browser.press('verify', { code: (await mailed(id)).code ?? '' });
  return browser.press('set-password', { password: PASSWORD, password_again: PASSWORD });
}

export const titleOf = ({ html }: Visit) => /<h1 id="title">([^<]*)</.exec(html)?.[1];

/** What a browser answers with that was told to post a form which no page of ours shows it: cookies and headers as they are. */
export function postTo(browser: HttpVisitor, url: string, fields: Record<string, string>): Promise<Response> {
  const { pathname } = new URL(url);
  const cookie = [...browser.cookies]
    .filter(([key]) => pathname.startsWith(key.split(' ')[2] ?? '/'))
    .map(([key, value]) => `${key.split(' ')[1]}=${value}`)
    .join('; ');
  return fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'sec-fetch-site': 'same-origin', cookie },
    body: new URLSearchParams(fields),
  });
}

/** The protocol over a real listener, with a scripted sign-in page, and relying parties with openid-client. */
import 'undici'; // inside jest the library finds the dispatcher of fetch only once this is loaded, and would warn
import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import { jest } from '@jest/globals';
import Koa from 'koa';
import * as oidcClient from 'openid-client';
import type { Account } from '../../src/domain/account/account.ts';
import type { Organisation } from '../../src/domain/account/organisation.ts';
import { hashClientSecret } from '../../src/domain/clients/client-secret.ts';
import type { JsonValue } from '../../src/domain/json-value.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { Problem } from '../../src/domain/problem.ts';
import type { Oidc, OidcOptions } from '../../src/oidc/oidc.ts';
import { createOidc } from '../../src/oidc/provider.ts';
import type { Interaction } from '../../src/oidc/sign-in/interaction-request.ts';
import type { CurrentSession } from '../../src/oidc/sign-in/session.ts';
import { anAccount } from '../support/account.ts';
import { type HttpVisitor, httpVisitor, type Visit } from '../support/http-visitor.ts';
import { localized } from '../support/localized.ts';
import { sealerUnder } from '../support/sealer.ts';
import { openTestStorage } from '../support/storage.ts';

export const MFA = 'https://refeds.org/profile/mfa';
export const SFA = 'https://refeds.org/profile/sfa';
export const secret = 'a client secret of at least 32 characters';

export const organisations: Organisation[] = (['kuleuven', 'vives'] as const).map((id) => ({
  id,
  name: localized(id),
  domains: [`${id}.be`],
  contacts: [],
  colour: '#00407a',
  secondFactor: id === 'vives' ? 'required' : 'offered',
  activation: 'link',
  access: { default: { discontinued: 'P7D' } },
}));

export const lifetimes = {
  sessionIdleSeconds: 43_200,
  sessionMaxSeconds: 604_800,
  accessTokenSeconds: 600,
  refreshTokenIdleSeconds: 2_592_000,
  interactionSeconds: 3600,
  codeSeconds: 60,
};

/** A person of KU Leuven, active, without a second factor. */
export function person(change: Partial<Account> = {}): Account {
  return anAccount({
    id: 'an',
    userNumbers: ['u0000001'],
    emails: ['an.peeters@kuleuven.be'],
    activatedAt: 1,
    affiliations: [{ organisation: 'kuleuven', role: 'staff', source: 'csv' }],
    ...change,
  });
}

type SignIn = (interaction: Interaction, ctx: Koa.Context) => Promise<string>;
export type Client = { client_id: string; [name: string]: JsonValue };
export type Kit = Awaited<ReturnType<typeof startOidc>>;

const closings: (() => Promise<unknown>)[] = [];

/** For `afterEach`. */
export async function closeAll(): Promise<void> {
  jest.useRealTimers();
  for (const close of closings.splice(0)) await close();
}

/** Listens until `closeAll`; a server that is none of HTTP ends its connections itself. */
export function listening(server: Server | TcpServer): Promise<string> {
  closings.push(async () => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  // as the product: after 5 s, which a busy machine idles, a connection would be cut off under the next request
  if ('keepAliveTimeout' in server) server.keepAliveTimeout = 65_000;
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://localhost:${(server.address() as AddressInfo).port}`));
  });
}

/** Starts everything; `afterEach(closeAll)` ends it. */
export async function startOidc(
  options: { clients?: Client[]; accounts?: Account[]; storage?: Storage } & Partial<OidcOptions> = {},
) {
  const { clients = [], accounts = [person()], storage = await openTestStorage(), ...change } = options;
  if (options.storage === undefined) closings.push(() => storage.close());
  const app = new Koa();
  const logged: { level: string; fields: object; message: string }[] = [];
  const log = Object.fromEntries(
    (['debug', 'info', 'warn', 'error'] as const).map((level) => [
      level,
      (fields: object, message: string) => void logged.push({ level, fields, message }),
    ]),
  ) as OidcOptions['log'];
  let answer: RequestListener = () => {};
  const issuer = await listening(createServer((request, response) => answer(request, response)));
  const oidc = await createOidc({
    issuer,
    storage,
    randomBytes,
    sealer: sealerUnder('a sealing secret of at least 32 characters'),
    organisations,
    lifetimes,
    allowNetworks: ['127.0.0.0/8', '::1/128'],
    now: () => Date.now(),
    jwksCacheSeconds: 3600,
    ownPageNames: {
      account: localized('je accountpagina', 'your account page'),
      admin: localized('het beheer', 'the administration'),
    },
    log,
    pages: {
      async error(ctx, { error, errorDescription, status, incident, application, unusable, pending }) {
        ctx.status = status;
        ctx.type = 'html';
        ctx.body = `<h1 id="title">${error}</h1><p id="error">${errorDescription}</p><p>${incident}</p><p id="client">${application?.name.en ?? ''}</p><p id="expired">${unusable && (unusable.since ?? 'off')}</p><p id="pending">${pending ?? ''}</p>`;
      },
      async logout(ctx, { form, application }) {
        ctx.type = 'html';
        ctx.body = form.replace(
          '</form>',
          `<button name="action" value="logout">${application?.name.en}</button></form>`,
        );
      },
      async device(ctx, { outcome, application }) {
        ctx.status = outcome === 'refused' ? 422 : 200;
        ctx.type = 'html';
        ctx.body = `<h1 id="title">device ${outcome}</h1><p id="client">${application?.name.en ?? ''}</p>`;
      },
      async sendOn(ctx, sent) {
        visitorPage.sentOn.push(sent);
        const { action, fields } = sent;
        ctx.type = 'html';
        ctx.body = `<form method="post" action="${action}">${fields.join('')}</form>`;
      },
      async loggedOut(ctx, { application }) {
        ctx.body = `signed out of ${application?.name.en}`;
      },
    },
    ...change,
  });

  /** What the sign-in page does; as told, the person named signs in with a password and consents. */
  const visitorPage: {
    signIn: SignIn;
    seen: Interaction[];
    sentOn: object[];
    other: (ctx: Koa.Context) => Promise<void>;
  } = {
    seen: [],
    sentOn: [],
    signIn: signInAs('an', ['pwd']),
    other: async () => {},
  };
  function signInAs(accountId: string, amr: string[], epoch?: number): SignIn {
    return async (interaction, ctx) => {
      if (interaction.prompt === 'consent') return oidc.interactions.finishConsent(ctx, interaction, 'consent');
      const { credentialsEpoch = 1 } = (await storage.accounts.findById(accountId)) ?? {};
      return oidc.interactions.finishLogin(ctx, interaction, { accountId, amr, epoch: epoch ?? credentialsEpoch });
    };
  }

  const secrets = new Set<string>();
  closings.unshift(() => requireNoSecret(oidc, storage, secrets));

  app.silent = true;
  app.use(async (ctx, next) => {
    // the one catch: src/http/errors.ts
    try {
      await next();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      ctx.status = error.code === 'too_many' ? 429 : 503;
    }
  });
  app.use(async (ctx, next) => {
    if (ctx.path === '/page/session') {
      ctx.body = JSON.stringify((await oidc.sessions.current(ctx)) ?? null);
      return;
    }
    if (ctx.path.startsWith('/page/')) {
      ctx.body = 'a page of ours';
      return visitorPage.other(ctx);
    }
    if (!ctx.path.startsWith('/interaction/')) return next();
    const interaction = await oidc.interactions.load(ctx);
    if (interaction === undefined) {
      ctx.status = 410;
      ctx.body = 'expired';
      return;
    }
    visitorPage.seen.push(interaction);
    ctx.status = 303;
    ctx.redirect(await visitorPage.signIn(interaction, ctx));
  });
  app.use(oidc.middleware);
  const answerByKoa = app.callback();
  const fromMemory: string[] = [];
  answer = (request, response) => {
    if (oidc.answerDocument(request, response)) fromMemory.push(request.url ?? '');
    else answerByKoa(request, response);
  };

  for (const account of accounts) await storage.accounts.insert(account);
  for (const client of clients) await register(storage, client);

  const config = (clientId: string, auth?: oidcClient.ClientAuth, metadata: object = {}) =>
    oidcClient.discovery(new URL(issuer), clientId, metadata, auth ?? oidcClient.ClientSecretPost(secret), {
      execute: [oidcClient.allowInsecureRequests],
    });

  return {
    issuer,
    oidc,
    storage,
    logged,
    /** the documents that were answered without the library, in turn */
    fromMemory,
    page: visitorPage,
    signInAs,
    config,
    /** a request that ends at the application (or at a page of ours): where the browser lands */
    land: (visitor: HttpVisitor, url: string | URL): Promise<Visit> =>
      visitor.open(String(url), {
        follow: (next) => next.startsWith(`${issuer}/`) && !next.startsWith(`${issuer}/back`),
      }),
    authUrl(parameters: Record<string, string>): string {
      const url = new URL('/auth', issuer);
      const defaults = { response_type: 'code', scope: 'openid', redirect_uri: redirectOf(parameters.client_id ?? '') };
      for (const [name, value] of Object.entries({ ...defaults, ...parameters })) url.searchParams.set(name, value);
      return url.href;
    },
    /** the answer at the redirect URI, its parameters in query or fragment */
    async authorize(visitor: HttpVisitor, parameters: Record<string, string>): Promise<Record<string, string>> {
      const { url } = await this.land(visitor, this.authUrl(parameters));
      return answerIn(url);
    },
    post(path: string, body: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
      for (const name of secretNames) secrets.add(body[name] ?? '');
      return fetch(new URL(path, issuer), { method: 'POST', body: new URLSearchParams(body), headers });
    },
    exchange(clientId: string, code: string, more: Record<string, string> = {}): Promise<Response> {
      return this.post('/token', {
        grant_type: 'authorization_code',
        client_id: clientId,
        client_secret: secret,
        redirect_uri: redirectOf(clientId),
        code,
        ...more,
      });
    },
    /** code flow with client_secret_post and no PKCE */
    async tokens(visitor: HttpVisitor, parameters: Record<string, string>): Promise<Tokens> {
      const answer = await this.authorize(visitor, parameters);
      if (answer.code === undefined) throw new Error(`no code: ${JSON.stringify(answer)}`);
      const response = await this.exchange(parameters.client_id ?? '', answer.code);
      if (response.status !== 200) throw new Error(await response.text());
      const tokens = (await response.json()) as Tokens;
      for (const name of secretNames) secrets.add(String((tokens as Record<string, unknown>)[name] ?? ''));
      return tokens;
    },
    me(accessToken: string): Promise<Response> {
      return fetch(new URL('/me', issuer), { headers: { authorization: `Bearer ${accessToken}` } });
    },
    async introspect(clientId: string, token: string): Promise<Record<string, unknown>> {
      const response = await this.post('/token/introspection', { client_id: clientId, client_secret: secret, token });
      return (await response.json()) as Record<string, unknown>;
    },
    refresh(clientId: string, refreshToken: string, more: Record<string, string> = {}): Promise<Response> {
      return this.post('/token', {
        grant_type: 'refresh_token',
        client_id: clientId,
        refresh_token: refreshToken,
        ...more,
      });
    },
    async change(accountId: string, change: Partial<Account>): Promise<void> {
      const account = await storage.accounts.findById(accountId);
      if (account === undefined) throw new Error(accountId);
      const next = { ...account, ...change, revision: account.revision + 1 };
      if (!(await storage.accounts.replace(next, account.revision))) throw new Error('lost race');
    },
    async session(visitor: HttpVisitor): Promise<CurrentSession | null> {
      return JSON.parse((await visitor.open(`${issuer}/page/session`)).html);
    },
    /** runs on a page of ours, in that browser */
    async onPage<T>(visitor: HttpVisitor, act: (ctx: Koa.Context) => Promise<T>): Promise<T> {
      let result: { value: T } | undefined;
      visitorPage.other = async (ctx) => {
        result = { value: await act(ctx) };
      };
      await visitor.open(`${issuer}/page/any`);
      if (result === undefined) throw new Error(`the page failed: ${JSON.stringify(logged)}`);
      return result.value;
    },
  };
}

/** What must be in no refusal that is kept. */
const secretNames = [
  ...['client_secret', 'code', 'code_verifier', 'client_assertion', 'token'],
  ...['access_token', 'refresh_token', 'id_token'],
];

/** Whatever a test sends, what is kept of refusals has no secret, code or token. A storage that is away has none to show. */
async function requireNoSecret(oidc: Oidc, { refusals }: Storage, secrets: Set<string>): Promise<void> {
  await new Promise((noted) => setImmediate(noted));
  const kept = await oidc
    .writeRefusals()
    .then(() => refusals.page('all', undefined, 1000))
    .catch(() => []);
  const text = JSON.stringify(kept);
  const found = [...secrets].filter((each) => each.length >= 20 && text.includes(each));
  if (found.length > 0) throw new Error(`a secret is kept in ${text}`);
}

export type Tokens = {
  access_token: string;
  id_token: string;
  refresh_token?: string;
  scope: string;
  expires_in: number;
};

export const redirectOf = (clientId: string) => `https://${clientId}.example/back`;

/** An application of the association, confidential, with the code flow; changed as given. */
export function application(id: string, change: Record<string, JsonValue> = {}): Client {
  return {
    client_id: id,
    client_name: id,
    redirect_uris: [redirectOf(id)],
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_post',
    pedel_first_party: true,
    ...change,
  };
}

export async function register(storage: Storage, { client_id: id, ...metadata }: Client): Promise<void> {
  const method = metadata.token_endpoint_auth_method;
  const confidential = method !== 'none' && method !== 'private_key_jwt';
  const known = await storage.clients.find(id);
  const record = {
    id,
    revision: (known?.revision ?? 0) + 1,
    metadata,
    secrets: confidential ? [{ id: '1', hash: hashClientSecret(secret), createdAt: 0 }] : [],
    createdAt: 0,
    updatedAt: 0,
  };
  if (!(await storage.clients.put(record, known?.revision ?? 0))) throw new Error(`${id} was not stored`);
}

export function answerIn(url: string): Record<string, string> {
  const { searchParams, hash } = new URL(url);
  return Object.fromEntries([...searchParams, ...new URLSearchParams(hash.slice(1))]);
}

export const visitor = () => httpVisitor({ accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });

/** Another that holds the same cookies now. */
export function twinOf(who: HttpVisitor): HttpVisitor {
  const twin = visitor();
  for (const [key, value] of who.cookies) twin.cookies.set(key, value);
  return twin;
}

/** All cookies of the visitor that go to every path. */
export function cookiesOf(who: HttpVisitor): string {
  return [...who.cookies]
    .filter(([key]) => key.endsWith(' /'))
    .map(([key, value]) => `${key.split(' ')[1]}=${value}`)
    .join('; ');
}

/** Only the clock is ours; timers go on. */
export function setClock(now: number): void {
  jest.useFakeTimers({
    now,
    doNotFake: [
      'nextTick',
      'setImmediate',
      'clearImmediate',
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
      'queueMicrotask',
      'performance',
      'hrtime',
    ],
  });
}

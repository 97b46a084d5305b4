/** The few changes that the library's documented API does not allow. A test fails when the library stops using one. */
import Provider, { type Client, type KoaContextWithOIDC } from 'oidc-provider';
import { matchingSecret } from '../domain/clients/client-secret.ts';
import { isPending, whyUnusable } from '../domain/clients/client-validity.ts';
import type { PublicKey } from '../domain/clients/keys/client-keys.ts';
import { type OwnPageNames, ownClientId } from '../domain/clients/own-client.ts';
import { trialPath } from '../domain/clients/trial/trial.ts';
import type { ClientRecord } from '../domain/ports/clients.ts';
import { acrOf } from '../domain/sign-in/acr.ts';
import {
  type ClientConstructor,
  checkable,
  clientNameOf,
  clientOf,
  metadataOf,
  ownClientMetadata,
} from './clients/client-metadata.ts';
import { type ClientRecords, createClientCache } from './clients/clients.ts';
import { asksBeforeSignOut } from './ends/sign-out.ts';
import { memoryOfRequest, noteRefusal } from './request.ts';
import { narrowAsked } from './sign-in/asked-scopes.ts';
import { requestedAcrs } from './sign-in/policy.ts';
import { dropIgnoredResources } from './tokens/ignored-resources.ts';
import { RELEASED } from './tokens/releasing.ts';
import { trialClientOf } from './trials/trial-client.ts';

/** The release of the library that these seams were written for. A test compares it with the installed one. */
export const seamsWrittenFor = '9.13';

export type Seams = {
  /** The library's own back-channel logout: one attempt with a new token. */
  logOutAtClient(client: Client, accountId: string, sid: string | undefined): Promise<unknown>;
  /** `Client.find`, also of one that has expired: it is told of the sessions that end. */
  findEvenExpired(id: string): Promise<Client | undefined>;
};

/** Applies every seam to this provider. Call it before the provider's first request. */
export function applySeams(
  provider: Provider,
  options: {
    clients: ClientRecords;
    ownPageNames: OwnPageNames;
    now: () => number;
    isFirstUse: (issuer: string, jti: string, expiresAtSeconds: number) => Promise<boolean>;
    enqueueLogout: (clientId: string, accountId: string, sid: string) => Promise<void>;
    /** Whether the current request is a trial of this client (trial.ts). */
    isTrial: (ctx: KoaContextWithOIDC, client: string) => Promise<boolean>;
    /** called with the id of the secret with which a client proved who it is */
    noteUse: (clientId: string, secretId: string) => void;
  },
): Seams {
  keepOwnMembers(provider);
  const { find, findEvenExpired, secretsOf } = findClientsInStorage(provider, options);
  provider.Client.find = find;

  const prototype = provider.Client.prototype as unknown as {
    compareClientSecret(actual: string): boolean;
    backchannelLogout(accountId: string, sid?: string): Promise<unknown>;
    includeSid(): boolean;
  };
  // Secrets are stored as hashes, several at a time.
  prototype.compareClientSecret = function compareClientSecret(this: Client, actual) {
    const match = matchingSecret(actual, secretsOf(this), options.now());
    if (match?.living === true) {
      options.noteUse(this.clientId, match.secret.id);
      return true;
    }
    const memory = memoryOfRequest();
    if (memory !== undefined) memory.expiredSecret = match?.secret;
    return false;
  };
  const logOut = prototype.backchannelLogout;
  prototype.backchannelLogout = function backchannelLogout(this: Client, accountId, sid = '') {
    return options.enqueueLogout(this.clientId, accountId, sid);
  };
  const { includeSid } = prototype;
  // A hint signs people out without a question only where it names their session.
  prototype.includeSid = function (this: Client) {
    return includeSid.call(this) || !asksBeforeSignOut(this);
  };
  // The library finds, then stores. Ours is one insert, so a race has one winner.
  provider.ReplayDetection.unique = options.isFirstUse;
  // Derived from the factors on each request, not remembered from the sign-in.
  Object.defineProperty(provider.OIDCContext.prototype, 'acr', {
    configurable: true,
    get(this: Provider['OIDCContext']['prototype'] & { ctx: Parameters<typeof requestedAcrs>[0] }) {
      return acrOf(this.session?.amr ?? [], requestedAcrs(this.ctx));
    },
  });
  shareTheJar(provider);
  narrowBeforeTheLibraryLooks(provider);
  ignoreResourcesOfTokenRequests(provider);
  expectNoTokenOfDevices(provider);
  changeSessionsBySignInsOnly(provider);
  tellWhatIsReleased(provider);
  return { logOutAtClient: (client, accountId, sid) => logOut.call(client, accountId, sid), findEvenExpired };
}

/**
 * The key that must have signed an assertion which the library has verified: the one that it would look for, where there is
 * one only. Undefined: several may have, and none is guessed.
 */
export function keyThatSigned(client: Client, { alg, kid }: { alg?: unknown; kid?: unknown }): PublicKey | undefined {
  const { asymmetricKeyStore: keys } = client as unknown as {
    asymmetricKeyStore: { selectForVerify(wanted: { alg: unknown; kid: unknown }): PublicKey[] };
  };
  const fitting = keys.selectForVerify({ alg, kid });
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** Adds our members to the library's models, which store only the members that they name. */
function keepOwnMembers(provider: Provider): void {
  for (const [model, member] of [
    [provider.Session, 'epoch'],
    [provider.Session, 'activatedAt'],
    [provider.Session, 'place'],
    [provider.Session, 'trustedBrowser'],
    [provider.Grant, 'epoch'],
    [provider.Grant, 'exchange'],
    [provider.Interaction, 'pending'],
    [provider.Interaction, 'browser'],
  ] as const) {
    const names = model.IN_PAYLOAD;
    Object.defineProperty(model, 'IN_PAYLOAD', { configurable: true, get: () => [...names, member] });
  }
}

/** The library makes a jar of its own for the session's cookie. Ours spares what both would do (sign-in/browser.ts). */
function shareTheJar({ OIDCContext }: Provider): void {
  if (Object.getOwnPropertyDescriptor(OIDCContext.prototype, 'cookies')?.get === undefined)
    throw new TypeError('the library no longer makes a jar of cookies');
  Object.defineProperty(OIDCContext.prototype, 'cookies', {
    configurable: true,
    get(this: { ctx: KoaContextWithOIDC }) {
      return this.ctx.cookies;
    },
  });
}

/**
 * The library refuses a request for a scope that is not registered. It reads the prompts just before it looks at the scope,
 * whichever way the request came: by URL, pushed or in a request object.
 */
function narrowBeforeTheLibraryLooks({ OIDCContext }: Provider): void {
  const { get } = Object.getOwnPropertyDescriptor(OIDCContext.prototype, 'prompts') ?? {};
  if (get === undefined) throw new TypeError('the library no longer reads the prompts from its context');
  Object.defineProperty(OIDCContext.prototype, 'prompts', {
    configurable: true,
    get(this: { ctx: Parameters<typeof narrowAsked>[0] }) {
      narrowAsked(this.ctx);
      return get.call(this);
    },
  });
}

/** At the token endpoint nothing reads prompts. There the parameters are all known before the client is. */
function ignoreResourcesOfTokenRequests({ OIDCContext }: Provider): void {
  const prototype = OIDCContext.prototype as unknown as { entity(key: string, value: unknown): void };
  const { entity } = prototype;
  if (entity === undefined) throw new TypeError('the library no longer keeps the client in its context');
  prototype.entity = function (this: { ctx: KoaContextWithOIDC; route: string }, key, value) {
    entity.call(this, key, value);
    if (key === 'Client' && this.route === 'token') dropIgnoredResources(this.ctx);
  };
}

/**
 * The library expects a token of its own in the form that confirms a device, kept in the session. Ours is sent from our own
 * page only (rule 20, middleware.ts) and bound to the code and the browser (device-codes.ts); so nothing is stored for people
 * who have not signed in, and a second tab does not break the first.
 */
function expectNoTokenOfDevices({ Session }: Provider): void {
  const sessions = Session as unknown as {
    get(ctx: { oidc: { route: string } }): Promise<{ state?: object }>;
  };
  const { get } = sessions;
  sessions.get = async function (ctx) {
    const session = await get.call(this, ctx);
    if (ctx.oidc.route === 'code_verification') session.state = { ...session.state, secret: '' };
    return session;
  };
}

/** Keeps the library from storing the token that it made for a form which our page does not have. */
export function dropFormToken({ oidc }: { oidc: { session?: object | undefined } }): void {
  Object.assign(oidc.session ?? {}, { touched: false });
}

/**
 * The library gives a session a new identifier whenever it answers a page. That prevents session fixation at a
 * sign-in. After consent it would only sign out a person whose answer is cut off or who has another tab open. The
 * library also repeats the sign-in that came before the consent, and would undo what another tab has proven since.
 */
function changeSessionsBySignInsOnly({ Session }: Provider): void {
  const prototype = Session.prototype as unknown as { resetIdentifier(): void; loginAccount(login: object): void };
  const { resetIdentifier, loginAccount } = prototype;
  prototype.resetIdentifier = function () {
    if (!isAboutConsent()) resetIdentifier.call(this);
  };
  prototype.loginAccount = function (login) {
    if (!isAboutConsent()) loginAccount.call(this, login);
  };
}

/**
 * The library masks what `findAccount` knows by scope and by the parameter `claims`. Here the releasing function has decided,
 * and only facts of the sign-in (`acr`, `amr`, `auth_time`) still go through that mask.
 */
function tellWhatIsReleased(provider: Provider): void {
  type Claims = { available: Record<string | symbol, unknown>; filter: object; result(): Promise<object> };
  const { prototype } = (provider as unknown as { Claims: { prototype: Claims } }).Claims;
  const { result } = prototype;
  prototype.result = async function () {
    const told = this.available[RELEASED] as object | undefined;
    if (told === undefined) return result.call(this); // a logout token, or nothing of a person
    const facts = ['acr', 'amr', 'auth_time'].filter(
      (name) => name in this.filter && this.available[name] !== undefined,
    );
    return { ...Object.fromEntries(facts.map((name) => [name, this.available[name]])), ...told };
  };
}

/** Whether the current request resumes after an answer about consent, not after a sign-in. */
export function isAboutConsent(): boolean {
  return Provider.ctx?.oidc?.entities.Interaction?.prompt.name === 'consent';
}

/** `Client.find` on storage with our own cache: the library's cache has room for a hundred. */
function findClientsInStorage(
  provider: Provider,
  {
    clients: records,
    ownPageNames,
    now,
    isTrial,
  }: {
    clients: ClientRecords;
    ownPageNames: OwnPageNames;
    now: () => number;
    isTrial: (ctx: KoaContextWithOIDC, client: string) => Promise<boolean>;
  },
) {
  const Constructor = provider.Client as unknown as ClientConstructor;

  const own = new Constructor(ownClientMetadata(provider.issuer, ownPageNames.account));
  // Our own client returns to any page of ours.
  Object.defineProperty(own, 'redirectUriAllowed', {
    value: (uri: string) => URL.parse(uri)?.origin === new URL(provider.issuer).origin,
  });

  const cache = createClientCache<Client>({
    records,
    build: (record) => clientOf(Constructor, record),
    // Fetches sector_identifier_uri and compares it with the redirect URIs (OpenID Connect Registration 5).
    compare: (record) => provider.Client.validate(checkable(metadataOf(record))),
  });
  return {
    ...cache,
    findEvenExpired: (id: string) => cache.find(id),
    async find(id: unknown): Promise<Client | undefined> {
      if (typeof id !== 'string' || id === '') return undefined;
      if (id === ownClientId) return own;
      const record = await records.find(id);
      if (record === undefined || (isPending(record) && refusesUnusable(record, now()))) return undefined;
      const { ctx } = Provider;
      if (!ctx?.oidc?.route?.startsWith('end_session')) {
        if (refusesUnusable(record, now())) return undefined;
        const client = await cache.of(record);
        const onTrial = ctx !== undefined && (await isTrial(ctx, id));
        return onTrial ? trialClientOf(Constructor, record, `${provider.issuer}${trialPath}`) : client;
      }
      // A client whose registration is no longer valid, or cannot be compared now, must not keep a person signed in.
      return cache.of(record, { compared: false }).catch((error: { error?: string }) => {
        if (error.error === 'invalid_client_metadata') return undefined;
        throw error;
      });
    },
  };
}

/**
 * Whether the current request of the protocol gets nothing because this client waits for an operator, is off or has expired. Pages
 * of ours still know its name, and signing out still leads back to it.
 */
function refusesUnusable(record: ClientRecord, now: number): boolean {
  const memory = memoryOfRequest();
  const because = whyUnusable(record, now);
  if (memory === undefined || because === undefined) return false;
  noteRefusal(because);
  if (because === 'application-pending') memory.pending = record.id;
  else {
    const { client_name: name, ...metadata } = record.metadata;
    const named = { ...metadata, clientId: record.id, ...(typeof name === 'string' ? { clientName: name } : {}) };
    const since = because === 'application-expired' ? { since: record.validUntil ?? now } : {};
    memory.unusable = { id: record.id, name: clientNameOf(named), ...since };
  }
  return true;
}

/**
 * The form on a page that the library writes itself and lets nobody replace: its action and its hidden fields, both as
 * HTML. Undefined: `body` is another answer.
 */
export function formOf(body: unknown): { action: string; fields: string[] } | undefined {
  if (typeof body !== 'string' || !body.includes('<title>Submitting Callback</title>')) return undefined;
  const action = /<form method="post" action="([^"]*)">/.exec(body)?.[1];
  const fields = body.match(/<input type="hidden" name="[^"]*" value="[^"]*"\/>/g);
  return action === undefined || fields === null ? undefined : { action, fields: [...fields] };
}

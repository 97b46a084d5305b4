/**
 * What a visitor must still do for an authorization request, and how that ends: all that pages know of the protocol.
 */
import { decodeJwt } from 'jose';
import type Koa from 'koa';
import type Provider from 'oidc-provider';
import { type Client, errors, type InteractionResults, type Interaction as StoredInteraction } from 'oidc-provider';
import type { JsonValue } from '../domain/account/account.ts';
import type { Localized } from '../domain/account/languages.ts';
import { ownClientId } from '../domain/clients/client-members.ts';
import { personalClaims, scopes } from '../domain/clients/scopes.ts';
import type { ChangeEntry } from '../domain/ports/audit-log.ts';
import type { ClientLogo } from '../domain/ports/clients.ts';
import type { Consents } from '../domain/ports/consents.ts';
import type { SessionRecord } from '../domain/ports/protocol-records.ts';
import { type Asked, type DeclineReason, type FactorDemand, inProtocol } from '../domain/sign-in/reason.ts';
import { withheldFrom } from './allowance.ts';
import type { Browsers, Cookies } from './browser.ts';
import { clientNameOf, isFirstParty } from './client-metadata.ts';
import { askedOf, demandOf, reauthenticationReasons } from './policy.ts';
import type { SessionOfBrowser } from './session.ts';

/** What has been proven so far. The pages keep it between steps; the protocol never acts on it. */
export type Pending = JsonValue;

export type Interaction = {
  uid: string;
  prompt: 'login' | 'consent';
  /** For what the request was interrupted, and why. */
  asked: Asked;
  client: {
    id: string;
    name: Localized;
    uri?: string;
    logo?: ClientLogo;
    firstParty: boolean;
    policyUri?: string;
    tosUri?: string;
  };
  /**
   * The account that is already signed in, if only the second factor is missing, with its amr. `authTime` in seconds;
   * `activatedAt` (epoch ms) if an activation opened the session.
   */
  session?: { accountId: string; amr: string[]; authTime: number; activatedAt?: number };
  /** What the client or the request asks of the second factor (acr), whatever the organisation requires. */
  secondFactor?: FactorDemand;
  /** prompt=login, max_age exceeded or another account wanted: the whole sign-in, even if a person is signed in. */
  reauthenticate: boolean;
  loginHint?: string;
  idTokenHintAccountId?: string;
  uiLocales: string[];
  display?: string;
  /** What is requested and not consented to yet. */
  consent?: { scopes: string[]; claims: string[]; resourceScopes: Record<string, string[]> };
  pending?: Pending;
  /** URL to redirect to: the same form, sent twice, has finished it in this browser. */
  finished?: string;
  /**
   * This browser's session is not the one in which the request was interrupted: somebody signed in or out in another
   * tab. `accountId`: who is signed in now.
   */
  sessionChanged?: { accountId?: string };
  /** The key of the browser that loaded it. Only the first browser that acts on an interaction can continue. */
  browser?: string;
};

export type Login = {
  accountId: string;
  amr: string[];
  /** Seconds. If absent: now, or that of the session that was stepped up. */
  authTime?: number;
  /** false: the cookie lasts until the browser closes. */
  remember?: boolean;
  epoch: number;
};

/** What is still known of a sign-in that is over, has expired or belongs to another browser. */
export type LostInteraction = {
  /** `start`: where a person begins there, if it is registered. */
  client?: { name: Localized; firstParty: boolean; start?: string };
  /** The path of a request of that application that still waits in this browser. */
  waiting?: string;
};

/**
 * The path of the pages of one interaction. It names the client, so that a page that is opened again when all else is
 * forgotten (by Back, from a bookmark, in another browser) still knows where its visitor wanted to go.
 */
export function interactionPath(uid: string, clientId: string): string {
  const isPlain = /^(?=.*[A-Za-z0-9])[\w.~-]{1,200}$/.test(clientId);
  return isPlain ? `/interaction/${uid}/${clientId}` : `/interaction/${uid}`;
}

export type Interactions = {
  /** Undefined if it has expired or belongs to another browser. */
  load(ctx: Koa.Context): Promise<Interaction | undefined>;
  /** For an address that `load` knows nothing of. `clientId` as the address names it. */
  lost(ctx: Koa.Context, address: { uid: string; clientId: string | undefined }): Promise<LostInteraction>;
  keep(interaction: Interaction, pending: Pending | undefined): Promise<void>;
  /** The URL for a 303. The same holds for the next three. */
  finishLogin(ctx: Koa.Context, interaction: Interaction, login: Login): Promise<string>;
  /** Consent counts only of the person who is still signed in here. */
  finishConsent(ctx: Koa.Context, interaction: Interaction, decision: 'consent' | 'cancel'): Promise<string>;
  /** Hands the request back to the policy, which looks at the session that this browser has now. */
  reconsider(ctx: Koa.Context, interaction: Interaction): Promise<string>;
  finishDeclined(ctx: Koa.Context, interaction: Interaction, because: DeclineReason): Promise<string>;
};

/** The library's record with our own members (seams.ts). */
type OwnInteraction = StoredInteraction & { pending?: Pending; browser?: string };

export type InteractionOptions = {
  issuer: string;
  provider: () => Provider;
  session: SessionOfBrowser;
  consents: Pick<Consents, 'add'>;
  logoOf: (clientId: string) => Promise<ClientLogo | undefined>;
  browsers: Browsers;
  cookies: Pick<Cookies, 'get'>;
  now: () => number;
  endSession: (record: SessionRecord) => Promise<boolean>;
  /** The audit entry of a consent. */
  consented: (accountId: string, clientId: string, because: string) => ChangeEntry;
};

/**
 * `load` @returns undefined if the interaction has expired or belongs to another browser; the other methods then throw
 * the library's SessionNotFound.
 */
export function createInteractions(options: InteractionOptions): Interactions & {
  /** Finishes an interaction by its uid, for a sign-in that took place elsewhere. Undefined if it no longer waits. */
  finishWaiting(ctx: Koa.Context, uid: string, login: Login & { authTime: number }): Promise<string | undefined>;
} {
  const { now, browsers } = options;
  const seconds = () => Math.floor(now() / 1000);

  /** From now on the interaction is bound to the browser that loaded it. */
  async function find({ uid, browser }: Pick<Interaction, 'uid' | 'browser'>): Promise<OwnInteraction> {
    const stored = (await options.provider().Interaction.find(uid)) as OwnInteraction | undefined;
    const elsewhere = stored?.browser !== undefined && stored.browser !== browser;
    if (stored === undefined || elsewhere) throw new errors.SessionNotFound('interaction session not found');
    if (browser !== undefined) stored.browser = browser;
    return stored;
  }

  /**
   * The key of this browser. The first page sets it, so that a first form that is sent twice carries it both times.
   * Nothing is bound to it before the browser sends it back: tabs that open at once each get one, and the last one
   * stays.
   */
  function browserOf(ctx: Koa.Context): string | undefined {
    const known = browsers.known(ctx);
    if (known !== undefined) return known;
    const greeted = browsers.greet(ctx);
    return ctx.method === 'POST' ? greeted : undefined;
  }

  async function finish(ctx: Koa.Context, stored: OwnInteraction, result: InteractionResults): Promise<string> {
    if (stored.session?.uid !== (await options.session.valid(ctx))?.record.uid) forgetSession(stored);
    stored.result = 'error' in result ? result : { ...stored.lastSubmission, ...result };
    await stored.persist();
    return stored.returnTo;
  }

  /** Undefined also for one whose registration is no longer valid. */
  async function findClient(id: string): Promise<Client | undefined> {
    try {
      return await options.provider().Client.find(id);
    } catch (error) {
      if (error instanceof errors.OIDCProviderError) return undefined;
      throw error;
    }
  }

  /** The library resumes a request only in the session in which it was interrupted. */
  function forgetSession(stored: OwnInteraction): void {
    delete (stored as { session?: unknown }).session;
  }

  /** What was answered so far was about another session, so all of it is asked anew where it still is to be asked. */
  async function reconsider(stored: OwnInteraction): Promise<string> {
    forgetSession(stored);
    stored.result = {};
    await stored.persist();
    return stored.returnTo;
  }

  function signedIn(login: Login & { authTime: number }): InteractionResults {
    const { accountId, amr, authTime, remember = true, epoch } = login;
    return { login: { accountId, amr, ts: authTime, remember, epoch } };
  }

  return {
    async load(ctx) {
      // The library's `interactionDetails` would find nothing once the session ended. Here that is `sessionChanged`.
      const uid = options.cookies.get(ctx, 'interaction');
      const found = uid === undefined ? undefined : await options.provider().Interaction.find(uid);
      const stored = found as OwnInteraction | undefined;
      if (stored === undefined) return undefined;
      const browser = browserOf(ctx);
      if (stored.browser !== undefined && stored.browser !== browser) return undefined;
      const client = await options.provider().Client.find(String(stored.params.client_id));
      if (client === undefined) return undefined;
      const session = (await options.session.valid(ctx))?.record;
      const logo = await options.logoOf(client.clientId);
      return { ...describe(stored, client, logo, session), ...(browser === undefined ? {} : { browser }) };
    },

    async lost(ctx, { uid, clientId }) {
      const browser = browsers.known(ctx);
      const waitingUid = options.cookies.get(ctx, 'waiting');
      const known: LostInteraction = {};
      let wanted = clientId;
      for (const each of new Set([uid, waitingUid ?? uid])) {
        const stored = (await options.provider().Interaction.find(each)) as OwnInteraction | undefined;
        if (stored === undefined) continue;
        const { client_id: id } = stored.params as { client_id: string };
        wanted ??= id;
        const ours = stored.browser === undefined ? each === waitingUid : stored.browser === browser;
        if (ours && stored.result === undefined && wanted === id) known.waiting ??= interactionPath(each, id);
      }
      const client = wanted === undefined ? undefined : await findClient(wanted);
      if (client === undefined) return known;
      const start = startOf(client, options.issuer);
      known.client = { name: clientNameOf(client), firstParty: isFirstParty(client), ...present({ start }) };
      return known;
    },

    async keep(interaction, pending) {
      const stored = await find(interaction);
      if (pending === undefined) delete stored.pending;
      else stored.pending = pending;
      await stored.persist();
    },

    async finishLogin(ctx, interaction, login) {
      const stored = await find(interaction);
      const { session } = interaction;
      const previous = (await options.session.stored(ctx))?.record;
      const another = previous?.accountId !== undefined && previous.accountId !== login.accountId;
      // Another person signs in here: sign the previous one out, including all applications of that session.
      if (another) await options.endSession(previous);
      const steppedUp = session?.accountId === login.accountId && !interaction.reauthenticate;
      const authTime = login.authTime ?? (steppedUp ? session.authTime : seconds());
      return finish(ctx, stored, signedIn({ ...login, authTime }));
    },

    async finishConsent(ctx, interaction, decision) {
      const stored = await find(interaction);
      const session = (await options.session.valid(ctx))?.record;
      if (decision === 'consent' && stored.session?.uid !== session?.uid) return reconsider(stored);
      const accountId = stored.session?.accountId;
      if (decision === 'cancel' || accountId === undefined || interaction.consent === undefined) {
        return finish(ctx, stored, declined('consent-declined'));
      }
      const clientId = interaction.client.id;
      await options.consents.add(
        { accountId, clientId, ...interaction.consent, givenAt: now() },
        options.consented(accountId, clientId, interaction.asked.because),
      );
      return finish(ctx, stored, { consent: {} });
    },

    reconsider: async (_ctx, interaction) => reconsider(await find(interaction)),

    async finishDeclined(ctx, interaction, because) {
      return finish(ctx, await find(interaction), declined(because));
    },

    async finishWaiting(ctx, uid, login) {
      const stored = (await options.provider().Interaction.find(uid)) as OwnInteraction | undefined;
      if (stored?.prompt.name !== 'login') return undefined;
      const browser = browserOf(ctx);
      if (stored.browser !== undefined && stored.browser !== browser) return undefined;
      if (browser !== undefined) stored.browser = browser;
      forgetSession(stored); // it has just been replaced
      return finish(ctx, stored, signedIn(login));
    },
  };
}

function declined(because: DeclineReason): InteractionResults {
  const { error, description } = inProtocol(because);
  return { error, error_description: description, because };
}

/** The sign-in that the application starts itself (OpenID Connect Core 4), or else its home page. */
function startOf({ clientId, initiateLoginUri, clientUri }: Client, issuer: string): string | undefined {
  if (clientId === ownClientId) return '/account';
  const login = initiateLoginUri === undefined ? null : URL.parse(initiateLoginUri);
  login?.searchParams.set('iss', issuer);
  const start = login ?? (clientUri === undefined ? null : URL.parse(clientUri));
  // Only a web URL becomes a link.
  return start !== null && /^https?:$/.test(start.protocol) ? start.href : undefined;
}

function describe(
  stored: OwnInteraction,
  client: Client,
  logo: ClientLogo | undefined,
  session: SessionRecord | undefined,
): Interaction {
  const { params, prompt } = stored;
  const demand = demandOf(client, params);
  const text = (name: string) => (typeof params[name] === 'string' ? { value: params[name] as string } : undefined);
  const hinted = client.subjectType === 'pairwise' ? undefined : subjectOf(text('id_token_hint')?.value);
  const { clientUri: uri, policyUri, tosUri } = client;
  const described: Interaction = {
    uid: stored.uid,
    prompt: prompt.name === 'consent' ? 'consent' : 'login',
    asked: askedOf(prompt),
    client: {
      id: client.clientId,
      name: clientNameOf(client),
      firstParty: isFirstParty(client),
      ...present({ uri, logo, policyUri, tosUri }),
    },
    ...present({ secondFactor: demand.secondFactor }),
    reauthenticate: prompt.reasons.some((reason) => reauthenticationReasons.has(reason)),
    uiLocales: text('ui_locales')?.value.split(' ').filter(Boolean) ?? [],
    ...present({
      loginHint: text('login_hint')?.value,
      display: text('display')?.value,
      idTokenHintAccountId: hinted,
    }),
  };
  if (stored.session?.uid !== session?.uid) described.sessionChanged = present({ accountId: session?.accountId });
  else if (session?.accountId !== undefined) {
    described.session = {
      accountId: session.accountId,
      amr: (session.amr ?? []) as string[],
      authTime: Number(session.loginTs),
      ...(session.activatedAt === undefined ? {} : { activatedAt: Number(session.activatedAt) }),
    };
  }
  if (prompt.name === 'consent') described.consent = newlyAsked(stored, withheldFrom(client.scope));
  if (stored.pending !== undefined) described.pending = stored.pending;
  if (stored.result !== undefined) described.finished = stored.returnTo;
  return described;
}

/** What is requested and not granted yet. With prompt=consent, everything that is requested. */
function newlyAsked({ prompt, params }: StoredInteraction, withheld: string[]): NonNullable<Interaction['consent']> {
  const { missingOIDCScope, missingOIDCClaims, missingResourceScopes } = prompt.details as {
    missingOIDCScope?: string[];
    missingOIDCClaims?: string[];
    missingResourceScopes?: Record<string, string[]>;
  };
  const requested = String(params.scope ?? '')
    .split(' ')
    .filter((scope) => scopes.includes(scope));
  return {
    scopes: missingOIDCScope ?? (prompt.reasons.includes('consent_prompt') ? requested : []),
    claims: (missingOIDCClaims ?? []).filter((claim) => personalClaims.includes(claim) && !withheld.includes(claim)),
    resourceScopes: missingResourceScopes ?? {},
  };
}

/** The subject of a hint that the library verified before it stored it. */
function subjectOf(idToken: string | undefined): string | undefined {
  return idToken === undefined ? undefined : decodeJwt(idToken).sub;
}

function present<T extends Record<string, unknown>>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}

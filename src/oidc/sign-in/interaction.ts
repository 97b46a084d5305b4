/** How a request that waits for its visitor is found, kept between pages and ended: all that pages do with the protocol. */
import type Koa from 'koa';
import type Provider from 'oidc-provider';
import { type Client, errors, type InteractionResults } from 'oidc-provider';
import type { OwnPageNames } from '../../domain/clients/own-client.ts';
import { claimsOfScope } from '../../domain/clients/release/scopes.ts';
import type { ResourceAsked } from '../../domain/clients/resources/resource-servers.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ClientLogo } from '../../domain/ports/clients.ts';
import type { Consents } from '../../domain/ports/consents.ts';
import type { SessionRecord } from '../../domain/ports/protocol-records.ts';
import { type DeclineReason, inProtocol } from '../../domain/sign-in/reason.ts';
import type { Releasing } from '../tokens/releasing.ts';
import type { Browsers, Cookies } from './browser.ts';
import { createLost, type FindLost } from './interaction-lost.ts';
import {
  type ConsentAsked,
  describe,
  type Interaction,
  type OwnInteraction,
  type Pending,
} from './interaction-request.ts';
import type { SessionOfBrowser } from './session.ts';

export type { Interaction };

export type Login = {
  accountId: string;
  amr: string[];
  /** Seconds. If absent: now, or that of the session that was stepped up. */
  authTime?: number;
  /** false: the cookie lasts until the browser closes. */
  remember?: boolean;
  epoch: number;
  /** the id of the trusted browser that stood in for the second step */
  trustedBrowser?: string;
};

export type Interactions = {
  /** Undefined if it has expired or belongs to another browser. */
  load(ctx: Koa.Context): Promise<Interaction | undefined>;
  /** For an address that `load` knows nothing of. `clientId` as the address names it. */
  lost: FindLost;
  keep(interaction: Interaction, pending: Pending | undefined): Promise<void>;
  /** The URL for a 303. The same holds for the next three. */
  finishLogin(ctx: Koa.Context, interaction: Interaction, login: Login): Promise<string>;
  /** Consent counts only of the person who is still signed in here. */
  finishConsent(ctx: Koa.Context, interaction: Interaction, decision: 'consent' | 'cancel'): Promise<string>;
  /** Hands the request back to the policy, which looks at the session that this browser has now. */
  reconsider(ctx: Koa.Context, interaction: Interaction): Promise<string>;
  finishDeclined(ctx: Koa.Context, interaction: Interaction, because: DeclineReason): Promise<string>;
};

export type InteractionOptions = {
  issuer: string;
  provider: () => Provider;
  session: SessionOfBrowser;
  consents: Pick<Consents, 'add' | 'find'>;
  accounts: Pick<Accounts, 'findById'>;
  releasing: Pick<Releasing, 'shownAtConsent'>;
  logoOf: (clientId: string) => Promise<ClientLogo | undefined>;
  /** What scopes of APIs let an application do (resources.ts). */
  inWords: (scopes: Record<string, string[]>) => Promise<ResourceAsked[]>;
  browsers: Browsers;
  cookies: Pick<Cookies, 'get'>;
  now: () => number;
  endSession: (record: SessionRecord) => Promise<boolean>;
  /** The audit entry of a consent. */
  consented: (accountId: string, clientId: string, because: string) => ChangeEntry;
  ownPageNames: OwnPageNames;
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
    const { accountId, amr, authTime, remember = true, epoch, trustedBrowser } = login;
    const trusted = trustedBrowser === undefined ? {} : { trustedBrowser };
    return { login: { accountId, amr, ts: authTime, remember, epoch, ...trusted } };
  }

  /** Adds the claims that the page is to name: nothing else is told to the application. */
  async function nameClaims(consent: ConsentAsked, client: Client, accountId: string | undefined): Promise<void> {
    const account = accountId === undefined ? undefined : await options.accounts.findById(accountId);
    if (account === undefined) return;
    const { scopes, claims, shown } = consent;
    consent.shown = options.releasing.shownAtConsent(client, account, { scopes, claims: [...claims, ...shown] });
  }

  /** What the page names now, and all that a consent of before such names were kept is about. */
  async function coveredBy(accountId: string, clientId: string, shown: string[]): Promise<string[]> {
    const before = await options.consents.find(accountId, clientId);
    if (before === undefined || before.shown !== undefined) return shown;
    return [...new Set([...shown, ...before.claims, ...before.scopes.flatMap((scope) => claimsOfScope[scope] ?? [])])];
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
      const described = describe(stored, client, logo, session, options.ownPageNames);
      if (described.consent !== undefined) await nameClaims(described.consent, client, described.session?.accountId);
      const resources = await options.inWords(described.consent?.resourceScopes ?? {});
      return {
        ...described,
        ...(resources.length === 0 ? {} : { resources }),
        ...(browser === undefined ? {} : { browser }),
      };
    },

    lost: createLost(options),

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
      const shown = await coveredBy(accountId, clientId, interaction.consent.shown);
      await options.consents.add(
        { accountId, clientId, ...interaction.consent, shown, givenAt: now() },
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

/** What a stored interaction asks of its visitor, as pages see it, and the address of those pages. */
import { decodeJwt } from 'jose';
import type { Client, Interaction as StoredInteraction } from 'oidc-provider';
import type { Localized } from '../../domain/account/languages.ts';
import { type AccessLists, accessRuleOf } from '../../domain/clients/access-rule.ts';
import { type OwnPageNames, ownClientId, ownPageName } from '../../domain/clients/own-client.ts';
import { personalClaims, scopes } from '../../domain/clients/release/scopes.ts';
import type { ResourceAsked } from '../../domain/clients/resources/resource-servers.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import type { ClientLogo } from '../../domain/ports/clients.ts';
import type { SessionRecord } from '../../domain/ports/protocol-records.ts';
import type { Asked, FactorDemand } from '../../domain/sign-in/reason.ts';
import { clientNameOf, clientPurposeOf, isFirstParty } from '../clients/client-metadata.ts';
import { withheldFrom } from '../tokens/allowance.ts';
import { releasingClientOf } from '../tokens/releasing.ts';
import { askedOf, demandOf, reauthenticationReasons } from './policy.ts';

/** What has been proven so far. The pages keep it between steps; the protocol never acts on it. */
export type Pending = JsonValue;

/** `shown`: the personal claims that the page names. */
export type ConsentAsked = {
  scopes: string[];
  claims: string[];
  resourceScopes: Record<string, string[]>;
  shown: string[];
};

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
    /** For what it needs what it learns. */
    purpose?: Partial<Localized>;
    policyUri?: string;
    tosUri?: string;
    /** Whom it is open to; absent: everybody. */
    openTo?: AccessLists;
    /** E-mail addresses of the people who run it. */
    contacts?: string[];
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
  consent?: ConsentAsked;
  /** What those `resourceScopes` let the application do, in words. */
  resources?: ResourceAsked[];
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

/**
 * The path of the pages of one interaction. It names the client, so that a page that is opened again when all else is
 * forgotten (by Back, from a bookmark, in another browser) still knows where its visitor wanted to go.
 */
export function interactionPath(uid: string, clientId: string): string {
  const isPlain = /^(?=.*[A-Za-z0-9])[\w.~-]{1,200}$/.test(clientId);
  return isPlain ? `/interaction/${uid}/${clientId}` : `/interaction/${uid}`;
}

/** The library's record with our own members (seams.ts). */
export type OwnInteraction = StoredInteraction & { pending?: Pending; browser?: string };

/** @param session that of this browser now */
export function describe(
  stored: OwnInteraction,
  client: Client,
  logo: ClientLogo | undefined,
  session: SessionRecord | undefined,
  ownPageNames: OwnPageNames,
): Interaction {
  const { params, prompt } = stored;
  const demand = demandOf(client, params);
  const text = (name: string) => (typeof params[name] === 'string' ? { value: params[name] as string } : undefined);
  const hinted = client.subjectType === 'pairwise' ? undefined : subjectOf(text('id_token_hint')?.value);
  const { clientUri: uri, policyUri, tosUri, contacts } = client;
  const own = client.clientId === ownClientId;
  const rule = accessRuleOf(client);
  const described: Interaction = {
    uid: stored.uid,
    prompt: prompt.name === 'consent' ? 'consent' : 'login',
    asked: askedOf(prompt),
    client: {
      id: client.clientId,
      name: own ? ownPageName(ownPageNames, text('redirect_uri')?.value ?? '') : clientNameOf(client),
      firstParty: isFirstParty(client),
      ...present({
        uri,
        logo,
        policyUri,
        tosUri,
        purpose: clientPurposeOf(client),
        contacts: contacts && [...contacts],
        openTo: rule === 'everybody' ? undefined : rule,
      }),
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
  if (prompt.name === 'consent')
    described.consent = newlyAsked(stored, withheldFrom(releasingClientOf(client).allowed));
  if (stored.pending !== undefined) described.pending = stored.pending;
  if (stored.result !== undefined) described.finished = stored.returnTo;
  return described;
}

/** What is requested and not granted yet. With prompt=consent, everything that is requested. */
function newlyAsked({ prompt, params }: StoredInteraction, withheld: string[]): ConsentAsked {
  const { unshownClaims, missingOIDCScope, missingOIDCClaims, missingResourceScopes, resources } = prompt.details as {
    unshownClaims?: string[];
    missingOIDCScope?: string[];
    missingOIDCClaims?: string[];
    missingResourceScopes?: Record<string, string[]>;
    resources?: Record<string, string[]>;
  };
  const prompted = prompt.reasons.includes('consent_prompt');
  const requested = String(params.scope ?? '')
    .split(' ')
    .filter((scope) => scopes.includes(scope));
  return {
    scopes: missingOIDCScope ?? (prompted ? requested : []),
    claims: (missingOIDCClaims ?? []).filter((claim) => personalClaims.includes(claim) && !withheld.includes(claim)),
    shown: unshownClaims ?? [],
    resourceScopes: missingResourceScopes ?? (prompted ? (resources ?? {}) : {}),
  };
}

/** The subject of a hint that the library verified before it stored it. */
function subjectOf(idToken: string | undefined): string | undefined {
  return idToken === undefined ? undefined : decodeJwt(idToken).sub;
}

/** Without the members that are undefined. */
export function present<T extends Record<string, unknown>>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}

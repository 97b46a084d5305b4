/**
 * Decides what an application may have of a person now: what its registration names and the person consented to. Every use
 * of a grant is held to it, so that what was taken away since is not given (rules 16, 32).
 */
import { whyUnusable } from '../../domain/clients/client-validity.ts';
import {
  type ReleaseMembers,
  type ReleasingClient,
  releasingClient,
  unshownOf,
} from '../../domain/clients/release/release.ts';
import { personalClaims, scopes } from '../../domain/clients/release/scopes.ts';
import { allowedScopes } from '../../domain/clients/resources/resource-servers.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import type { Consent, Consents } from '../../domain/ports/consents.ts';
import type { ProtocolRecord, ProtocolRecords } from '../../domain/ports/protocol-records.ts';
import type { RefusalReason } from '../../domain/sign-in/reason.ts';
import { isFirstParty } from '../clients/client-metadata.ts';
import type { ClientRecords } from '../clients/clients.ts';
import { noteRefusal, readAccount, readConsent } from '../request.ts';
import { mayUse } from '../sign-in/access.ts';
import { createExchangeHold, exchangeOf } from './exchange-grants.ts';
import type { Resources } from './resources.ts';

/** `withheld`: personal claims that the application does not get, because its registration or the consent has them not. */
export type Allowance = {
  scopes: string[];
  claims: string[];
  resourceScopes: Record<string, string[]>;
  withheld: string[];
};

/** Undefined: the client is not registered, the person has not consented, or may not use it. */
export type FindAllowance = (clientId: string, accountId: string) => Promise<Allowance | undefined>;

/** What is returned throws what the storage throws. */
export function createAllowances(options: {
  clients: Pick<ClientRecords, 'find'>;
  consents: Pick<Consents, 'find'>;
  accounts: Pick<Accounts, 'findById'>;
  resources: Pick<Resources, 'allowedTo' | 'byAudience' | 'byIdentifier' | 'mayAsk'>;
  records: Pick<ProtocolRecords, 'find' | 'findSession'>;
  now: () => number;
}): {
  find: FindAllowance;
  holdGrant(grant: ProtocolRecord): Promise<ProtocolRecord | undefined>;
  holdServiceToken(token: ProtocolRecord): Promise<ProtocolRecord | undefined>;
} {
  async function find(clientId: string, accountId: string): Promise<Allowance | undefined> {
    const client = await options.clients.find(clientId);
    return client === undefined ? undefined : allowed(client, accountId);
  }

  async function allowed(client: ClientRecord, accountId: string): Promise<Allowance | undefined> {
    if (!(await isOpenTo(client, accountId))) return undefined;
    const resourceScopes = await options.resources.allowedTo(client);
    if (isFirstParty(client.metadata)) return { ...limitsOf(client).whole, resourceScopes };
    const consent = await readConsent(options.consents, accountId, client.id);
    // A consent to a client of that id that was removed since is none to this one.
    if (consent === undefined || consent.givenAt < client.createdAt) return undefined;
    return allowanceOf(client, { ...consent, resourceScopes: inBoth(resourceScopes, consent.resourceScopes) });
  }

  async function isOpenTo({ metadata }: ClientRecord, accountId: string): Promise<boolean> {
    const account = await readAccount(options.accounts, accountId);
    return account !== undefined && mayUse(metadata, account, options.now());
  }

  const held = {
    find,

    /** A stored grant as it is now. Undefined: it is none any longer, and what was issued under it opens nothing. */
    async holdGrant(grant: ProtocolRecord): Promise<ProtocolRecord | undefined> {
      const { clientId, accountId = '', iat } = grant as { clientId?: string; accountId?: string; iat?: number };
      const client = clientId === undefined ? undefined : await options.clients.find(clientId);
      if (client === undefined) return refused('application-removed');
      // What it was granted stays, and is good again when the registration is prolonged.
      const unusable = whyUnusable(client, options.now());
      if (unusable !== undefined) return refused(unusable);
      // Granted to a client of that id that was removed since; `iat` is in whole seconds.
      if (iat !== undefined && iat * 1000 + 999 < client.createdAt) return refused('application-removed');
      const source = exchangeOf(grant);
      if (source !== undefined)
        return (await isOpenTo(client, accountId)) ? holdExchange(grant, client, source) : undefined;
      const allowance = await allowed(client, accountId);
      return allowance === undefined ? refused('consent-missing') : heldTo(grant, allowance);
    },

    /** A token that a service got for itself, as both registrations are now. Undefined: it is none any longer. */
    async holdServiceToken(token: ProtocolRecord): Promise<ProtocolRecord | undefined> {
      const { clientId = '', aud, iat, scope } = token as ServiceToken;
      const client = await options.clients.find(clientId);
      if (client === undefined || (iat ?? 0) * 1000 + 999 < client.createdAt) return refused('application-removed');
      const found = aud === undefined ? undefined : await options.resources.byAudience(aud, 'itself');
      const allowed = found && allowedScopes(client, found.server, 'itself');
      const unusable = whyUnusable(client, options.now());
      if (unusable !== undefined) return refused(unusable);
      if (allowed === undefined) return refused('resource-not-allowed');
      return { ...token, scope: only(wordsOf(scope ?? ''), allowed).join(' ') };
    },
  };
  const holdExchange = createExchangeHold({ ...options, holdGrant: held.holdGrant });
  return held;
}

type ServiceToken = { clientId?: string; aud?: string; iat?: number; scope?: string };

/** What a person allowed and a registration still names. */
function inBoth(registered: Record<string, string[]>, given: Record<string, string[]>): Record<string, string[]> {
  const both = Object.entries(registered).map(([resource, words]) => [resource, only(words, given[resource] ?? [])]);
  return Object.fromEntries(both);
}

function refused(because: RefusalReason): undefined {
  noteRefusal(because);
}

function allowanceOf(
  client: ClientRecord,
  consent: Pick<Consent, 'scopes' | 'claims' | 'resourceScopes' | 'shown'>,
): Allowance {
  const { scopes: given, claims, resourceScopes } = consent;
  const { registered, releasing, beyond } = limitsOf(client);
  const withheld = [...beyond, ...unshownOf(releasing, consent)];
  return {
    scopes: only(given, registered),
    claims: claims.filter((claim) => !withheld.includes(claim)),
    resourceScopes,
    withheld,
  };
}

/** `whole`: what an application of the association may have of everybody. */
type Limits = {
  registered: string[];
  releasing: ReleasingClient;
  beyond: string[];
  whole: Omit<Allowance, 'resourceScopes'>;
};
const limits = new WeakMap<ClientRecord, Limits>();

/** Made once: a record is the same object until it changes (clients.ts). */
function limitsOf(client: ClientRecord): Limits {
  const known = limits.get(client);
  if (known !== undefined) return known;
  const releasing = releasingClient(client.metadata as ReleaseMembers);
  const registered = [...releasing.scopes];
  const beyond = withheldFrom(releasing.allowed);
  const whole = { scopes: only(scopes, registered), claims: [...releasing.allowed], withheld: beyond };
  const made = { registered, releasing, beyond, whole };
  limits.set(client, made);
  return made;
}

/** The personal claims that a registration does not have. */
export function withheldFrom(allowed: ReadonlySet<string>): string[] {
  return personalClaims.filter((claim) => !allowed.has(claim));
}

type Stored = ProtocolRecord & {
  openid?: { scope?: string; claims?: string[] };
  resources?: Record<string, string>;
};

function heldTo(grant: Stored, allowance: Allowance): ProtocolRecord {
  const { openid = {}, resources = {}, rejected: _, ...rest } = grant;
  return {
    ...rest,
    openid: {
      scope: only(wordsOf(openid.scope ?? ''), allowance.scopes).join(' '),
      claims: only(openid.claims ?? [], allowance.claims),
    },
    resources: Object.fromEntries(
      Object.entries(resources).map(([resource, scope]) => [
        resource,
        only(wordsOf(scope), allowance.resourceScopes[resource] ?? []).join(' '),
      ]),
    ),
    ...(allowance.withheld.length === 0 ? {} : { rejected: { openid: { claims: allowance.withheld } } }),
  };
}

const wordsOf = (scope: string) => scope.split(' ').filter(Boolean);
function only(some: string[], allowed: string[]): string[] {
  const known = new Set(allowed);
  return some.filter((each) => known.has(each));
}

/**
 * What one request remembers: accounts, revoked grants and notices (once each), sessions as it read them, and why it is
 * refused.
 */
import Provider from 'oidc-provider';
import type { Account } from '../domain/account/account.ts';
import type { Localized } from '../domain/account/languages.ts';
import { beside } from '../domain/beside.ts';
import type { ScopeDrop } from '../domain/clients/release/asked-scopes.ts';
import type { Decided } from '../domain/clients/trial/trial.ts';
import type { Accounts } from '../domain/ports/accounts.ts';
import type { ChangeEntry } from '../domain/ports/audit-log.ts';
import type { ClientSecret } from '../domain/ports/clients.ts';
import type { Consent, Consents } from '../domain/ports/consents.ts';
import type { ProtocolRecord, ProtocolRecords } from '../domain/ports/protocol-records.ts';
import type { Lapse, RefusalReason } from '../domain/sign-in/reason.ts';

/** A session as this request read it: as text, because the library changes its object in place. `exp`: as it says. */
export type SessionRead = { key: string; text: string; exp: unknown; revision?: number };

type Memory = {
  sessions: Map<string, SessionRead>;
  /** By session: why this request could not store it. Whether it is stored all the same, nobody knows. */
  unsaved: Map<string, unknown>;
  accounts: Map<string, Promise<Account | undefined>>;
  /** By client and account; an answer about consent is another request. */
  consents: Map<string, Promise<Consent | undefined>>;
  /** By key: what was presented as a token of any kind (adapter.ts). */
  tokens: Map<string, Promise<{ model: string; record: ProtocolRecord } | undefined>>;
  revocations: Map<string, Promise<void>>;
  /** For which the answer waits, and nothing else (`beforeAnswer`). */
  writes: Promise<unknown>[];
  /** Logout notices of this request by outbox id: stored, or the error. */
  notices: Map<string, { stored: true } | { stored: false; error: unknown }>;
  /** Scopes that the request asked for and does not get (asked-scopes.ts). */
  dropped: ScopeDrop[];
  /** Every scope that it asked for. */
  asked: Set<string>;
  /** What was held to the registration already: the parameters as they were afterwards. */
  narrowed?: { params: object | undefined; scope: unknown; resource: unknown };
  /** The code that people type, of the device authorization that this request makes. */
  userCode?: string;
  /** Why the session that this browser names is good for nothing any more. */
  lapsed?: Lapse;
  /** Why the request is refused, where that was decided here: the first reason. */
  refused?: RefusalReason;
  /** Why the client could not prove who it is, in the words of the library, which the answer does not have. */
  clientFault?: string | undefined;
  /** The redirect URI with which the code of this request was asked for. */
  codeRedirectUri?: string;
  /** The secret that came, if it is one of the client that has expired. */
  expiredSecret?: Pick<ClientSecret, 'name' | 'expiresAt'> | undefined;
  /** It is a trial of this client (trial.ts), under a grant of its own, with what was decided about claims so far. */
  trial?: { client: string; grant: string; decided: Decided[] };
  /** The client that this request names, if it has expired, `since` then (epoch ms), or if an operator switched it off. */
  unusable?: { id: string; name: Localized; since?: number };
  /** The client_id of the client that this request names, if it registered itself and waits for an operator. */
  pending?: string;
};

const memories = beside<Memory>('memory of the request');

/** The memory of the current protocol request, or undefined. Pass its `ctx` once the library is done with it. */
export function memoryOfRequest(ctx: object | undefined = Provider.ctx): Memory | undefined {
  if (ctx === undefined) return undefined;
  let memory = memories.get(ctx);
  if (memory === undefined) {
    memory = {
      sessions: new Map(),
      unsaved: new Map(),
      accounts: new Map(),
      consents: new Map(),
      tokens: new Map(),
      revocations: new Map(),
      writes: [],
      notices: new Map(),
      dropped: [],
      asked: new Set(),
    };
    memories.set(ctx, memory);
  }
  return memory;
}

/** Call it once a request is answered. What still runs on its behalf remembers anew. */
export function forgetRequest(ctx: object): void {
  memories.set(ctx, undefined);
}

/** Where a person is sent back to an application: all that is stored is worth nothing until this answer leaves. */
const sendsBack = new Set(['authorization', 'resume']);

/**
 * Lets only the answer to this request wait for a write, so that all of them share a commit. For what nobody knows of until
 * the answer leaves, whichever of it is stored when another fails (docs/decisions/waiting-writes.md).
 */
export async function beforeAnswer(writing: Promise<unknown>): Promise<void> {
  const memory = sendsBack.has(Provider.ctx?.oidc?.route ?? '') ? memoryOfRequest() : undefined;
  if (memory === undefined) return void (await writing);
  writing.catch(() => {}); // whoever waits for it gets the fault
  memory.writes.push(writing);
}

/** All that was to be stored before the answer. @throws the first fault */
export async function stored(ctx: object | undefined = Provider.ctx): Promise<void> {
  const writes = ctx === undefined ? undefined : memories.get(ctx)?.writes;
  if (writes !== undefined) await Promise.all(writes.splice(0));
}

/** Notes why the current request cannot have what it asks for. The log tells it (page-sources.ts). */
export function noteRefusal(because: RefusalReason): void {
  const memory = memoryOfRequest();
  if (memory !== undefined) memory.refused ??= because;
}

/** Of one request; they are only hints. */
const MOST_DROPS = 10;

/** The scopes that a request does not get. Most requests have no memory, and get none by this. */
export function dropsOf(ctx: object): readonly ScopeDrop[] {
  return memories.get(ctx)?.dropped.slice(0, MOST_DROPS) ?? [];
}

/** Reads the account at most once per protocol request. */
export function readAccount(
  accounts: Pick<Accounts, 'findById'>,
  id: string,
  ctx?: object,
): Promise<Account | undefined> {
  const memory = memoryOfRequest(ctx);
  const known = memory?.accounts.get(id);
  if (known !== undefined) return known;
  const read = accounts.findById(id);
  memory?.accounts.set(id, read);
  return read;
}

/** Reads the consent at most once per protocol request. */
export function readConsent(
  consents: Pick<Consents, 'find'>,
  accountId: string,
  clientId: string,
): Promise<Consent | undefined> {
  const known = memoryOfRequest()?.consents;
  const name = JSON.stringify([accountId, clientId]);
  const read = known?.get(name) ?? consents.find(accountId, clientId);
  known?.set(name, read);
  return read;
}

/**
 * Revokes all of a grant once per protocol request, because the library asks for every model at the same moment. The
 * port refuses what is stored under the grant afterwards. `entry` tells why, where that is to be audited. All callers that wait get the same failure; a later call
 * tries again.
 */
export function revokeGrant(
  records: Pick<ProtocolRecords, 'revokeByGrant'>,
  grantId: string,
  entry?: ChangeEntry,
): Promise<void> {
  const revocations = memoryOfRequest()?.revocations;
  const known = revocations?.get(grantId);
  if (known !== undefined) return known;
  const revocation = records.revokeByGrant(grantId, entry);
  revocations?.set(grantId, revocation);
  revocation.catch(() => revocations?.delete(grantId));
  return revocation;
}

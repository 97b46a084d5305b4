/** What one request has read, revoked and told: accounts and grants once, a session written against what was seen of it. */
import Provider from 'oidc-provider';
import type { Account } from '../domain/account/account.ts';
import type { Accounts } from '../domain/ports/accounts.ts';
import type { ProtocolRecords, SessionRecord } from '../domain/ports/protocol-records.ts';

/** A session as this request knows it: the key it was found under and the record as it stood then. */
export type SessionRead = { key: string; record: SessionRecord; revision?: number };

type Memory = {
  sessions: Map<string, SessionRead>;
  accounts: Map<string, Promise<Account | undefined>>;
  revocations: Map<string, Promise<void>>;
  /** logout notices of this request by their id in the outbox: stored, or why not */
  notices: Map<string, { stored: true } | { stored: false; error: unknown }>;
};

const memories = new WeakMap<object, Memory>();

/** The memory of the protocol request that is being answered; undefined outside of one. `ctx`: of that one, once the library is done. */
export function memoryOfRequest(ctx: object | undefined = Provider.ctx): Memory | undefined {
  if (ctx === undefined) return undefined;
  let memory = memories.get(ctx);
  if (memory === undefined) {
    memory = { sessions: new Map(), accounts: new Map(), revocations: new Map(), notices: new Map() };
    memories.set(ctx, memory);
  }
  return memory;
}

/** The account, read at most once a protocol request. */
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

/**
 * All of a grant, revoked once a protocol request: the library asks for every model at the same moment. The port refuses
 * what is put for it afterwards. A failure reaches all who wait, and whoever asks later tries again.
 */
export function revokeGrant(records: Pick<ProtocolRecords, 'revokeByGrant'>, grantId: string): Promise<void> {
  const revocations = memoryOfRequest()?.revocations;
  const known = revocations?.get(grantId);
  if (known !== undefined) return known;
  const revocation = records.revokeByGrant(grantId);
  revocations?.set(grantId, revocation);
  revocation.catch(() => revocations?.delete(grantId));
  return revocation;
}

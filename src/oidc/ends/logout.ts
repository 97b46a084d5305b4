/** Back-channel logout: puts notices into the outbox before the session ends; a job delivers them. */
import { STATUS_CODES } from 'node:http';
import type { Client } from 'oidc-provider';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import type { Outbox, OutboxEntry } from '../../domain/ports/outbox.ts';
import type { HeldGrant, ProtocolRecords, SessionRecord } from '../../domain/ports/protocol-records.ts';
import { recordKeyOf } from '../../domain/ports/record-key.ts';
import type { ClientRecords } from '../clients/clients.ts';
import { memoryOfRequest } from '../request.ts';
import { joinedAs } from '../tokens/grants.ts';

const KEEP_TRYING_MS = 7 * 24 * 3600 * 1000;

/** Its methods throw what the outbox and the records throw. */
export function createLogout(options: {
  outbox: Pick<Outbox, 'put'>;
  records: ProtocolRecords;
  clients: Pick<ClientRecords, 'find'>;
  now: () => number;
  wakeOutbox: () => void;
}) {
  const { outbox, records, now } = options;

  /** One notice per session and client. Both determine `sid`, so a second request adds nothing. */
  const enqueue = (clientId: string, accountId: string, sid: string) =>
    put(`backchannel-logout:${sid}`, { clientId, accountId, sid });

  /**
   * One notice per grant that outlives its session. Its `sid` may have been used when the session ended, so the grant gives
   * the id. Without a `sid` the notice says who it is about (OpenID Connect Back-Channel Logout 2.4); a client that demands
   * one, and has it of no refresh token, gets none. `closed`: because the account closes; once it is open again, such a
   * notice without a `sid` is not delivered any more.
   */
  async function tellOfGrant(
    client: ClientRecord,
    accountId: string,
    { grantId, sid }: HeldGrant,
    closed = false,
  ): Promise<void> {
    const { backchannel_logout_uri: uri, backchannel_logout_session_required: demandsSid } = client.metadata;
    if (uri === undefined || (demandsSid !== false && sid === undefined)) return; // absent: demanded
    const because = closed ? { closed } : {};
    const whose = { clientId: client.id, accountId, ...(sid === undefined ? {} : { sid }), ...because };
    await put(`backchannel-logout:grant:${recordKeyOf(grantId)}`, whose);
  }

  /**
   * The library continues if this fails, so the failure is remembered for the code that writes the session
   * (session-adapter.ts).
   */
  async function put(
    id: string,
    payload: { clientId: string; accountId: string; sid?: string; closed?: boolean },
  ): Promise<void> {
    const notices = memoryOfRequest()?.notices;
    if (notices?.get(id)?.stored === true) return;
    try {
      await outbox.put({
        id,
        kind: 'backchannel-logout',
        accountId: payload.accountId,
        payload,
        createdAt: now(),
        expiresAt: now() + KEEP_TRYING_MS,
      });
    } catch (error) {
      notices?.set(id, { stored: false, error });
      throw error;
    }
    notices?.set(id, { stored: true });
    options.wakeOutbox();
  }

  /**
   * Ends a session, expired or not. Stores the notices, then ends the session, then revokes what was issued under it.
   * After a crash in between, only an application that joined in that very moment misses its notice. `entry` is audited
   * if this ends it. `offline`: what outlives the session ends too, and before it, so that whoever no longer finds the
   * session finds no grant that it told of either (withdrawal.ts).
   * @returns true for the one caller that ended it
   * @throws what the storage throws
   */
  async function endSession(session: SessionRecord, entry?: ChangeEntry, offline = false): Promise<boolean> {
    await notify(session);
    if (offline) await revoke(session, undefined, true);
    const ended = await records.destroySession(session.uid, entry);
    if (!offline) await revoke(session);
    if (ended !== undefined) await endRest(ended, session, offline);
    return ended !== undefined;
  }

  /** Notifies and revokes what joined the session after it was read as `seen` and before it ended. */
  async function endRest(ended: SessionRecord, seen: SessionRecord | undefined, offline = false): Promise<void> {
    await notify(ended, seen);
    await revoke(ended, seen, offline);
  }

  /**
   * Notifies all clients of the session except those that `told` lists. @throws if a notice cannot be put into the
   * outbox
   */
  async function notify(session: SessionRecord, told?: SessionRecord): Promise<void> {
    for (const [clientId, { sid }] of Object.entries(session.authorizations ?? {})) {
      if (told?.authorizations?.[clientId]?.sid !== sid) await notifyClient(session, clientId);
    }
  }

  /** Notifies one client of the end of its session. @throws if the notice cannot be put into the outbox */
  async function notifyClient(session: SessionRecord, clientId: string): Promise<void> {
    const { accountId, authorizations = {}, loginTs } = session as SessionRecord & { loginTs?: number };
    const authorization = authorizations[clientId] ?? {};
    const { sid } = authorization;
    if (accountId === undefined || typeof sid !== 'string') return;
    // Use the record, not the built client: a client whose registration is no longer valid, or cannot be compared
    // now, is owed its notice too.
    const client = await options.clients.find(clientId);
    if (client?.metadata.backchannel_logout_uri === undefined) return;
    // Not about people who used one of the same id that was removed since.
    if (joinedAs(authorization, loginTs, client.createdAt)) await enqueue(clientId, accountId, sid);
  }

  async function revoke(
    { authorizations = {} }: SessionRecord,
    revoked?: SessionRecord,
    offline = false,
  ): Promise<void> {
    for (const [clientId, { grantId, persistsLogout }] of Object.entries(authorizations)) {
      if (typeof grantId !== 'string' || (persistsLogout === true && !offline)) continue;
      if (revoked?.authorizations?.[clientId]?.grantId !== grantId) await records.revokeByGrant(grantId);
    }
  }

  return { enqueue, notify, notifyClient, tellOfGrant, endSession, endRest };
}

/**
 * One attempt to deliver a notice, with a new logout token (OpenID Connect Back-Channel Logout 2.5).
 * @throws Error with a short reason; `permanent: true` if another attempt is of no use
 */
export async function deliverLogout(
  entry: OutboxEntry,
  findClient: (id: string) => Promise<Client | undefined>,
  logOutAtClient: (client: Client, accountId: string, sid: string | undefined) => Promise<unknown>,
  { isOpen, now }: { isOpen: (accountId: string) => Promise<boolean>; now: number },
): Promise<void> {
  const { clientId, accountId, sid, closed } = entry.payload;
  // It names the person only, so it would end what the person began since the account opened again.
  if (closed === true && sid === undefined && (await isOpen(String(accountId)))) return;
  const client = await findClient(String(clientId));
  // The client is no longer registered, or no longer wants notices.
  if (client?.backchannelLogoutUri === undefined) return;
  try {
    await logOutAtClient(client, String(accountId), typeof sid === 'string' ? sid : undefined);
  } catch (error) {
    const status = (error as { response?: { status?: number } }).response?.status;
    const reason = status === undefined ? reasonOf(error) : `answered ${status} ${STATUS_CODES[status] ?? ''}`.trim();
    const failure = new Error(`${clientId}: ${reason}`, { cause: error });
    if (status !== undefined && isPermanent(status, now - entry.createdAt))
      throw Object.assign(failure, { permanent: true });
    throw failure;
  }
}

/** What an application answers that is being deployed. */
const deploying = [401, 403, 404, 410];
const DEPLOYED_WITHIN_MS = 24 * 3600 * 1000;

function isPermanent(status: number, ageMs: number): boolean {
  if (deploying.includes(status)) return ageMs >= DEPLOYED_WITHIN_MS;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return (message || code || 'no answer').slice(0, 200);
}

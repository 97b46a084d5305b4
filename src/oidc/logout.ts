/** Telling applications that a session has ended: put into the outbox before the session goes, delivered by a job. */
import { STATUS_CODES } from 'node:http';
import type { Client } from 'oidc-provider';
import type { Outbox, OutboxEntry } from '../domain/ports/outbox.ts';
import type { ProtocolRecords, SessionRecord } from '../domain/ports/protocol-records.ts';
import type { ClientRecords } from './clients.ts';
import { memoryOfRequest } from './request.ts';

const KEEP_TRYING_MS = 7 * 24 * 3600 * 1000;

export function createLogout(options: {
  outbox: Pick<Outbox, 'put'>;
  records: ProtocolRecords;
  clients: Pick<ClientRecords, 'find'>;
  now: () => number;
  wakeOutbox: () => void;
}) {
  const { outbox, records, now } = options;

  /**
   * One notice a session and client; `sid` belongs to both, so the second request to say it says nothing new. The library
   * goes on where this fails, so the failure is remembered for whoever writes the session (adapter.ts).
   */
  async function enqueue(clientId: string, accountId: string, sid: string): Promise<void> {
    const id = `backchannel-logout:${sid}`;
    const notices = memoryOfRequest()?.notices;
    if (notices?.get(id)?.stored === true) return;
    try {
      await outbox.put({
        id,
        kind: 'backchannel-logout',
        accountId,
        payload: { clientId, accountId, sid },
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
   * Notices first, then the session, then what was issued under it; so a crash in between leaves nobody untold but who
   * joined in this very moment. True for the one caller that ended it.
   */
  async function endSession(session: SessionRecord): Promise<boolean> {
    await notify(session);
    const ended = await records.destroySession(session.uid, now());
    await revoke(session);
    if (ended !== undefined) await endRest(ended, session);
    return ended !== undefined;
  }

  /** What joined a session after it was read as `seen` and before it ended: told and revoked like all the rest. */
  async function endRest(ended: SessionRecord, seen: SessionRecord | undefined): Promise<void> {
    await notify(ended, seen);
    await revoke(ended, seen);
  }

  /** All clients of the session but those that were told as `told` has it. @throws where one cannot be put into the outbox */
  async function notify({ accountId, authorizations = {} }: SessionRecord, told?: SessionRecord): Promise<void> {
    for (const [clientId, { sid }] of Object.entries(authorizations)) {
      if (accountId === undefined || typeof sid !== 'string') continue;
      if (told?.authorizations?.[clientId]?.sid === sid) continue;
      // as registered, not as built: one that does not hold any more, or cannot be compared now, is owed its notice as well
      const client = await options.clients.find(clientId);
      if (client?.metadata.backchannel_logout_uri !== undefined) await enqueue(clientId, accountId, sid);
    }
  }

  async function revoke({ authorizations = {} }: SessionRecord, revoked?: SessionRecord): Promise<void> {
    for (const [clientId, { grantId, persistsLogout }] of Object.entries(authorizations)) {
      if (typeof grantId !== 'string' || persistsLogout === true) continue;
      if (revoked?.authorizations?.[clientId]?.grantId !== grantId) await records.revokeByGrant(grantId);
    }
  }

  return { enqueue, notify, endSession, endRest };
}

/**
 * One attempt to deliver a notice, with a logout token of its own.
 * @throws Error with a short reason; `permanent` where trying again is of no use
 */
export async function deliverLogout(
  entry: OutboxEntry,
  findClient: (id: string) => Promise<Client | undefined>,
  logOutAtClient: (client: Client, accountId: string, sid: string) => Promise<unknown>,
): Promise<void> {
  const { clientId, accountId, sid } = entry.payload;
  const client = await findClient(String(clientId));
  // no longer registered, or no longer interested: nobody is left to be told
  if (client?.backchannelLogoutUri === undefined) return;
  try {
    await logOutAtClient(client, String(accountId), String(sid));
  } catch (error) {
    const status = (error as { response?: { status?: number } }).response?.status;
    const reason = status === undefined ? reasonOf(error) : `answered ${status} ${STATUS_CODES[status] ?? ''}`.trim();
    const failure = new Error(`${clientId}: ${reason}`, { cause: error });
    if (status !== undefined && isPermanent(status)) throw Object.assign(failure, { permanent: true });
    throw failure;
  }
}

function isPermanent(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return (message || code || 'no answer').slice(0, 200);
}

/**
 * Takes back what applications hold of a person, and tells each once: of grants that outlive their session (offline_access) when
 * the account ends, and of all when the person may no longer use the application (rule 12).
 */
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import type { HeldGrant, ProtocolRecords, SessionRecord } from '../../domain/ports/protocol-records.ts';
import type { RefusalReason } from '../../domain/sign-in/reason.ts';
import type { ClientRecords } from '../clients/clients.ts';
import type { createLogout } from './logout.ts';

export type Withdrawal = {
  /**
   * Ends grants of older epochs than `olderThanEpoch` that no session of the account has. Read the sessions first: a session
   * that ends meanwhile takes its grants along before it goes (logout.ts), so that no application is told twice.
   */
  endRemaining(
    accountId: string,
    sessions: readonly SessionRecord[],
    olderThanEpoch: number,
    closed: boolean,
  ): Promise<void>;
  /**
   * Takes back all that the person granted to the client, sessions at the application included. `entry`: of the act that this is a
   * part of, in the place of one that tells `because`. @returns false: there was nothing
   */
  withdraw(clientId: string, accountId: string, because: RefusalReason, entry?: ChangeEntry): Promise<boolean>;
};

type Authorized = SessionRecord & { authorizations: Record<string, { sid?: unknown; grantId?: unknown }> };

/** Its methods throw what the storage throws; done again, they tell and end what is left. */
export function createWithdrawal(options: {
  records: Pick<ProtocolRecords, 'grantsOf' | 'revokeByGrant' | 'sessionsOf' | 'findSession' | 'saveSession'>;
  clients: Pick<ClientRecords, 'find' | 'withNotices'>;
  logout: Pick<ReturnType<typeof createLogout>, 'notifyClient' | 'tellOfGrant'>;
  now: () => number;
  /** The audit entry of what is taken back. */
  withdrawn: (accountId: string, clientId: string, because: RefusalReason) => ChangeEntry;
}): Withdrawal {
  const { records, clients, logout, now } = options;

  async function tell(
    client: ClientRecord | undefined,
    accountId: string,
    grant: HeldGrant,
    closed = false,
  ): Promise<void> {
    // Granted to a client of that id that was removed since; `iat` is in whole seconds.
    const other = grant.iat !== undefined && client !== undefined && grant.iat * 1000 + 999 < client.createdAt;
    if (client !== undefined && grant.refreshes && !other) await logout.tellOfGrant(client, accountId, grant, closed);
  }

  /** The application is told, so the end of the session need not tell it again; who comes back gets another `sid`. */
  async function forgetSid({ uid }: SessionRecord, clientId: string): Promise<void> {
    const found = await records.findSession({ uid }, now());
    const { sid: _, ...rest } = found?.record.authorizations?.[clientId] ?? {};
    if (found === undefined) return;
    const { key, record, text, revision } = found;
    await records.saveSession({
      key,
      readKey: key,
      record: { ...record, authorizations: { ...record.authorizations, [clientId]: rest } },
      read: text,
      readRevision: revision,
      expiresAt: Number(record.exp) * 1000,
      now: now(),
    });
  }

  return {
    async endRemaining(accountId, sessions, olderThanEpoch, closed) {
      for (const grant of await records.grantsOf(accountId, await clients.withNotices(), now())) {
        const ofSession = sessions.some(
          ({ authorizations = {} }) => authorizations[grant.clientId]?.grantId === grant.grantId,
        );
        if (ofSession || Number(grant.epoch) >= olderThanEpoch) continue;
        await tell(await clients.find(grant.clientId), accountId, grant, closed);
        await records.revokeByGrant(grant.grantId);
      }
    },

    async withdraw(clientId, accountId, because, given) {
      const client = await clients.find(clientId);
      const stored = (await records.sessionsOf(accountId)).map(({ record }) => record);
      const sessions = stored.filter((each): each is Authorized => each.authorizations?.[clientId] !== undefined);
      const grants = await records.grantsOf(accountId, [clientId], now());
      for (const session of sessions) await logout.notifyClient(session, clientId);
      for (const [index, grant] of grants.entries()) {
        const ofSession = sessions.some(({ authorizations }) => {
          const { grantId, sid } = authorizations[clientId] ?? {};
          return grantId === grant.grantId && typeof sid === 'string';
        });
        if (!ofSession) await tell(client, accountId, grant);
        const entry = index === 0 ? (given ?? options.withdrawn(accountId, clientId, because)) : undefined;
        await records.revokeByGrant(grant.grantId, entry);
      }
      for (const session of sessions) await forgetSid(session, clientId);
      return grants.length > 0;
    },
  };
}

/** What people granted to clients, and which of it a client can still refresh. */
import type { HeldGrant, ProtocolRecords } from '../../domain/ports/protocol-records.ts';
import type { Collections } from './collections.ts';
import { firstOf } from './database.ts';

export function createGrants({
  protocolRecords,
  revokedGrants,
}: Pick<Collections, 'protocolRecords' | 'revokedGrants'>): Pick<ProtocolRecords, 'grantsOf' | 'accountsGranted'> {
  /** By grant: the `sid` of a refresh token that lives, `''` where it has none. */
  async function refreshable(grants: string[], now: number): Promise<Map<string, string>> {
    const tokens = protocolRecords.find({
      grant: { $in: grants },
      _id: { $gte: 'RefreshToken ', $lt: 'RefreshToken!' },
      consumed: { $exists: false },
      expiresAt: { $not: { $lte: now } },
    });
    const found = new Map<string, string>();
    for (const { grant = '', record } of await tokens.toArray())
      found.set(grant, (JSON.parse(record) as { sid?: string }).sid ?? '');
    return found;
  }

  return {
    grantsOf: async (accountId, clientIds, now) => {
      if (clientIds.length === 0) return [];
      const held = await protocolRecords
        .find({ client: { $in: [...clientIds] }, account: accountId, expiresAt: { $not: { $lte: now } } })
        .toArray();
      const keys = held.flatMap(({ grant }) => grant ?? []);
      if (keys.length === 0) return [];
      const revoked = new Set((await revokedGrants.find({ _id: { $in: keys } }).toArray()).map(({ _id }) => _id));
      const sids = await refreshable(keys, now);
      return held.flatMap(({ grant = '', record }) =>
        revoked.has(grant) ? [] : [heldGrant(JSON.parse(record), sids.get(grant))],
      );
    },

    accountsGranted: async (clientId, after, limit) => {
      const found = protocolRecords
        .find({ client: clientId, account: { $gt: after ?? '' } }, { projection: { account: 1 } })
        .sort({ client: 1, account: 1 });
      return [...new Set((await firstOf(found, limit)).flatMap(({ account }) => account ?? []))];
    },
  };
}

/** `sid`: of a refresh token that lives, `''` where it has none; undefined: no refresh token lives. */
function heldGrant(record: Record<string, unknown>, sid: string | undefined): HeldGrant {
  const { grantId, clientId, iat, epoch } = record as HeldGrant;
  return {
    grantId,
    clientId,
    ...(iat === undefined ? {} : { iat }),
    ...(epoch === undefined ? {} : { epoch }),
    refreshes: sid !== undefined,
    ...(sid ? { sid } : {}),
  };
}

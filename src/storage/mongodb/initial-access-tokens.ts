/** Initial access tokens; a use is taken before the client is stored, and given back where the node died in between. */
import type { Clients } from '../../domain/ports/clients.ts';
import type { InitialAccessToken, InitialAccessTokens } from '../../domain/ports/initial-access-tokens.ts';
import type { Collections, InitialAccessTokenDocument } from './collections.ts';
import { firstOf, unlessTaken } from './database.ts';
import { carriedBy, carrying, type PendingAudit } from './pending-audit.ts';

const STAYING = { removed: { $exists: false } } as const;
const DIED_AFTER_MS = 60_000; // storing a client takes milliseconds, so the node that began an older one is dead

export function createInitialAccessTokens(
  { initialAccessTokens: tokens }: Collections,
  clients: Pick<Clients, 'find' | 'put'>,
  pendingAudit: PendingAudit,
): InitialAccessTokens {
  /**
   * A use and its client are two documents, so a use that is taken is first noted as under way. One that is still under way
   * after a minute was either made good (its client is there) or is given back, by whoever looks first.
   */
  async function settleTheDead(hash: string, now: number): Promise<void> {
    const found = await tokens.findOne({ hash, ...STAYING });
    for (const { client, since } of found?.underWay ?? []) {
      if (since > now - DIED_AFTER_MS) continue;
      await settle(hash, client, (await clients.find(client)) === undefined ? 'given back' : 'used');
    }
  }

  async function settle(hash: string, client: string, how: 'used' | 'given back'): Promise<void> {
    const over = { $pull: { underWay: { client } } };
    await tokens.updateOne({ hash, 'underWay.client': client }, how === 'used' ? over : { ...over, $inc: { left: 1 } });
  }

  const take = (hash: string, client: string, now: number) =>
    tokens.findOneAndUpdate(
      { hash, ...STAYING, left: { $gt: 0 }, expiresAt: { $gt: now } },
      { $inc: { left: -1 }, $push: { underWay: { client, since: now } } },
      { returnDocument: 'after' },
    );

  return {
    add: async (token, entry) => {
      const document = { ...documentOf(token), ...carriedBy(entry) };
      if ((await unlessTaken(tokens.insertOne(document))) === undefined) return false;
      await pendingAudit.settle('initialAccessTokens', token.id, entry);
      return true;
    },

    find: async (hash) => {
      const found = await tokens.findOne({ hash, ...STAYING });
      return found === null ? undefined : tokenOf(found);
    },

    list: async (after = '', limit) => {
      const found = await firstOf(tokens.find({ _id: { $gt: after }, ...STAYING }).sort({ _id: 1 }), limit);
      return found.map(tokenOf);
    },

    revoke: async (id, entry) => {
      const staying = { _id: id, ...STAYING };
      if (entry === undefined) return (await tokens.deleteOne(staying)).deletedCount === 1;
      const marked = await tokens.updateOne(staying, { $set: { removed: true }, ...carrying(entry) });
      if (marked.matchedCount === 0) return false;
      await pendingAudit.settle('initialAccessTokens', id, entry);
      return true;
    },

    register: async (hash, client, now, entry, picture) => {
      let taken = await take(hash, client.id, now);
      if (taken === null) {
        await settleTheDead(hash, now);
        taken = await take(hash, client.id, now);
      }
      if (taken === null) return 'spent';
      // where the answer is lost, the use stays under way, and is settled by whether the client is there
      const stored = await clients.put(client, 0, entry, picture);
      await settle(hash, client.id, stored ? 'used' : 'given back').catch(() => undefined);
      return stored ? 'registered' : 'id-taken';
    },
  };
}

export function documentOf({ left, ...token }: InitialAccessToken): InitialAccessTokenDocument {
  const { id, hash, expiresAt } = token;
  return { _id: id, hash, expiresAt, left, underWay: [], token: JSON.stringify(token) };
}

export function tokenOf({ token, left }: InitialAccessTokenDocument): InitialAccessToken {
  return { ...JSON.parse(token), left };
}

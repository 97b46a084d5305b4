/** Consents of people to clients. Adding is a union in one command, so that two windows do not lose each other's scopes. */
import type { WithId } from 'mongodb';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { Consent, Consents } from '../../domain/ports/consents.ts';
import type { Collections, ConsentDocument } from './collections.ts';
import { upserted } from './database.ts';
import { carrying, type PendingAudit } from './pending-audit.ts';
import { revokeGrantsOf } from './protocol-records.ts';

/** Of those that are removed only the audit entry is left, until it is in the log. */
const STAYING = { removed: { $exists: false } } as const;

/** @param now epoch ms; used only for how long a revoked grant is remembered */
export function createConsents(collections: Collections, pendingAudit: PendingAudit, now: () => number): Consents {
  const { consents } = collections;

  /** Nothing of it counts from now on, and a consent that is given meanwhile begins anew. @returns whether this call did it */
  async function mark(id: string, entry: ChangeEntry): Promise<boolean> {
    const marked = await consents.updateOne(
      { _id: id, ...STAYING },
      {
        $set: { scopes: [], claims: [], resourceScopes: [], removed: true },
        $unset: { shown: '' as const },
        ...carrying(entry),
      },
    );
    if (marked.matchedCount === 0) return false;
    await pendingAudit.settle('consents', id, entry);
    return true;
  }

  return {
    find: async (accountId, clientId) => {
      const found = await consents.findOne({ _id: idOf(accountId, clientId), ...STAYING });
      return found === null ? undefined : consentOf(found);
    },

    add: async ({ accountId, clientId, scopes, claims, shown, resourceScopes, givenAt }, entry) => {
      await upserted(() =>
        consents.findOneAndUpdate(
          { _id: idOf(accountId, clientId) },
          {
            $setOnInsert: { accountId, clientId },
            $addToSet: {
              scopes: { $each: scopes },
              claims: { $each: claims },
              ...(shown === undefined ? {} : { shown: { $each: shown } }),
              resourceScopes: { $each: Object.entries(resourceScopes).flatMap(pairsOf) },
            },
            $max: { givenAt },
            $unset: { removed: '' as const },
            ...carrying(entry),
          },
          { upsert: true, returnDocument: 'after', projection: { _id: 1 } },
        ),
      );
      await pendingAudit.settle('consents', idOf(accountId, clientId), entry);
    },

    remove: async (accountId, clientId, entry) => {
      const id = idOf(accountId, clientId);
      const removed = entry === undefined ? await pendingAudit.removeOne('consents', id) : await mark(id, entry);
      await revokeGrantsOf(collections, { clientId, accountId }, now); // also after a removal that broke off
      return removed;
    },

    byAccount: async (accountId) =>
      (
        await consents
          .find({ accountId, ...STAYING })
          .sort({ accountId: 1, clientId: 1 })
          .toArray()
      ).map(consentOf),
  };
}

/** The id of a consent: JSON, so that two different pairs never give the same id. */
function idOf(accountId: string, clientId: string): string {
  return JSON.stringify([accountId, clientId]);
}

function pairsOf([resource, scopes]: [string, string[]]): ConsentDocument['resourceScopes'] {
  return [{ resource }, ...scopes.map((scope) => ({ resource, scope }))];
}

export function documentOf({ resourceScopes, ...consent }: Consent): ConsentDocument {
  return {
    _id: idOf(consent.accountId, consent.clientId),
    ...consent,
    resourceScopes: Object.entries(resourceScopes).flatMap(pairsOf),
  };
}

export function consentOf({
  _id,
  resourceScopes,
  pendingAudit: _pending,
  removed: _removed,
  ...consent
}: WithId<ConsentDocument>): Consent {
  const scopesOf = new Map<string, string[]>();
  for (const { resource, scope } of resourceScopes)
    scopesOf.set(resource, [...(scopesOf.get(resource) ?? []), ...(scope === undefined ? [] : [scope])]);
  return { ...consent, resourceScopes: Object.fromEntries(scopesOf) };
}

/** Consents of people to clients. Adding is a union in one command, so that two windows do not lose each other's scopes. */
import type { WithId } from 'mongodb';
import type { Consent, Consents } from '../../domain/ports/consents.ts';
import { upserted } from './database.ts';
import { carrying, type PendingAudit } from './pending-audit.ts';
import { revokeGrantsOf } from './protocol-records.ts';
import type { Collections, ConsentDocument } from './schema.ts';

/** @param now epoch ms; used only for how long a revoked grant is remembered */
export function createConsents(collections: Collections, pendingAudit: PendingAudit, now: () => number): Consents {
  const { consents } = collections;

  return {
    find: async (accountId, clientId) => {
      const found = await consents.findOne({ _id: idOf(accountId, clientId) });
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
            ...carrying(entry),
          },
          { upsert: true, returnDocument: 'after', projection: { _id: 1 } },
        ),
      );
      await pendingAudit.settle('consents', idOf(accountId, clientId), entry);
    },

    remove: async (accountId, clientId) => {
      const removed = await pendingAudit.removeOne('consents', idOf(accountId, clientId));
      await revokeGrantsOf(collections, { clientId, accountId }, now); // also after a removal that broke off
      return removed;
    },

    byAccount: async (accountId) =>
      (await consents.find({ accountId }).sort({ accountId: 1, clientId: 1 }).toArray()).map(consentOf),
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
  ...consent
}: WithId<ConsentDocument>): Consent {
  const scopesOf = new Map<string, string[]>();
  for (const { resource, scope } of resourceScopes)
    scopesOf.set(resource, [...(scopesOf.get(resource) ?? []), ...(scope === undefined ? [] : [scope])]);
  return { ...consent, resourceScopes: Object.fromEntries(scopesOf) };
}

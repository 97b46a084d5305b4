/** A resource as it is answered: what the source said, and what the server adds to it, with an ETag over all of it. */
import { createHash } from 'node:crypto';
import type { Organisation } from '../../domain/account/organisation.ts';
import { affiliationsSaid } from '../../domain/feed/feed-entries.ts';
import { windowsOf } from '../../domain/lifecycle/access.ts';
import type { Stored } from '../../use-cases/scim/users.ts';
import { CORE_USER, PEDEL_USER } from './attributes.ts';

export type Represented = { resource: Record<string, unknown>; etag: string; location: string };

/**
 * Nothing of what others said of the person, nor of what came of that: `access` is that of the affiliations that it gives itself.
 * @param base the address of SCIM
 */
export function represent(
  { entry, feed, account }: Stored,
  { base, organisations }: { base: string; organisations: Organisation[] },
): Represented {
  const { [PEDEL_USER]: said, ...user } = entry.user;
  const windows = windowsOf(affiliationsSaid(feed, account), organisations) ?? [];
  const [from, until] = [windows[0]?.from, windows.at(-1)?.until];
  const access = {
    ...(from === undefined ? {} : { from: timeOf(from) }),
    ...(until === undefined ? {} : { until: timeOf(until) }),
  };
  const pedel = {
    ...said,
    ...(Object.keys(access).length === 0 ? {} : { access }),
    ...(entry.notes === undefined ? {} : { notes: entry.notes }),
  };
  const location = `${base}/Users/${entry.id}`;
  const has = Object.keys(pedel).length > 0;
  const resource = {
    schemas: [CORE_USER, ...(has ? [PEDEL_USER] : [])],
    id: entry.id,
    ...user,
    ...(has ? { [PEDEL_USER]: pedel } : {}),
  };
  const meta = {
    resourceType: 'User',
    created: timeOf(entry.createdAt),
    lastModified: timeOf(entry.modifiedAt),
    location,
  };
  const digest = createHash('sha256').update(JSON.stringify({ ...resource, meta }));
  const etag = `"${digest.digest('base64url').slice(0, 22)}"`;
  return { resource: { ...resource, meta: { ...meta, version: etag } }, etag, location };
}

const timeOf = (ms: number) => new Date(ms).toISOString();

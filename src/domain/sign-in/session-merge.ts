/**
 * Merges what parallel requests of one browser write to its session, so that each change is kept and no removal undone.
 */
import { isDeepStrictEqual } from 'node:util';
import type { SessionRecord } from '../ports/protocol-records.ts';

type Members = Record<string, unknown>;

/**
 * What is to be stored of a session, of which the texts that are stored and that this request read are given: `next`,
 * unless another request wrote it meanwhile.
 */
export function nextSession(stored: string, read: string, next: SessionRecord): SessionRecord {
  return stored === read ? next : mergeSession(JSON.parse(stored), JSON.parse(read), next);
}

/**
 * Three-way merge: what this request changed or removed (`next` against `read`) is applied to what is stored now;
 * all else stays as stored. `authorizations` is merged the same way, one client at a time.
 */
function mergeSession(stored: SessionRecord, read: SessionRecord, next: SessionRecord): SessionRecord {
  if (read.uid !== next.uid) throw new TypeError('a session keeps its uid');
  const { authorizations: storedClients = {}, ...storedRest } = asStored(stored);
  const { authorizations: readClients = {}, ...readRest } = asStored(read);
  const { authorizations: nextClients = {}, ...nextRest } = asStored(next);
  const authorizations = mergeMembers(storedClients, readClients, nextClients) as typeof storedClients;
  return { ...mergeMembers(storedRest, readRest, nextRest), uid: stored.uid, authorizations };
}

/** The record as it comes back from a store, without undefined members, which would look like a change. */
function asStored(record: SessionRecord): SessionRecord {
  return JSON.parse(JSON.stringify(record));
}

function mergeMembers(stored: Members, read: Members, next: Members): Members {
  const merged = new Map(Object.entries(stored));
  for (const name of new Set([...Object.keys(read), ...Object.keys(next)])) {
    if (!Object.hasOwn(next, name)) merged.delete(name);
    else if (!Object.hasOwn(read, name) || !isDeepStrictEqual(read[name], next[name])) merged.set(name, next[name]);
  }
  return Object.fromEntries(merged);
}

/** The revisions of a registration: what each changed, who did it and when; the newest that have room, and never a secret. */
import { isDeepStrictEqual } from 'node:util';
import type { JsonValue } from '../json-value.ts';
import type { ChangeEntry } from '../ports/audit-log.ts';
import type { ClientRecord, ClientRevision, MemberChange } from '../ports/clients.ts';

/** A client has as many at most, and as many bytes of JSON; the newest is always there. */
export const MOST_REVISIONS = 200;
export const MOST_BYTES = 256 * 1024;

/** What of a record is compared, by the name that people read: its metadata, and beside it what has an own place. */
function told({
  metadata,
  validUntil,
  disabled,
  registration,
  logo,
}: ClientRecord): Map<string, JsonValue | undefined> {
  return new Map<string, JsonValue | undefined>([
    ...Object.entries(metadata),
    ['pedel_valid_until', validUntil === undefined ? undefined : new Date(validUntil).toISOString()],
    ['disabled', disabled as JsonValue | undefined],
    ['registration', registration?.state],
    ['logo', logo?.hash],
  ]);
}

/** Secrets and tokens: only that they changed is told. */
function untold({ secrets, registration }: ClientRecord): Map<string, unknown> {
  return new Map<string, unknown>([
    ['client_secret', secrets.map(({ id, name, hash, expiresAt }) => [id, name, hash, expiresAt])],
    ['registration_access_token', registration?.accessToken],
  ]);
}

/** What differs between two records of one client, in the order in which they name it. */
function changesBetween(before: ClientRecord, after: ClientRecord): MemberChange[] {
  const differing = <Value>(one: Map<string, Value>, other: Map<string, Value>) =>
    [...new Set([...one.keys(), ...other.keys()])].filter((name) => !isDeepStrictEqual(one.get(name), other.get(name)));
  const [was, is] = [told(before), told(after)];
  const open = differing(was, is).map((member) => {
    const [old, now] = [was.get(member), is.get(member)];
    return { member, ...(old === undefined ? {} : { before: old }), ...(now === undefined ? {} : { after: now }) };
  });
  return [...open, ...differing(untold(before), untold(after)).map((member) => ({ member }))];
}

/** @param history oldest first, as `historyAfter` made it; @param before absent: the client is new, and begins anew */
export function historyAfter(
  history: readonly ClientRevision[],
  before: ClientRecord | undefined,
  after: ClientRecord,
  entry: ChangeEntry | undefined,
): ClientRevision[] {
  const made: ClientRevision = {
    revision: after.revision,
    at: entry?.at ?? after.updatedAt,
    ...(entry === undefined ? {} : { entry: { id: entry.id, action: entry.action, actor: entry.actor } }),
    changes: before === undefined ? [] : changesBetween(before, after),
  };
  const kept = [fitting(made)];
  let room = MOST_BYTES - sizeOf(kept[0]);
  for (const each of before === undefined ? [] : history.toReversed()) {
    room -= sizeOf(each);
    if (room < 0 || kept.length === MOST_REVISIONS) break;
    kept.push(each);
  }
  return kept.reverse();
}

function fitting(revision: ClientRevision): ClientRevision {
  if (sizeOf(revision) <= MOST_BYTES) return revision;
  return { ...revision, changes: revision.changes.map(({ member }) => ({ member })), withoutValues: true };
}

const sizeOf = (revision: unknown) => Buffer.byteLength(JSON.stringify(revision));

/** What can be brought back of an earlier revision: its metadata, and until when it was valid (epoch ms). */
export type EarlierState = { revision: number; metadata: ClientRecord['metadata']; validUntil?: number };

/**
 * The registration as it was at each revision that can be restored, newest first, the present one included. It ends where a
 * revision is missing, because another version of the program wrote it.
 * @param history oldest first
 */
export function statesOf(record: ClientRecord, history: readonly ClientRevision[]): EarlierState[] {
  const { metadata, validUntil } = record;
  let state: EarlierState = {
    revision: record.revision,
    metadata,
    ...(validUntil === undefined ? {} : { validUntil }),
  };
  const states = [state];
  for (const each of history.toReversed()) {
    if (each.revision !== state.revision || each.withoutValues === true || each.revision === 1) break;
    state = before(state, each);
    states.push(state);
  }
  return states;
}

const besideMetadata = ['disabled', 'registration', 'logo', 'client_secret', 'registration_access_token'];

function before({ metadata, validUntil }: EarlierState, { revision, changes }: ClientRevision): EarlierState {
  const earlier = new Map(Object.entries(metadata));
  let until = validUntil;
  for (const { member, before: value } of changes) {
    if (member === 'pedel_valid_until') until = typeof value === 'string' ? Date.parse(value) : undefined;
    else if (besideMetadata.includes(member)) continue;
    else if (value === undefined) earlier.delete(member);
    else earlier.set(member, value);
  }
  const restored = Object.fromEntries(earlier);
  return { revision: revision - 1, metadata: restored, ...(until === undefined ? {} : { validUntil: until }) };
}

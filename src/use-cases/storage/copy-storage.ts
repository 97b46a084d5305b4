/** Copies a storage into an empty one, page by page, and then compares what both hold. */
import { existsSync } from 'node:fs';
import { archiveKinds, createTally, restored, type Tally } from '../../domain/installation/archive.ts';
import { nameOfStorage } from '../../domain/installation/storage-name.ts';
import { halfCopied } from '../../domain/installation/stored-schema.ts';
import type { Archive, ArchiveKind, ArchiveRecords, HalfCopy, SchemaState } from '../../domain/ports/archive.ts';
import type { Storage } from '../../domain/ports/storage.ts';
import { Problem } from '../../domain/problem.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import { heldLeases, pagesOf } from './storage-pages.ts';

/** Is told how far a walk over a storage has come. */
export type Progress = {
  /** `total`: the approximate number of records */
  begin(what: string, kind: ArchiveKind, total: number | undefined): void;
  more(records: number): void;
  /** all records of the kind were visited */
  end(): void;
};

/** How a storage is opened, or only looked at, by its URI. */
export type Storages = {
  open(
    uri: string,
    options: { now: () => number; say: (text: string) => void; halfCopy?: 'refuse' | 'open'; folder?: 'make' },
  ): Promise<Storage>;
  /** changes nothing; `applied` is 0 where nothing of Pedel's is stored */
  describe(uri: string): Promise<SchemaState & { copy?: HalfCopy }>;
};

export type CopyOptions = {
  from: string;
  to: string;
  /**
   * `move`: no node may use the source, and it is compared with what arrived. `backup`: it may be in use, so what
   * arrived is compared with what was read. `restore`: compared as with `move`, without what must not come back
   * (`restored`).
   */
  purpose: 'move' | 'backup' | 'restore';
  /** deletes what an earlier unfinished copy left in the destination */
  startOver?: boolean;
  /** epoch ms */
  now: () => number;
  randomBytes: RandomBytes;
  progress: Progress;
  storages: Storages;
  /** gets sentences for the person who waits */
  say(text: string): void;
};

export type CopiedKind = { kind: ArchiveKind; records: number; leftOut: number; hash: string; equal: boolean };

/**
 * Copies everything. Until all of it is known to have arrived, the destination cannot be opened.
 * @returns every kind with its count and content hash; where one is not `equal` the destination stays half a copy
 * @throws Problem `storage_unsuitable` where source or destination cannot be used
 */
export async function copyStorage(options: CopyOptions): Promise<CopiedKind[]> {
  const { from, to, purpose, now, say, storages } = options;
  if (nameOfStorage(from) === nameOfStorage(to)) throw unsuitable('source and destination are the same storage');
  await requireSource(from, storages);
  const half = await halfCopyIn(to, storages);
  if (half !== undefined && options.startOver !== true) throw halfCopied(half);
  const source = await storages.open(from, { now, say });
  try {
    if (purpose === 'move') await requireRest(source, from, now());
    const target = await storages.open(to, { now, say, halfCopy: 'open', folder: 'make' });
    try {
      const mark = { id: randomId(options.randomBytes), from: nameOfStorage(from), startedAt: now() };
      if (half === undefined || !(await startedOver(target, half.id, mark, options))) await begin(target, mark, to);
      return await copyInto(source, target, mark, options);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Deletes what an unfinished copy left and takes its mark over. False: only a mark was there, and it was removed. */
async function startedOver({ archive }: Storage, halfId: string, mark: HalfCopy, { to, say }: CopyOptions) {
  const over = await archive.restartCopy(halfId, mark);
  if (over === 'none') throw begunByAnother(to);
  if (over === 'unmarked') say('the mark of a copy that never came to writing was taken away; nothing was deleted');
  else await requireEmpty(archive, to);
  return over === 'restarted';
}

/** Marks an empty storage. It is looked at before and after, so that one in use does not keep the mark. */
async function begin({ archive }: Storage, mark: HalfCopy, to: string): Promise<void> {
  await requireEmpty(archive, to);
  if (!(await archive.beginCopy(mark))) throw begunByAnother(to);
  try {
    await requireEmpty(archive, to);
  } catch (error) {
    // if this fails as well, the mark still says that nothing may be deleted
    await archive.endCopy(mark.id).catch(() => undefined);
    throw error;
  }
  if (!(await archive.noteEmpty(mark.id))) throw begunByAnother(to);
}

async function requireEmpty(archive: Archive, to: string): Promise<void> {
  const held = nonEmpty(await archive.counts());
  if (held.length > 0)
    throw unsuitable(`${nameOfStorage(to)} is not empty: it holds ${held.join(', ')}; give one that is empty`);
}

const unsuitable = (message: string) => new Problem('storage_unsuitable', message);

const begunByAnother = (to: string) =>
  unsuitable(`another copy into ${nameOfStorage(to)} was begun at the same moment`);

async function copyInto(source: Storage, target: Storage, mark: HalfCopy, options: CopyOptions) {
  const { from, to, purpose, now, progress, say } = options;
  const rule = purpose === 'restore' ? restoring(mark.startedAt) : unchanged;
  const totals = await source.archive.counts();
  const read = new Map<ArchiveKind, Tally & { leftOut: number }>();
  for (const kind of archiveKinds) {
    progress.begin('copying', kind, totals[kind]);
    read.set(kind, await copyKind(kind, source, target, rule, now(), progress));
    progress.end();
  }
  const { auditSetAside } = await source.archive.state();
  if (auditSetAside > 0)
    say(
      `${inWords(auditSetAside, 'audit entry', 'audit entries')} cannot be read and stay in ${nameOfStorage(from)} only: pedel storage check names them`,
    );

  const copied: CopiedKind[] = [];
  for (const kind of archiveKinds) {
    const given = read.get(kind) ?? { count: 0, hash: '', leftOut: 0 };
    progress.begin('checking', kind, given.count);
    const at = now();
    // what expires between the two readings is left out of both sides
    const expected = purpose === 'backup' ? given : await tallyOf(kind, source, rule, at);
    const arrived = await tallyOf(kind, target, unchanged, purpose === 'backup' ? mark.startedAt : at, progress);
    progress.end();
    const equal = expected.count === arrived.count && expected.hash === arrived.hash;
    copied.push({ kind, records: arrived.count, leftOut: given.leftOut, hash: arrived.hash, equal });
  }
  if (!copied.every(({ equal }) => equal)) return copied;
  // a node that was started meanwhile may write what would then be missing
  if (purpose === 'move') await requireRest(source, from, now());
  if (!(await target.archive.endCopy(mark.id)))
    throw unsuitable(`another copy into ${nameOfStorage(to)} was begun over this one: neither is of use`);
  return copied;
}

type Rule = <Kind extends ArchiveKind>(kind: Kind, record: ArchiveRecords[Kind]) => ArchiveRecords[Kind] | undefined;
const unchanged: Rule = (_, record) => record;
const restoring =
  (now: number): Rule =>
  (kind, record) =>
    restored(kind, record, now);

async function copyKind<Kind extends ArchiveKind>(
  kind: Kind,
  source: Storage,
  target: Storage,
  rule: Rule,
  at: number,
  progress: Progress,
): Promise<Tally & { leftOut: number }> {
  const tally = createTally();
  let leftOut = 0;
  let written: Promise<void> = Promise.resolve();
  for await (const records of pagesOf(kind, source, at)) {
    const kept = records.map((record) => rule(kind, record)).filter((record) => record !== undefined);
    leftOut += records.length - kept.length;
    for (const record of kept) tally.add(record);
    await written; // one page is written while the next is read
    written = target.archive.put(kind, kept).then(() => progress.more(records.length));
    written.catch(() => undefined); // thrown by the next `await`
  }
  await written;
  return { ...tally.result(), leftOut };
}

async function tallyOf<Kind extends ArchiveKind>(
  kind: Kind,
  storage: Storage,
  rule: Rule,
  at: number,
  progress?: Progress,
): Promise<Tally> {
  const tally = createTally();
  for await (const records of pagesOf(kind, storage, at)) {
    for (const record of records) {
      const kept = rule(kind, record);
      if (kept !== undefined) tally.add(kept);
    }
    progress?.more(records.length);
  }
  return tally.result();
}

async function requireSource(uri: string, { describe }: Storages): Promise<void> {
  const { applied, copy } = await describe(uri);
  if (applied === 0) throw unsuitable(`there is nothing of Pedel's in ${nameOfStorage(uri)}`);
  if (copy !== undefined) throw halfCopied(copy);
}

async function halfCopyIn(uri: string, { describe }: Storages) {
  const file = sqliteFile(uri);
  return file !== undefined && !existsSync(file) ? undefined : (await describe(uri)).copy;
}

/** The file of an SQLite URI; undefined for others. @throws Problem `storage_unsuitable` for one in memory */
function sqliteFile(uri: string): string | undefined {
  if (!uri.startsWith('sqlite:')) return undefined;
  const file = uri.slice('sqlite:'.length);
  if (file === ':memory:') throw unsuitable('sqlite::memory: is gone with this command');
  return file;
}

/**
 * Refuses a source that a node uses. Each running node holds a lease in its own name; nodes of an earlier version do
 * not, but one of them holds the lease for background work, so any lease counts.
 */
async function requireRest(source: Storage, uri: string, now: number): Promise<void> {
  const held = await heldLeases(source, now);
  if (held.length === 0) return;
  const until = new Date(Math.max(...held.map(({ heldUntil }) => heldUntil))).toISOString();
  throw unsuitable(
    `a node works on ${nameOfStorage(uri)} (leases: ${held.map(({ name }) => name).join(', ')}): stop every node first; ` +
      `if one was killed, its leases end at ${until}`,
  );
}

/** The kinds that hold records, with their number, in words for people. */
export function nonEmpty(counts: Record<ArchiveKind, number>): string[] {
  return archiveKinds.filter((kind) => counts[kind] > 0).map((kind) => inWords(counts[kind], ...kindNames[kind]));
}

const inWords = (number: number, one: string, several: string) =>
  `${number.toLocaleString('en')} ${number === 1 ? one : several}`;

/** one, several */
const kindNames: Record<ArchiveKind, [string, string]> = {
  accounts: ['account', 'accounts'],
  clients: ['client', 'clients'],
  clientVersion: ['version of the clients', 'versions of the clients'],
  consents: ['consent', 'consents'],
  initialAccessTokens: ['initial access token', 'initial access tokens'],
  roleGrants: ['register of roles', 'registers of roles'],
  attempts: ['counter of attempts', 'counters of attempts'],
  revokedGrants: ['revoked grant', 'revoked grants'],
  protocolRecords: ['protocol record', 'protocol records'],
  sessions: ['session', 'sessions'],
  signingKeys: ['signing key', 'signing keys'],
  values: ['value', 'values'],
  outbox: ['email, logout or event', 'emails, logouts and events'],
  leases: ['lease', 'leases'],
  auditCheckpoints: ['checkpoint of the audit log', 'checkpoints of the audit log'],
  auditLog: ['audit entry', 'audit entries'],
  refusals: ['refusal of an application', 'refusals of applications'],
  incidents: ['incident', 'incidents'],
  clientUses: ['last use of an application', 'last uses of applications'],
  webhooks: ['webhook', 'webhooks'],
};

/** The sentence for a person if source and destination differ, with what to do. Undefined: they are equal. */
export function difference(copied: CopiedKind[], { from, to, purpose }: CopyOptions): string | undefined {
  const unequal = copied.filter(({ equal }) => !equal).map(({ kind }) => kind);
  if (unequal.length === 0) return undefined;
  const which = `${inWords(unequal.length, 'kind', 'kinds')} (${unequal.join(', ')})`;
  return purpose === 'backup'
    ? `what is in ${nameOfStorage(to)} is not what was read: ${which} differ; the disk or the database is not to be trusted`
    : `${nameOfStorage(from)} changed while it was copied: ${which} differ. Stop every node and whatever else writes to it, then copy again with --start-over; until then ${nameOfStorage(to)} cannot be opened`;
}

/** Imports as the console and the API have them: who may see, plan and apply which, one of a source at a time. */
import type { Readable } from 'node:stream';
import { contained } from '../../domain/contained.ts';
import type { Source } from '../../domain/feed/source.ts';
import type { ImportRecord, ImportRun, Imports } from '../../domain/ports/imports.ts';
import type { Leases } from '../../domain/ports/leases.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import type { Allowed, Permission } from '../../domain/roles/permissions.ts';
import { type Actor, auditActorOf, may, reachOf } from '../actor.ts';
import type { ImportEvent } from './import-event.ts';
import type { Importing, ImportProcess, ImportTask, RunOutcome } from './importing.ts';
import { runOf } from './run-import.ts';
import { type ImportState, stateOf } from './state.ts';
import { inTurn } from './turn.ts';

export type ImportPorts = {
  sources: readonly Source[];
  imports: Imports;
  importing: Importing;
  leases: Pick<Leases, 'acquire' | 'release'>;
  now: () => number;
  randomBytes: RandomBytes;
  /** hears of what fails after the answer was given */
  failed: (error: unknown) => void;
};

/** `record`: absent while it is planned, and where nothing came of it. */
export type ViewedImport = {
  id: string;
  source: string;
  state: ImportState;
  record?: ImportRecord;
  run?: ImportRun;
  by: string;
  at: number;
};

type ImportPermission = Extract<Permission, `imports:${string}`>;
type SourcePermission = ImportPermission | Extract<Permission, `sources:${string}`>;

/**
 * What somebody may do with a source: only who may at all its organisations, because a file says who is where at each. One that is
 * configured no more is the association's.
 */
export function mayWithSource(
  actor: Actor,
  permission: SourcePermission,
  id: string,
  sources: readonly Source[],
): Allowed {
  const organisations = sources.find((source) => source.id === id)?.organisations ?? [undefined];
  const answers = organisations.map((organisation) => may(actor, permission, organisation));
  if (answers.every((answer) => answer === 'yes')) return 'yes';
  return answers.includes('hidden') ? 'hidden' : 'refused';
}

/** Read at once for a page of the list. */
const MOST_LISTED = 200;

/** The newest first, those of the last 30 days that somebody may see. */
export async function listImports(
  actor: Actor,
  { source, limit, after = 0 }: { source?: string | undefined; limit: number; after?: number },
  ports: Pick<ImportPorts, 'sources' | 'imports' | 'now'>,
): Promise<{ kind: 'found'; imports: ViewedImport[]; next?: number } | { kind: 'not-found' }> {
  const { sources, imports, now } = ports;
  if (reachOf(actor, 'imports:read').length === 0) return { kind: 'not-found' };
  const found: ViewedImport[] = [];
  const all = await imports.list(MOST_LISTED);
  for (const [index, each] of all.entries()) {
    if (index < after) continue;
    const name = each.record?.source ?? each.run?.source ?? '';
    if (source !== undefined && name !== source) continue;
    if (mayWithSource(actor, 'imports:read', name, sources) !== 'yes') continue;
    if (found.length === limit) return { kind: 'found', imports: found, next: index };
    found.push(await viewed(each, imports, now()));
  }
  return { kind: 'found', imports: found };
}

async function viewed(
  found: { record?: ImportRecord; run?: ImportRun },
  imports: Pick<Imports, 'latest'>,
  now: number,
): Promise<ViewedImport> {
  const { record, run } = found;
  const { id, source, by } = record ?? (run as ImportRun);
  return {
    ...found,
    id,
    source,
    by,
    at: record?.plannedAt ?? run?.startedAt ?? 0,
    state: await stateOf(found, imports, now),
  };
}

export type Viewed = { kind: 'found'; import: ViewedImport } | { kind: 'not-found' } | { kind: 'refused' };

/** `permission`: what is to be done with it. */
export async function viewImport(
  actor: Actor,
  id: string,
  permission: ImportPermission,
  { imports, sources, now }: Pick<ImportPorts, 'sources' | 'imports' | 'now'>,
): Promise<Viewed> {
  const [record, run] = await Promise.all([imports.find(id), imports.run(id)]);
  if (record === undefined && run === undefined) return { kind: 'not-found' };
  const allowed = mayWithSource(actor, permission, record?.source ?? run?.source ?? '', sources);
  if (allowed !== 'yes') return { kind: allowed === 'refused' ? 'refused' : 'not-found' };
  const found = { ...(record === undefined ? {} : { record }), ...(run === undefined ? {} : { run }) };
  return { kind: 'found', import: await viewed(found, imports, now()) };
}

/** One part of the report, which has 200 lines at most, then what the application refused. `next`: the part to read on with. */
export async function reportPart(
  { id, parts }: Pick<ImportRecord, 'id' | 'parts'>,
  number: number,
  imports: Pick<Imports, 'part' | 'progress'>,
): Promise<{ events: ImportEvent[]; next?: number }> {
  if (number < parts.report) {
    const events = JSON.parse((await imports.part(id, 'report', number)) ?? '[]') as ImportEvent[];
    return { events, next: number + 1 };
  }
  return { events: JSON.parse((await imports.progress(id))?.refused ?? '[]') };
}

/** Parts that are read for one page: each is small, so other requests come in between, but all of a large report take long. */
const MOST_PARTS = 40;

/**
 * Those of the report with this outcome, from a part on: the rest of the part that fills the page is on the page as well.
 * `next`: the part to read on with.
 */
export async function reportOf(
  record: Pick<ImportRecord, 'id' | 'parts'>,
  outcome: ImportEvent['outcome'],
  { from, least }: { from: number; least: number },
  imports: Pick<Imports, 'part' | 'progress'>,
): Promise<{ events: ImportEvent[]; next?: number }> {
  const found: ImportEvent[] = [];
  let next: number | undefined = from;
  for (let read = 0; next !== undefined && read < MOST_PARTS && found.length < least; read += 1) {
    const part: Awaited<ReturnType<typeof reportPart>> = await reportPart(record, next, imports);
    found.push(...part.events.filter((event) => event.outcome === outcome));
    next = part.next;
  }
  return { events: found, ...(next === undefined ? {} : { next }) };
}

/** `busy`: another import of this source is under way; `full`: too many on this node. */
export type Begun =
  | { kind: 'begun'; id: string }
  | Extract<RunOutcome, { reason: string }>
  | { kind: 'busy' | 'full' | 'not-found' | 'refused' | 'no-credentials' };

/** Plans what a file says. Resolves once the whole of it was read, while it is still compared with what is stored. */
export async function beginPlan(
  actor: Actor,
  asked: { source: string; partial: boolean; withCredentials: boolean; multipart?: string },
  input: Readable,
  ports: ImportPorts,
): Promise<Begun> {
  const source = ports.sources.find(({ id }) => id === asked.source);
  const allowed = mayWithSource(actor, 'imports:write', asked.source, ports.sources);
  if (source === undefined || allowed === 'hidden') return { kind: 'not-found' };
  if (allowed === 'refused') return { kind: 'refused' };
  if (asked.withCredentials && !source.credentials) return { kind: 'no-credentials' };
  const task: ImportTask = {
    act: 'plan',
    id: randomId(ports.randomBytes),
    source: asked.partial ? { ...source, full: false } : source,
    by: actor.id,
    actor: auditActorOf(actor),
    withCredentials: asked.withCredentials,
    ...(asked.multipart === undefined ? {} : { multipart: asked.multipart }),
  };
  const begun = await begin(task, input, ports);
  if (typeof begun === 'string') return { kind: begun === 'late' ? 'busy' : begun };
  const read = await begun.read;
  if (read.kind === 'read') return { kind: 'begun', id: task.id };
  await begun.over; // whoever sends the file again at once finds its source free
  return read;
}

/** `state`: of an import that cannot be applied, or not any more. `losses`: an alarm is to be answered with that number. */
export type ApplyBegun =
  | { kind: 'begun' }
  | { kind: 'busy' | 'full' | 'not-found' | 'refused' }
  | { kind: 'state'; state: ImportState }
  | { kind: 'losses'; losses: number };

/** Applies what was planned, or goes on where that was broken off. Resolves once a process is at it. */
export async function beginApply(
  actor: Actor,
  id: string,
  { allowLosses }: { allowLosses?: number | undefined },
  ports: ImportPorts,
): Promise<ApplyBegun> {
  const found = await viewImport(actor, id, 'imports:write', ports);
  if (found.kind !== 'found') return found;
  const { record, state } = found.import;
  const source = ports.sources.find((each) => each.id === found.import.source);
  if (record === undefined || source === undefined || !['planned', 'broken-off'].includes(state))
    return { kind: 'state', state };
  const { alarms, counts } = record;
  if ((alarms.length > 0 || allowLosses !== undefined) && allowLosses !== counts.losses)
    return { kind: 'losses', losses: counts.losses };
  const task: ImportTask = {
    act: 'apply',
    id,
    source,
    by: actor.id,
    actor: auditActorOf(actor),
    ...(allowLosses === undefined ? {} : { allowLosses }),
  };
  const begun = await begin(task, undefined, ports, async () => {
    const now = await viewImport(actor, id, 'imports:write', ports);
    return now.kind === 'found' && now.import.state === state;
  });
  if (begun === 'late') return beginApply(actor, id, { allowLosses }, ports);
  return { kind: typeof begun === 'string' ? begun : 'begun' };
}

/** Long enough for the process that planned it to end, which it does once all is written. */
const PATIENCE_MS = 2000;

/** `over`: resolved once the turn of the source is over. */
type Started = Pick<ImportProcess, 'read'> & { over: Promise<void> };

/**
 * Starts a process in its turn, which lasts until the process has ended.
 * @param still asked in its turn: whether there is still something to do; `late`: there is not
 */
async function begin(
  task: ImportTask,
  input: Readable | undefined,
  { leases, imports, importing, now, randomBytes, failed }: ImportPorts,
  still?: () => Promise<boolean>,
): Promise<Started | 'busy' | 'full' | 'late'> {
  const started = Promise.withResolvers<Started | 'busy' | 'full' | 'late'>();
  const over = Promise.withResolvers<void>();
  const patienceMs = still === undefined ? 0 : PATIENCE_MS;
  const turn = { leases, holder: randomId(randomBytes), now, patienceMs };
  const act = async () => {
    const process = still === undefined || (await still()) ? importing.start(task, input) : 'late';
    if (process === undefined || process === 'late') {
      started.resolve(process ?? 'full');
      return true;
    }
    const run = runOf(task, now());
    await imports.putRun(run).catch(() => {}); // the process says it as well
    started.resolve({ read: process.read, over: over.promise });
    const outcome = await process.ended;
    // what the process said of itself stays; of one that died nobody else would say anything
    if (outcome.kind === 'failed') {
      const said = (await imports.run(task.id)) ?? run;
      await imports.putRun({ ...said, ended: true, seenAt: now(), fault: outcome.reason });
    }
    return true;
  };
  const whole = async () => {
    try {
      if ((await inTurn(task.source.id, turn, act)) === undefined) started.resolve('busy');
    } finally {
      over.resolve();
    }
  };
  contained(whole, (error) => {
    started.reject(error);
    failed(error);
  })();
  return started.promise;
}

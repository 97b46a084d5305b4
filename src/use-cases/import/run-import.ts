/** Plans or applies one import on behalf of the console or the API, and tells how far it is where every node can read it. */
import type { Readable } from 'node:stream';
import type { Language } from '../../domain/account/languages.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import { announceForeignHash } from '../../domain/passwords/foreign-hash.ts';
import type { ImportRun, Imports } from '../../domain/ports/imports.ts';
import type { Storage } from '../../domain/ports/storage.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { applyImport } from './apply-import.ts';
import { UnreadableFeed } from './feed-text.ts';
import type { ImportTask, RunOutcome } from './importing.ts';
import { planImport } from './plan-import.ts';
import { withSignsOfLife } from './signs-of-life.ts';
import { readUpload } from './upload.ts';

export type RunPorts = {
  storage: Pick<Storage, 'accounts' | 'values' | 'auditLog'>;
  imports: Imports;
  sealer: Sealer;
  organisations: Organisation[];
  defaultLanguage: Language;
  invitationSeconds: number;
  now: () => number;
  randomBytes: RandomBytes;
  /** called once the whole file was read; it is compared with what is stored once this resolves */
  read: () => Promise<void>;
  /** asked between two parts: an application that is to stop goes on another time */
  stopping: () => boolean;
};

/** @param input the file, of a plan. Never rejects for what a file holds. */
export async function runImport(task: ImportTask, input: Readable | undefined, ports: RunPorts): Promise<RunOutcome> {
  const run: ImportRun = { ...runOf(task, ports.now()) };
  return withSignsOfLife(run, ports, async () => {
    const outcome = await (task.act === 'plan' ? plan(task, input, run, ports) : apply(task, run, ports));
    run.ended = true;
    if ('reason' in outcome) run.fault = outcome.reason;
    return outcome;
  });
}

/** `now`: epoch ms. */
export function runOf(
  { id, source, act, by }: Pick<ImportTask, 'id' | 'source' | 'act' | 'by'>,
  now: number,
): ImportRun {
  return { id, source: source.id, act, by, startedAt: now, seenAt: now, done: 0 };
}

type Plan = Extract<ImportTask, { act: 'plan' }>;
type Apply = Extract<ImportTask, { act: 'apply' }>;

async function plan(task: Plan, input: Readable | undefined, run: ImportRun, ports: RunPorts): Promise<RunOutcome> {
  if (input === undefined) throw new TypeError('a plan is of a file');
  const { id, by } = task;
  try {
    const uploaded = task.multipart === undefined ? undefined : await readUpload(input, task.multipart);
    await planImport({
      ...ports,
      accounts: ports.storage.accounts,
      auditLog: ports.storage.auditLog,
      actor: task.actor,
      id,
      source: uploaded?.partial ? { ...task.source, full: false } : task.source,
      by,
      input: uploaded?.file ?? input,
      withCredentials: (uploaded?.withCredentials ?? task.withCredentials) && task.source.credentials,
      tell: async () => {},
      progress: (stage, done, total) => {
        Object.assign(run, { stage, done, ...(total === undefined ? {} : { total }) });
      },
    });
    return { kind: 'planned' };
  } catch (error) {
    if (error instanceof UnreadableFeed) return { kind: 'unreadable', reason: error.message };
    throw error;
  }
}

class Stopped extends Error {}

async function apply(task: Apply, run: ImportRun, ports: RunPorts): Promise<RunOutcome> {
  const { storage, imports, now, randomBytes, stopping } = ports;
  const { id, source, actor, allowLosses } = task;
  const record = await imports.find(id);
  if (record === undefined) return { kind: 'failed', reason: 'it is kept no more' };
  try {
    const { kind } = await applyImport(record, {
      ...ports,
      accounts: storage.accounts,
      auditLog: storage.auditLog,
      source,
      actor,
      foreignHash: (kind) => announceForeignHash(storage.values, kind, randomId(randomBytes)),
      tell: async () => {},
      progress: (done, total) => {
        if (stopping()) throw new Stopped();
        Object.assign(run, { stage: 'applying', done, total, seenAt: now() });
      },
      ...(allowLosses === undefined ? {} : { allowLosses }),
    });
    return { kind: kind === 'done' ? 'applied' : kind };
  } catch (error) {
    if (error instanceof Stopped) return { kind: 'failed', reason: 'the node that was at it was stopped' };
    throw error;
  }
}

/** Plans and applies imports in processes of their own: sign-ins wait for neither (rule 33). */
import { type ChildProcess, type ForkOptions, fork as forkProcess } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { contained } from '../domain/contained.ts';
import type { ConfiguredSecrets } from '../domain/sealing/lasting-key.ts';
import type { Importing, ImportProcess, ImportTask, RunOutcome } from '../use-cases/import/importing.ts';
import type { RunPorts } from '../use-cases/import/run-import.ts';
import { createPlaces, type Place } from './places.ts';

/** What such a process needs of the configuration: it has no environment, and reads no file. */
export type ImportConfig = ConfiguredSecrets & { storage: string } & Pick<
    RunPorts,
    'organisations' | 'defaultLanguage' | 'invitationSeconds'
  >;
/** `compare`: there is room for the work that follows the reading of a file. */
export type ToProcess =
  | { kind: 'task'; config: ImportConfig; task: ImportTask }
  | { kind: 'whole'; bytes: number }
  | { kind: 'compare' };
export type FromProcess = { kind: 'read' } | { kind: 'ended'; outcome: RunOutcome };

/** At once on one node: each has some 150 MB, and a core for as long as it lasts. */
const PROCESSES = 2;
/** Beside them, files that arrive, or wait for one of these two: their processes have the memory, and work only as bytes come. */
const UPLOADS = 4;
/** An hour for the file, as in src/http/body-time.ts, and one for the work: 100,000 people take some minutes. */
const LIMIT_MS = 3_600_000;
/** What an application does between two people takes far less. */
const STOPS_WITHIN_MS = 8000;
const MEMORY_FLAGS = ['--max-old-space-size=512'];

/** @param options only tests replace these */
export function createImporting(
  config: ImportConfig,
  options: {
    processes?: number;
    uploads?: number;
    limitMs?: number;
    fork?: (module: URL, options: ForkOptions) => ChildProcess;
  } = {},
): Importing {
  const { processes = PROCESSES, uploads = UPLOADS, limitMs = LIMIT_MS, fork = forkProcess } = options;
  const places = createPlaces({ working: processes, arriving: uploads });
  const running = new Set<{ child: ChildProcess; ended: Promise<unknown> }>();
  let closed = false;

  function start(task: ImportTask, input?: Readable): ImportProcess | undefined {
    const at = task.act === 'plan' ? 'arriving' : 'working';
    if (closed || !places.hasRoom(at)) return undefined;
    const child = fork(new URL('./process.ts', import.meta.url), {
      execArgv: ['--disable-warning=ExperimentalWarning', ...MEMORY_FLAGS],
      env: { ...compileCache(), ...clockOfDemo() },
      serialization: 'advanced',
      stdio: ['pipe', 'ignore', 'inherit', 'ipc'],
    });
    const place: Place = { at, begin: () => followed.compare() };
    const followed = follow(child, limitMs, () => places.arrived(place));
    const entry = { child, ended: followed.ended };
    running.add(entry);
    places.take(place);
    void followed.ended.then(() => {
      running.delete(entry);
      places.leave(place);
    });
    send(child, { kind: 'task', config, task });
    if (input !== undefined) feed(child, input, followed.lose);
    return followed;
  }

  return {
    start,
    async close() {
      closed = true;
      for (const { child } of running) if (child.connected) child.disconnect();
      const killing = setTimeout(() => {
        for (const { child } of running) child.kill('SIGKILL');
      }, STOPS_WITHIN_MS);
      await Promise.all([...running].map(({ ended }) => ended));
      clearTimeout(killing);
    },
  };
}

type Followed = ImportProcess & { lose: (reason: string) => void; compare: () => void };

/**
 * What the process tells, and what its end says where it told nothing.
 * @param arrived called once it has read its file, and waits for `compare`
 */
function follow(child: ChildProcess, limitMs: number, arrived: () => void): Followed {
  const read = Promise.withResolvers<Awaited<ImportProcess['read']>>();
  const ended = Promise.withResolvers<RunOutcome>();
  let why: string | undefined;
  let outcome: RunOutcome | undefined;
  const lose = (reason: string) => {
    why ??= reason;
    child.kill('SIGKILL');
  };
  const limited = () => setTimeout(() => lose('it took too long'), limitMs);
  let timer = limited();
  const finish = (reason: string) => {
    clearTimeout(timer);
    const known: RunOutcome = outcome ?? { kind: 'failed', reason: why ?? reason };
    read.resolve('reason' in known ? known : { kind: 'read' });
    ended.resolve(known);
  };
  const heard = (message: FromProcess) => {
    if (message.kind === 'ended') {
      outcome = message.outcome;
      return;
    }
    clearTimeout(timer);
    read.resolve({ kind: 'read' });
    arrived();
  };
  child.on(
    'message',
    contained(heard, () => lose('its process said what nobody knows')),
  );
  child.on('exit', (_code, signal) => finish(`its process ended (${signal ?? 'without a word'})`));
  child.on('error', () => finish('its process could not be started'));
  const compare = () => {
    timer = limited();
    send(child, { kind: 'compare' });
  };
  return { read: read.promise, ended: ended.promise, lose, compare };
}

/**
 * Gives the file to the process as it comes. A file that breaks off ends the process, and only after the last byte is it told
 * that this was all: half a file must never pass for a whole one, which would end everybody in the other half.
 */
function feed(child: ChildProcess, input: Readable, lose: (reason: string) => void): void {
  const { stdin } = child;
  let bytes = 0;
  let whole = false;
  input.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  input.on('end', () => {
    whole = true;
    send(child, { kind: 'whole', bytes });
  });
  input.on('error', (error) => lose(error.message));
  input.on('close', () => {
    if (!whole) lose('the upload was broken off');
  });
  stdin?.on('error', () => {
    // the process has refused the file: the rest of it is read by nobody, and the answer says why
    input.unpipe();
    input.resume();
  });
  if (stdin !== null) input.pipe(stdin);
}

/** A process that has gone is heard of by its exit. */
const send = (child: ChildProcess, message: ToProcess) => child.send(message, () => {});

/** It needs no other variable, and gets the secret by its channel. */
function compileCache(): { NODE_COMPILE_CACHE?: string } {
  const ofThisVersion = getCompileCacheDir();
  return ofThisVersion === undefined ? {} : { NODE_COMPILE_CACHE: dirname(ofThisVersion) };
}

/** In a demo on another day the process must be on that day as well (../commands/demo-clock.ts). */
function clockOfDemo(): { DEMO_CLOCK?: string; NODE_OPTIONS?: string } {
  const { DEMO_CLOCK, NODE_OPTIONS } = process.env;
  return DEMO_CLOCK === undefined || NODE_OPTIONS === undefined ? {} : { DEMO_CLOCK, NODE_OPTIONS };
}

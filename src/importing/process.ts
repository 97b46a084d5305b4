/** A process that plans or applies one import at a lower priority, and ends. */
import { randomBytes } from 'node:crypto';
import { constants, setPriority } from 'node:os';
import { Readable } from 'node:stream';
import { openSealer } from '../domain/sealing/lasting-key.ts';
import { openStorage } from '../storage/open.ts';
import { UnreadableFeed } from '../use-cases/import/feed-text.ts';
import type { ImportTask, RunOutcome } from '../use-cases/import/importing.ts';
import { createImports } from '../use-cases/import/imports.ts';
import { runImport } from '../use-cases/import/run-import.ts';
import type { FromProcess, ImportConfig, ToProcess } from './importing.ts';

/** Longer than one part of an application takes. */
const ENDS_WITHIN_MS = 7000;

const whole = Promise.withResolvers<number | undefined>();
const compare = Promise.withResolvers<void>();
let waiting = false;
let stopping = false;

setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
process.on('SIGINT', () => {}); // as in src/hashing: the server stops it when its turn comes
process.on('SIGTERM', () => {});
process.on('message', (message: ToProcess) => {
  if (message.kind === 'whole') whole.resolve(message.bytes);
  else if (message.kind === 'compare') compare.resolve();
  else void carryOut(message.task, message.config);
});
process.on('disconnect', () => {
  if (waiting) process.exit(1);
  stopping = true;
  whole.resolve(undefined);
  setTimeout(() => process.exit(1), ENDS_WITHIN_MS);
});

async function carryOut(task: ImportTask, config: ImportConfig): Promise<void> {
  const outcome = await outcomeOf(task, config).catch((error: unknown): RunOutcome => {
    process.stderr.write(`import ${task.id}: ${error instanceof Error ? error.stack : String(error)}\n`);
    return { kind: 'failed', reason: 'something went wrong: the log of the node has more' };
  });
  if (!process.connected) process.exit(1);
  const told: FromProcess = { kind: 'ended', outcome };
  process.send?.(told, undefined, undefined, () => process.exit(0));
}

async function outcomeOf(task: ImportTask, config: ImportConfig): Promise<RunOutcome> {
  const now = Date.now;
  const storage = await openStorage(config.storage, { now });
  try {
    const sealer = await openSealer(config, storage.values, randomBytes);
    const imports = createImports(storage.protocolRecords, storage.values, sealer, now);
    return await runImport(task, task.act === 'plan' ? Readable.from(file()) : undefined, {
      ...config,
      storage,
      imports,
      sealer,
      now,
      randomBytes,
      read: hasRead,
      stopping: () => stopping,
    });
  } finally {
    await storage.close();
  }
}

/** The node says when there is room for the work that comes now. */
async function hasRead(): Promise<void> {
  process.send?.({ kind: 'read' } satisfies FromProcess, undefined, undefined, () => {});
  waiting = true;
  await compare.promise;
  waiting = false;
}

/** What the node sends, which alone knows where it ends: where the node was killed, its pipe ends as well. */
async function* file(): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of process.stdin) {
    bytes += chunk.length;
    yield chunk;
  }
  if ((await whole.promise) !== bytes) throw new UnreadableFeed('the upload was broken off');
}

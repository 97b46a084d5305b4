/** `pedel storage backup` and `restore`: everything in one file, and back. */

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { randomId } from '../domain/random.ts';
import { copyStorage, difference, nonEmpty } from '../use-cases/storage/copy-storage.ts';
import { configOption, storageOf } from './configuration.ts';
import { storages } from './installation.ts';
import { showProgress } from './progress.ts';
import { runCopy } from './storage-copy.ts';
import { CommandFault, type Setting, type Terminal } from './terminal.ts';

export function backupCommand({ terminal }: Setting): Command {
  return new Command('backup')
    .description('copy everything into a file, while Pedel runs')
    .argument('<file>', 'a file that does not exist yet')
    .option('--json', 'for scripts: { file, bytes, asOf, atOnce, counts }')
    .addOption(configOption())
    .addHelpText('after', BACKUP_HELP)
    .action(async (file: string, { json = false, config }: { json?: boolean; config?: string }) => {
      if (existsSync(file)) throw new CommandFault(`${file} exists already; give a name that is free`);
      const uri = storageOf(terminal, config);
      const part = `${resolve(file)}.part`;
      remove(part);
      try {
        const from = terminal.now();
        const atOnce = (await snapshot(terminal, uri, part)) || (await copyOut(terminal, uri, part, json));
        const asOf = { from, until: atOnce ? from : terminal.now() };
        const counts = await readBack(terminal, part);
        settle(part, resolve(file));
        const bytes = statSync(file).size;
        if (json) terminal.write(`${JSON.stringify({ file, bytes, asOf, atOnce, counts }, null, 2)}\n`);
        else
          terminal.write(
            `${file}: ${nonEmpty(counts).join(', ') || 'nothing'}; ${megabytes(bytes)}, ` +
              `${atOnce ? 'as of one moment' : 'read one kind after the other while it was in use'}\n`,
          );
      } finally {
        remove(part);
      }
    });
}

/** The backend's own means, where it has some: a copy as of one moment. */
async function snapshot(terminal: Terminal, uri: string, part: string): Promise<boolean> {
  const storage = await storages.open(uri, { now: terminal.now });
  try {
    closeSync(openSync(part, 'wx', 0o600)); // everything of everybody: for its owner's eyes
    if (await storage.archive.snapshot(part)) return true;
    remove(part);
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === 'open')
      throw new CommandFault(`the backup cannot be written: ${(error as Error).message}`);
    throw error;
  } finally {
    await storage.close();
  }
}

async function copyOut(terminal: Terminal, uri: string, part: string, json: boolean): Promise<false> {
  const progress = showProgress(terminal, json);
  const say = (text: string) => terminal.writeError(`${text}\n`);
  const options = {
    from: uri,
    to: `sqlite:${part}`,
    purpose: 'backup',
    now: terminal.now,
    randomBytes: terminal.randomBytes,
    progress,
    say,
    storages,
  } as const;
  const fault = difference(await copyStorage(options), options);
  if (fault !== undefined) throw new CommandFault(fault);
  return false;
}

/** Opens the file as restoring will, and has it checked page by page. */
async function readBack(terminal: Terminal, part: string) {
  const copy = await storages.open(`sqlite:${part}`, { now: terminal.now });
  try {
    const faults = await copy.archive.faults();
    if (faults.length > 0)
      throw new CommandFault(`the copy is damaged, and so may be what it was made of: ${faults[0]}`);
    return await copy.archive.counts();
  } finally {
    await copy.close();
  }
}

/** On the disk before it has its name: whoever sees the name has a whole backup. */
function settle(part: string, file: string): void {
  flush(part);
  renameSync(part, file);
  flush(dirname(file));
}

function flush(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function remove(part: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(part + suffix, { force: true });
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} MB`;

export function restoreCommand({ terminal, exit }: Setting): Command {
  return new Command('restore')
    .description('copy a backup into the configured storage, which must be empty')
    .argument('<file>', 'what `pedel storage backup` made')
    .option('--everything', 'as it was to the last session and letter: only where nothing has run since the backup')
    .option('--start-over', 'delete what an unfinished restoring left, and begin again')
    .option('--json', 'for scripts: every kind with count and content hash')
    .addOption(configOption())
    .addHelpText('after', RESTORE_HELP)
    .action(
      async (
        file: string,
        options: { everything?: true; startOver?: boolean; json?: boolean; config?: string },
      ): Promise<void> => {
        const { everything, startOver = false, json = false, config } = options;
        const to = storageOf(terminal, config);
        const purpose = everything ? 'move' : 'restore';
        const status = await runCopy(terminal, { from: `sqlite:${file}`, to, purpose, startOver }, json);
        if (status === 0) await record(terminal, to, everything === true);
        exit(status);
      },
    );
}

/** So that whoever wonders later finds it. */
async function record(terminal: Terminal, uri: string, everything: boolean): Promise<void> {
  const storage = await storages.open(uri, { now: terminal.now });
  try {
    await storage.auditLog.append({
      id: randomId(terminal.randomBytes),
      at: terminal.now(),
      action: 'storage.restored',
      actor: { kind: 'command', id: 'storage restore' },
      details: { everything: String(everything) },
    });
  } finally {
    await storage.close();
  }
}

const BACKUP_HELP = `
Pedel may be running. From SQLite it is a copy as of one moment. From MongoDB the kinds are read one after the other, so
it is not: each account is whole in itself, and what is dispatched is in the account or in the outbox, perhaps in both,
where it counts once. For a copy as of one moment use the database's own means (docs/operations.md).

The file is an SQLite database, readable by its owner alone. It opens only with PEDEL_SECRET: keep that elsewhere.

Examples:
  pedel storage backup /backup/pedel-2026-09-21.db
  pedel storage backup /backup/pedel.db --json --config /etc/pedel/pedel.yaml
`;

const RESTORE_HELP = `
From an old backup these do not come back: sessions, tokens, codes and grants (everybody signs in again; trusted browsers
and known devices are forgotten); links mailed to reset a password, confirm an address or enrol a factor (invitations
stay); letters and logouts that waited (they may have been sent since: they are kept as given up, pedel tells which).
What people changed after the backup is lost: passwords and factors are those of then, recovery codes used since work
again. --everything leaves nothing out: only for a backup that was made with all nodes stopped, and none has run since.

Example:
  pedel storage restore /backup/pedel-2026-09-21.db --config /etc/pedel/pedel.yaml
`;

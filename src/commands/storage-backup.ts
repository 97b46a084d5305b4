/** `pedel storage backup` and `restore`: copy everything into one file, and back. */

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { archiveKinds } from '../domain/installation/archive.ts';
import type { ArchiveKind } from '../domain/ports/archive.ts';
import type { Storage } from '../domain/ports/storage.ts';
import { randomId } from '../domain/random.ts';
import { copyStorage, difference, nonEmpty } from '../use-cases/storage/copy-storage.ts';
import { pagesOf } from '../use-cases/storage/storage-pages.ts';
import { configOption, requireConfig, storageOf } from './configuration.ts';
import { storages, withInstallation } from './installation.ts';
import { showProgress } from './progress.ts';
import { runCopy } from './storage-copy.ts';
import { CommandFault, count, type Setting, type Terminal } from './terminal.ts';

export function backupCommand({ terminal }: Setting): Command {
  return new Command('backup')
    .description('copy everything into one file, also while Pedel runs')
    .argument('<file>', 'a file that does not exist yet')
    .option('--json', '{ file, bytes, asOf, atOnce, counts } as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', BACKUP_HELP)
    .action(async (file: string, { json = false, config }: { json?: boolean; config?: string }) => {
      if (existsSync(file)) throw new CommandFault(`${file} exists already; give the name of a new file`);
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
              `${atOnce ? 'as of one moment' : 'one kind after the other, while it was in use'}\n`,
          );
      } finally {
        remove(part);
      }
    });
}

/** Copies as of one moment, if the backend can. @returns whether it could */
async function snapshot(terminal: Terminal, uri: string, part: string): Promise<boolean> {
  const storage = await storages.open(uri, { now: terminal.now });
  try {
    closeSync(openSync(part, 'wx', 0o600)); // it holds all personal data: only its owner may read it
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

/** Opens the file as `restore` will, and checks it page by page. */
async function readBack(terminal: Terminal, part: string) {
  const copy = await storages.open(`sqlite:${part}`, { now: terminal.now });
  try {
    const faults = await copy.archive.faults();
    if (faults.length > 0)
      throw new CommandFault(
        `the copy is damaged, and so may be the storage (check it with pedel storage check): ${faults[0]}`,
      );
    const counts = await copy.archive.counts();
    await readEverything(copy, counts);
    return counts;
  } finally {
    await copy.close();
  }
}

const BEFORE_ALL = Number.MIN_SAFE_INTEGER; // nothing has expired then

/** A record that cannot be read would make the restore fail. @throws Problem `storage_damaged` naming it */
async function readEverything(copy: Storage, counts: Record<ArchiveKind, number>): Promise<void> {
  for (const kind of archiveKinds) {
    let read = 0;
    for await (const records of pagesOf(kind, copy, BEFORE_ALL)) read += records.length;
    if (read !== counts[kind])
      throw new CommandFault(`the copy is damaged: of ${counts[kind]} ${kind} only ${read} can be read`);
  }
}

/** Flushes the file to disk before it gets its name, so that a file of that name is always a whole backup. */
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
    .argument('<file>', 'a file that pedel storage backup made')
    .option(
      '--everything',
      'also restore sessions, tokens and waiting emails; only if no node has run since the backup',
    )
    .option('--erasures <file>', 'erase whom this file names; without it, the erasureJournal of the configuration')
    .option('--start-over', 'first delete what an unfinished restore left')
    .option('--json', 'each kind with its count and content hash as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', RESTORE_HELP)
    .action(
      async (
        file: string,
        options: { everything?: true; erasures?: string; startOver?: boolean; json?: boolean; config?: string },
      ): Promise<void> => {
        const { everything, startOver = false, json = false, config } = options;
        const to = storageOf(terminal, config);
        const purpose = everything ? 'move' : 'restore';
        const status = await runCopy(terminal, { from: `sqlite:${file}`, to, purpose, startOver }, json);
        if (status === 0) await record(terminal, to, everything === true);
        if (status === 0) await eraseAgain(terminal, config, options.erasures);
        exit(status);
      },
    );
}

/** Who was erased since the backup is erased again, and told on the error output, so that `--json` stays as it is. */
async function eraseAgain(terminal: Terminal, file: string | undefined, given: string | undefined): Promise<void> {
  const journal = given ?? requireConfig(terminal, file, 'optional').erasureJournal;
  if (journal === undefined || (given === undefined && !existsSync(journal))) return;
  const lines = readJournal(journal);
  await withInstallation(terminal, file, async ({ storage, openSealer }) => {
    const { accounts } = storage;
    const { replayErasures } = await import('../use-cases/lifecycle/replay-erasures.ts');
    const counts = await replayErasures(lines, { accounts, sealer: await openSealer(), now: terminal.now() });
    terminal.writeError(`${journal}: ${count(counts.erased, 'account')} erased again\n`);
    if (counts.unreadable > 0)
      throw new CommandFault(
        `${journal}: ${count(counts.unreadable, 'line')} cannot be read; whom they name is not erased`,
      );
  });
}

function readJournal(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    throw new CommandFault(`the journal of erasures cannot be read: ${(error as Error).message}`);
  }
}

/** Adds the restore to the audit log. */
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
Pedel may be running. From SQLite, the backup is as of one moment. From MongoDB,
the kinds of records are read one after the other. Each account is consistent in
itself, and each effect is in the account or in the outbox; if it is in both, it
takes place once. For a MongoDB backup as of one moment use the database's own
tools (docs/operations.md).

The file is an SQLite database that only its owner may read. Restoring it needs
PEDEL_SECRET: keep the secret in another place.

Exit status: 0 the backup is complete and was read back, 1 otherwise.

Examples:
  pedel storage backup /backup/pedel-2026-09-21.db
  pedel storage backup /backup/pedel.db --json --config /etc/pedel/pedel.yaml
`;

const RESTORE_HELP = `
These are not restored:
  - sessions, tokens, codes and grants: everybody signs in again; trusted and
    known browsers are forgotten
  - emailed links to reset a password, confirm an address or enrol a factor;
    invitations stay
  - waiting emails and logouts, because they may have been sent since: they are
    kept as given up, and pedel storage status counts them

Changes after the backup are lost: people have their passwords and factors of
that time, and recovery codes used since work again.

--everything restores all of it. Use it only for a backup that was made with all
nodes stopped, and only if no node has run since.

Exit status:
  0  restored, and equal to the backup
  1  not restored

Example:
  pedel storage restore /backup/pedel-2026-09-21.db
`;

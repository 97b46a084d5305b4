/** `pedel storage check`: reads everything and reports every fault. */

import { Command } from 'commander';
import type { Config } from '../config/load.ts';
import { openValues } from '../domain/audit/sealed-audit-values.ts';
import { archiveKinds, dispensableKinds } from '../domain/installation/archive.ts';
import { nameOfStorage } from '../domain/installation/storage-name.ts';
import type { ArchiveKind } from '../domain/ports/archive.ts';
import type { Storage } from '../domain/ports/storage.ts';
import { Problem } from '../domain/problem.ts';
import { type RandomBytes, randomId } from '../domain/random.ts';
import { allOf, openSealer } from '../domain/sealing/lasting-key.ts';
import { sealedValuesOf } from '../domain/sealing/sealed-values.ts';
import { createSealer, type Sealer } from '../domain/sealing/sealer.ts';
import type { Progress } from '../use-cases/storage/copy-storage.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { showProgress } from './progress.ts';
import { count, printable, type Setting, type Terminal } from './terminal.ts';

type Options = { json?: boolean; removeUnreadable?: true; config?: string };

/** `kind` 'storage' without `name`: a fault that belongs to no single record */
type Fault = { kind: ArchiveKind | 'storage'; name?: string; fault: string };

/** The most faults that are kept and printed: the first ones show what happened. */
const MOST_FAULTS = 10_000;
const MOST_SHOWN = 50;
const PAGE = 500;

export function checkCommand({ terminal, exit }: Setting): Command {
  return new Command('check')
    .description('read everything and report every fault; changes nothing without --remove-unreadable')
    .option(
      '--json',
      `{ storage, records, faultCount, faults, removed } as JSON, for scripts; at most ${MOST_FAULTS} faults`,
    )
    .option('--remove-unreadable', `delete what cannot be read of ${dispensableKinds.join(', ')}`)
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async ({ json = false, removeUnreadable, config: file }: Options) => {
      await withInstallation(terminal, file, async ({ config, storage }) => {
        const faults: Fault[] = [];
        let found = 0;
        const tell = (fault: Fault) => {
          found += 1;
          if (faults.length < MOST_FAULTS) faults.push(fault);
        };
        const { records, unreadable } = await checkStorage(
          storage,
          await sealerOf(config, storage, terminal.randomBytes),
          tell,
          showProgress(terminal, json),
        );
        const removed = removeUnreadable === true ? await removeFrom(storage, unreadable, terminal) : {};
        if (json)
          terminal.write(
            `${JSON.stringify({ storage: nameOfStorage(config.storage), records, faultCount: found, faults, removed }, null, 2)}\n`,
          );
        else {
          for (const { kind, name, fault } of faults.slice(0, MOST_SHOWN))
            terminal.write(`${printable(`${kind}${name === undefined ? '' : ` ${name}`}: ${fault}`)}\n`);
          if (found > MOST_SHOWN) terminal.write(`… and ${count(found - MOST_SHOWN, 'more fault')}; see --json\n`);
          for (const [kind, number] of Object.entries(removed)) terminal.write(`${number} of ${kind} removed\n`);
          terminal.write(`${count(records, 'record')} read, ${found === 0 ? 'no fault' : count(found, 'fault')}\n`);
        }
        exit(found === 0 ? 0 : 1);
      });
    });
}

type Unreadable = Record<ArchiveKind, Set<string>>;

/** Deletes what cannot be read and comes anew. @returns the number per kind, without those of which there were none */
async function removeFrom({ archive, auditLog }: Storage, unreadable: Unreadable, terminal: Terminal) {
  const removed: Record<string, string> = {};
  for (const kind of dispensableKinds) {
    let gone = 0;
    for (const name of unreadable[kind]) if (await archive.remove(kind, name)) gone += 1;
    if (gone > 0) removed[kind] = String(gone);
  }
  if (Object.keys(removed).length > 0)
    await auditLog.append({
      id: randomId(terminal.randomBytes),
      at: terminal.now(),
      action: 'storage.unreadable-removed',
      actor: { kind: 'command', id: 'storage check' },
      details: removed,
    });
  return removed;
}

async function checkStorage(
  storage: Storage,
  sealer: Sealer,
  tell: (fault: Fault) => void,
  progress: Progress,
): Promise<{ records: number; unreadable: Unreadable }> {
  let records = 0;
  for (const fault of await storage.archive.faults()) tell({ kind: 'storage', fault });
  const unreadable = Object.fromEntries(archiveKinds.map((kind) => [kind, new Set()])) as Unreadable;
  const totals = await storage.archive.counts();
  for (const kind of archiveKinds) {
    progress.begin('reading', kind, totals[kind]);
    await storage.archive.inspect(kind, ({ name, record, faults }) => {
      records += 1;
      progress.more(1);
      for (const fault of faults) tell({ kind, name, fault });
      if (record === undefined) {
        unreadable[kind].add(name);
        return;
      }
      for (const { sealed, owner, field } of sealedValuesOf(kind, record))
        if (!opens(() => sealer.open(sealed, owner, field)))
          tell({ kind, name, fault: `its sealed ${field} does not open under PEDEL_SECRET` });
    });
    progress.end();
  }
  if (unreadable.auditLog.size > 0)
    tell({ kind: 'auditLog', fault: 'its sealed values were not tried: not all entries can be read' });
  else await checkAuditValues(storage, sealer, unreadable.accounts, tell);
  return { records, unreadable };
}

/** Tries all sealed values of the audit log, except those of erased accounts, which can never be opened again. */
async function checkAuditValues(
  { auditLog, accounts }: Storage,
  sealer: Sealer,
  unreadable: Set<string>,
  tell: (fault: Fault) => void,
): Promise<void> {
  let before: { at: number; id: string } | undefined;
  for (;;) {
    const page = await auditLog.page({}, before, PAGE);
    for (const { id, subject, sealedValues } of page) {
      if (subject === undefined || sealedValues === undefined || unreadable.has(subject)) continue;
      const account = await accounts.findById(subject);
      if (account !== undefined && !opens(() => openValues(sealer, account, sealedValues)))
        tell({ kind: 'auditLog', name: id, fault: 'its sealed values do not open under PEDEL_SECRET' });
    }
    const last = page.at(-1);
    if (last === undefined) return;
    before = { at: last.at, id: last.id };
  }
}

/** A sealer that stores nothing: a missing lasting key is not made, because a check changes nothing. */
async function sealerOf(config: Config, { values }: Storage, randomBytes: RandomBytes): Promise<Sealer> {
  const reading = { get: (name: string) => values.get(name), getOrInsert: async (_: string, fresh: string) => fresh };
  try {
    return await openSealer(config, reading, randomBytes);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'sealed_unreadable') throw error;
    return createSealer({ secrets: allOf(config) }, randomBytes); // the check then reports this value as unreadable
  }
}

function opens(open: () => unknown): boolean {
  try {
    open();
    return true;
  } catch (error) {
    if (error instanceof Problem && error.code === 'sealed_unreadable') return false;
    throw error;
  }
}

const HELP = `
Reads every record, compares it with its indexes and side tables, opens every
sealed value, and runs the database's own check. If Pedel runs at the same time,
its writes may show as faults.

A record that cannot be read makes every backup and copy fail. Without one of
the kinds that --remove-unreadable names, somebody signs in again or gets an
email less; other kinds are restored from a backup. The audit log has what was
removed.

Exit status: 0 no fault, 1 otherwise, also where what was found was removed.

Examples:
  pedel storage check --config /etc/pedel/pedel.yaml
  PEDEL_STORAGE=sqlite:/backup/pedel-2026-09-21.db pedel storage check
`;

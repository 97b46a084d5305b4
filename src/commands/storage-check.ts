/** `pedel storage check`: reads everything and reports every fault. */

import { Command } from 'commander';
import type { Config } from '../config/load.ts';
import { openValues } from '../domain/audit/sealed-audit-values.ts';
import { archiveKinds } from '../domain/installation/archive.ts';
import { nameOfStorage } from '../domain/installation/storage-name.ts';
import type { ArchiveKind } from '../domain/ports/archive.ts';
import type { Storage } from '../domain/ports/storage.ts';
import { Problem } from '../domain/problem.ts';
import type { RandomBytes } from '../domain/random.ts';
import { allOf, openSealer } from '../domain/sealing/lasting-key.ts';
import { sealedValuesOf } from '../domain/sealing/sealed-values.ts';
import { createSealer, type Sealer } from '../domain/sealing/sealer.ts';
import type { Progress } from '../use-cases/storage/copy-storage.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { showProgress } from './progress.ts';
import { count, printable, type Setting } from './terminal.ts';

/** `kind` 'storage' without `name`: a fault that belongs to no single record */
type Fault = { kind: ArchiveKind | 'storage'; name?: string; fault: string };

/** The most faults that are kept and printed: the first ones show what happened. */
const MOST_FAULTS = 10_000;
const MOST_SHOWN = 50;
const PAGE = 500;

export function checkCommand({ terminal, exit }: Setting): Command {
  return new Command('check')
    .description('read everything and report every fault; changes nothing')
    .option('--json', `{ storage, records, faultCount, faults } as JSON, for scripts; at most ${MOST_FAULTS} faults`)
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async ({ json = false, config: file }: { json?: boolean; config?: string }) => {
      await withInstallation(terminal, file, async ({ config, storage }) => {
        const faults: Fault[] = [];
        let found = 0;
        const tell = (fault: Fault) => {
          found += 1;
          if (faults.length < MOST_FAULTS) faults.push(fault);
        };
        const records = await checkStorage(
          storage,
          await sealerOf(config, storage, terminal.randomBytes),
          tell,
          showProgress(terminal, json),
        );
        if (json)
          terminal.write(
            `${JSON.stringify({ storage: nameOfStorage(config.storage), records, faultCount: found, faults }, null, 2)}\n`,
          );
        else {
          for (const { kind, name, fault } of faults.slice(0, MOST_SHOWN))
            terminal.write(`${printable(`${kind}${name === undefined ? '' : ` ${name}`}: ${fault}`)}\n`);
          if (found > MOST_SHOWN) terminal.write(`… and ${count(found - MOST_SHOWN, 'more fault')}; see --json\n`);
          terminal.write(`${count(records, 'record')} read, ${found === 0 ? 'no fault' : count(found, 'fault')}\n`);
        }
        exit(found === 0 ? 0 : 1);
      });
    });
}

async function checkStorage(
  storage: Storage,
  sealer: Sealer,
  tell: (fault: Fault) => void,
  progress: Progress,
): Promise<number> {
  let records = 0;
  for (const fault of await storage.archive.faults()) tell({ kind: 'storage', fault });
  const unreadable = Object.fromEntries(archiveKinds.map((kind) => [kind, new Set()])) as Record<
    ArchiveKind,
    Set<string>
  >;
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
  return records;
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

Exit status: 0 no fault, 1 otherwise.

Examples:
  pedel storage check --config /etc/pedel/pedel.yaml
  PEDEL_STORAGE=sqlite:/backup/pedel-2026-09-21.db pedel storage check
`;

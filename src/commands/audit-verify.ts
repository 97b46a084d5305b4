/** `pedel audit verify` and `pedel audit checkpoints`: whether the audit log is what was written, and what proves it. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { type AuditCheckpoint, isCheckpoint, isSigned } from '../domain/audit/audit-checkpoint.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import { type AuditFault, type AuditVerdict, verifyAudit } from '../use-cases/audit/verify.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { showProgress } from './progress.ts';
import { localTime } from './since.ts';
import { CommandFault, count, printable, type Setting } from './terminal.ts';

const MOST_FAULTS = 10_000;
const MOST_SHOWN = 50;
const PAGE = 500;

export function verifyCommand({ terminal, exit }: Setting): Command {
  return new Command('verify')
    .description('check that no entry was changed, removed, moved or put in; changes nothing')
    .option('--checkpoint <file>', 'compare with checkpoints kept elsewhere: the log of the server, or its lines')
    .option('--json', `the verdict and at most ${MOST_FAULTS} faults as JSON, for scripts`)
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(
      async ({ checkpoint: file, json = false, config }: { checkpoint?: string; json?: boolean; config?: string }) => {
        await withInstallation(terminal, config, async ({ storage, openSealer }) => {
          const sealer = await openSealer();
          const kept = file === undefined ? [] : checkpointsIn(file, sealer);
          const progress = showProgress(terminal, json);
          const faults: AuditFault[] = [];
          let faultCount = 0;
          const verdict = await verifyAudit({
            auditLog: storage.auditLog,
            sealer,
            kept,
            reached: (entries) => progress.reach('verify audit entries', entries),
            tell: (fault) => {
              faultCount += 1;
              if (faults.length < MOST_FAULTS) faults.push(fault);
            },
          });
          progress.clear();
          if (json) terminal.write(`${JSON.stringify({ ...verdict, compared: kept.length, faultCount, faults })}\n`);
          else {
            for (const fault of faults.slice(0, MOST_SHOWN)) terminal.write(`${printable(sentence(fault))}\n`);
            if (faultCount > MOST_SHOWN)
              terminal.write(`… and ${count(faultCount - MOST_SHOWN, 'more fault')}; see --json\n`);
            terminal.write(summary(verdict, kept.length, faultCount));
          }
          exit(faultCount === 0 ? 0 : 1);
        });
      },
    );
}

export function checkpointsCommand({ terminal }: Setting): Command {
  return new Command('checkpoints')
    .description('print the signed checkpoints as JSON lines, to be kept elsewhere')
    .addOption(configOption())
    .action(async ({ config }: { config?: string }) => {
      await withInstallation(terminal, config, async ({ storage }) => {
        for (let after = 0; ; ) {
          const page = await storage.auditLog.checkpoints(after, PAGE);
          for (const checkpoint of page) terminal.write(`${JSON.stringify(checkpoint)}\n`);
          after = page.at(-1)?.number ?? after;
          if (page.length < PAGE) return;
        }
      });
    });
}

/**
 * Finds checkpoints in a log or among their own lines; other lines are passed over.
 * @throws CommandFault where the file cannot be read or has none, or one that this installation did not sign
 */
function checkpointsIn(file: string, sealer: Pick<Sealer, 'macMatches'>): AuditCheckpoint[] {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new CommandFault(`${printable(file)} cannot be read: ${(error as Error).message}`);
  }
  const found: AuditCheckpoint[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const checkpoint = checkpointOf(line);
    if (checkpoint === undefined) continue;
    if (!isSigned(checkpoint, sealer))
      throw new CommandFault(
        `${printable(file)}, line ${index + 1}: this installation did not sign checkpoint ${checkpoint.number}, or somebody has changed it`,
      );
    found.push(checkpoint);
  }
  if (found.length === 0)
    throw new CommandFault(
      `${printable(file)} has no checkpoint: give the log of pedel serve, or what pedel audit checkpoints printed`,
    );
  return found;
}

/** A collector of logs may have put something before the JSON. */
function checkpointOf(line: string): AuditCheckpoint | undefined {
  try {
    const value = JSON.parse(line.slice(line.indexOf('{')));
    return [value?.auditCheckpoint, value].find(isCheckpoint);
  } catch {
    return undefined;
  }
}

function sentence(fault: AuditFault): string {
  if ('number' in fault) {
    const { number, to = number } = fault;
    return `${number === to ? `checkpoint ${number}` : `checkpoints ${number} to ${to}`}: ${meanings[fault.kind]}`;
  }
  if (fault.kind === 'loose-changed')
    return `entries before the chain, ${localTime(fault.from)} to ${localTime(fault.to)}: ${fault.found} are not the ${fault.signed} that were signed`;
  const { kind, node, seq, to, id } = fault;
  const place = `chain ${node}, ${to === undefined || to === seq ? `entry ${seq}` : `entries ${seq} to ${to}`}`;
  return `${place}${id === undefined ? '' : ` (${id})`}: ${meanings[kind]}`;
}

const meanings = {
  changed: 'changed, or it stands in the place of another',
  removed: 'removed',
  inserted: 'put in later',
  truncated: 'cut off, although a checkpoint counts them',
  rewritten: 'not what a checkpoint signed: the chain was written anew',
  misfiled: 'it says one thing and is filed under another, so that a search misses it',
  unreadable: 'it cannot be read',
  'checkpoint-unsigned': 'nobody with PEDEL_SECRET signed it as it is',
  'checkpoint-removed': 'removed',
  'checkpoint-replaced': 'not the one that was signed first',
} as const;

function summary(
  { entries, chains, loose, unsigned, checkpoints, pruned, last }: AuditVerdict,
  kept: number,
  faults: number,
) {
  const signed =
    last === undefined
      ? 'no checkpoint is stored: a running server signs the first within minutes'
      : `${count(checkpoints, 'checkpoint')}, the last (${last.number}) of ${localTime(last.at)}`;
  const parts = [
    `${count(entries, 'entry', 'entries')} in ${count(chains, 'chain')}${loose === 0 ? '' : ` (${loose.toLocaleString('en')} of before the chain)`}`,
    ...(pruned === undefined ? [] : [givenUp(pruned)]),
    signed,
    `${count(unsigned, 'entry', 'entries')} not signed yet`,
    kept === 0 ? 'not compared with checkpoints kept elsewhere (--checkpoint)' : `compared with ${kept} kept elsewhere`,
    faults === 0 ? 'no fault' : count(faults, 'fault'),
  ];
  return `${parts.join('; ')}\n`;
}

function givenUp({ before, entries, left }: NonNullable<AuditVerdict['pruned']>): string {
  const still = left === 0 ? '' : `, of which ${left.toLocaleString('en')} are not deleted yet`;
  return `it holds from ${localTime(before)} on: ${count(entries, 'older entry', 'older entries')} given up${still}`;
}

const HELP = `
It finds entries that were changed, swapped, put in or removed, and any that
were cut off behind a checkpoint. Whoever writes to the database can also cut off
the last checkpoints: compare with those in the log of the server, which is
kept elsewhere. Entries since the last checkpoint can be cut off unseen.

Exit status: 0 without a fault, 1 with faults.

Examples:
  pedel audit verify
  pedel audit verify --checkpoint /var/log/pedel.jsonl --json
`;

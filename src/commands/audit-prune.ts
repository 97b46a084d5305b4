/** `pedel audit prune`: gives up what is older than `audit.retain`, and deletes what was given up a day before, as a node does each day. */
import { Command } from 'commander';
import { prunedCount } from '../domain/audit/pruning.ts';
import { createSigner } from '../use-cases/audit/checkpoint.ts';
import { deleteGivenUp, giveUp, type PrunePlan, planPruning } from '../use-cases/audit/prune.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { localTime } from './since.ts';
import { CommandFault, count, printable, type Setting, userOf } from './terminal.ts';

type Options = { dryRun?: boolean; json?: true; config?: string };
/** `givenUp`: in chains and outside of them; `deleted`: of what was given up before. */
type Pruned = { givenUp: number; deleted: number };

export function pruneCommand({ terminal, exit }: Setting): Command {
  return new Command('prune')
    .description('give up entries older than audit.retain, and delete what was given up a day ago')
    .option('-n, --dry-run', 'say what would be given up and deleted, and change nothing')
    .option('--json', 'what is or would be done as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async ({ dryRun = false, json, config: file }: Options) => {
      await withInstallation(terminal, file, async ({ config, storage, openSealer }) => {
        const { retain } = config.audit;
        if (retain === undefined)
          throw new CommandFault('nothing is ever deleted: audit.retain is not set (see config/README.md)');
        const { auditLog } = storage;
        const { now } = terminal;
        const sealer = await openSealer();
        const signer = createSigner({ auditLog, sealer, now });
        const done: Pruned = { givenUp: 0, deleted: 0 };
        let plan: PrunePlan;
        do {
          plan = await planPruning({ auditLog, sealer, retain, now });
          if (dryRun) break;
          const actor = { kind: 'command', id: 'audit prune', ...userOf(terminal.environment) } as const;
          const signing = await giveUp(plan, { signer, auditLog, actor, now });
          if (signing !== undefined) {
            done.givenUp += prunedCount(signing.checkpoint.pruned ?? plan.due);
            terminal.writeError(`keep this line: ${JSON.stringify(signing.checkpoint)}\n`);
          }
          done.deleted += await deleteGivenUp(plan, { auditLog });
          if (signing === undefined) break;
        } while (plan.more);
        const { due, deletable, faults, more } = plan;
        if (json)
          terminal.write(
            `${JSON.stringify({ before: due.before, ...(dryRun ? { due, deletable, more } : done), faults })}\n`,
          );
        else terminal.write(dryRun ? rehearsed(plan, retain) : told(done, plan, retain));
        exit(faults.length === 0 ? 0 : 1);
      });
    });
}

function rehearsed({ due, deletable, more, faults }: PrunePlan, retain: string): string {
  const lines = [
    `would give up ${entries(prunedCount(due))} of before ${localTime(due.before)} (audit.retain ${retain})${more ? ', and more after that' : ''}`,
    ...due.chains.map(({ node, seq, count: many }) => `  chain ${node}: ${entries(many)}, the last is ${seq}`),
    ...(due.loose === undefined ? [] : [`  in no chain: ${entries(due.loose.count)}`]),
    ...deletable.chains.map(({ node, seq }) => `may delete chain ${node} up to ${seq}, given up more than a day ago`),
    ...faultLines(faults),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

function told({ givenUp, deleted }: Pruned, { due, faults }: PrunePlan, retain: string): string {
  const lines = [
    `gave up ${entries(givenUp)} of before ${localTime(due.before)} (audit.retain ${retain}): they are deleted in a day`,
    `deleted ${entries(deleted)}, given up more than a day ago`,
    ...faultLines(faults),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

const entries = (number: number) => count(number, 'entry', 'entries');
const faultLines = (faults: PrunePlan['faults']) =>
  faults.map(
    ({ node, seq }) =>
      `chain ${node}, entry ${seq} is not what was signed: nothing from there on goes; see pedel audit verify`,
  );

const HELP = `
A running node does this once a day. A signed checkpoint says first what is given
up; a day later it is deleted, in small steps. Until then, setting audit.retain
to a longer time keeps it. Entries that were changed are evidence, and stay.
What goes is gone: pedel audit export first where you must keep it longer.

Exit status: 0; 1 where the log is not what was signed, or audit.retain is not set.

Examples:
  pedel audit prune --dry-run
  pedel audit export --to 2019-12-01 > audit-2019.jsonl && pedel audit prune
`;

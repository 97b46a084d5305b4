/** `pedel lifecycle`: applies changed rules of access to the accounts that are stored. */
import { Command, InvalidArgumentError } from 'commander';
import { type RecomputeCounts, recompute, rehearseRecompute } from '../use-cases/lifecycle/recompute.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { CommandFault, count, type Setting } from './terminal.ts';

/** So many open accounts may close without `--allow-losses`. */
const LOSSES_UNASKED = 25;

type Options = { dryRun?: true; allowLosses?: number; json?: true; config?: string };

export function lifecycleCommand({ terminal }: Setting): Command {
  const command = new Command('lifecycle');
  command
    .command('recompute')
    .description('apply the present graceDays and opensDays to every account')
    .option('-n, --dry-run', 'say how many would change, and change nothing')
    .option('--allow-losses <number>', 'go on although exactly this many open accounts close at once', wholeNumber)
    .option('--json', '{ accounts, changed, closed, opened } as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', HELP)
    .action(async ({ dryRun, allowLosses, json, config: file }: Options) => {
      await withInstallation(terminal, file, async ({ config, storage }) => {
        const { accounts, auditLog } = storage;
        const options = { accounts, auditLog, organisations: config.organisations, now: terminal.now() };
        const expected = await rehearseRecompute(options);
        const { closed } = expected;
        if (!dryRun && closed !== allowLosses && (allowLosses !== undefined || closed > LOSSES_UNASKED)) {
          throw new CommandFault(
            `${count(closed, 'open account')} would close at once, so nothing was changed: look with --dry-run, then go on with --allow-losses ${closed}`,
            3,
          );
        }
        const counts = dryRun ? expected : await recompute(options);
        terminal.write(json ? `${JSON.stringify(counts)}\n` : textOf(counts, dryRun === true));
      });
    });
  return command;
}

function textOf({ accounts, changed, closed, opened }: RecomputeCounts, dryRun: boolean): string {
  return [
    dryRun ? 'Dry run, nothing was changed. ' : '',
    `${count(accounts, 'account')}: ${changed.toLocaleString('en')} changed, of which ${closed.toLocaleString('en')} closed and ${opened.toLocaleString('en')} opened\n`,
  ].join('');
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('write a whole number.');
  return Number(text);
}

const HELP = `
A change of graceDays or opensDays in the configuration changes the account of
nobody until this command runs, or until a feed says something new of a person.
Run it once after the upgrade from 0.2 as well: until then an account opens
before its first affiliation, and between two of them, and no address counts as
verified because its owner activated the account from there.

Exit status:
  0  done
  3  more than ${LOSSES_UNASKED} open accounts would close: --allow-losses is needed

Examples:
  pedel lifecycle recompute --dry-run
  pedel lifecycle recompute --allow-losses 1234
`;

/** `pedel audit`: prints the audit log, newest first; its commands verify, export and prune it. */
import { Command, InvalidArgumentError } from 'commander';
import type { JsonValue } from '../domain/json-value.ts';
import type { AuditEntry } from '../domain/ports/audit-log.ts';
import { type FilterOptions, filtered, filterOf, opener } from './audit-choice.ts';
import { exportCommand } from './audit-export.ts';
import { pruneCommand } from './audit-prune.ts';
import { checkpointsCommand, verifyCommand } from './audit-verify.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { localTime } from './since.ts';
import { printable, type Setting } from './terminal.ts';

type Options = FilterOptions & { limit: number; values?: true; json?: true; config?: string };

export function auditCommand(setting: Setting): Command {
  return new Command('audit')
    .addCommand(listCommand(setting), { isDefault: true })
    .addCommand(exportCommand(setting))
    .addCommand(verifyCommand(setting))
    .addCommand(checkpointsCommand(setting))
    .addCommand(pruneCommand(setting));
}

function listCommand({ terminal }: Setting): Command {
  return filtered(new Command('list').alias('search'), terminal.now())
    .description('print entries, newest first (the default)')
    .option('--limit <number>', 'the most entries to print', wholeNumber, 50)
    .option('--values', 'also print the old and new values, for people whose account still exists')
    .option('--json', 'one JSON object per line, for scripts')
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nAn entry appears seconds after the event, once a running server has dispatched\nit. Times are in Brussels time; with --json in UTC.\n\nExamples:\n  pedel audit --person r0123456\n  pedel audit --action role.granted --since 7d --json\n',
    )
    .action(async ({ limit, values, json, config, ...options }: Options) => {
      await withInstallation(terminal, config, async ({ storage, openSealer }) => {
        const opened = values === true ? opener(storage, await openSealer()) : async () => 'sealed';
        const filter = await filterOf(storage, options);
        let last: AuditEntry | undefined;
        for (let left = limit; left > 0; ) {
          const page = await storage.auditLog.page(
            filter,
            last === undefined ? undefined : { at: last.at, id: last.id },
            Math.min(left, 500),
          );
          for (const { sealedValues, ...entry } of page) {
            const shown = sealedValues === undefined ? undefined : await opened(entry.subject, sealedValues);
            terminal.write(json ? `${JSON.stringify(jsonOf(entry, shown))}\n` : `${lineOf(entry, shown)}\n`);
          }
          left -= page.length;
          if (page.length === 0) break;
          last = page.at(-1);
        }
        if (last === undefined && !json) terminal.writeError('no entry matches\n');
      });
    });
}

type Shown = Omit<AuditEntry, 'sealedValues'>;

function jsonOf({ at, ...entry }: Shown, values: JsonValue | undefined) {
  return { at: new Date(at).toISOString(), ...entry, ...(values === undefined ? {} : { values }) };
}

function lineOf(entry: Shown, values: JsonValue | undefined): string {
  const { at, action, actor, subject, client, network, details } = entry;
  const parts = [
    localTime(at),
    action.padEnd(24),
    `by ${actor.kind}${actor.id === undefined ? '' : ` ${actor.id}`}`,
    subject === undefined ? undefined : `to ${subject}`,
    client === undefined ? undefined : `client ${client}`,
    network === undefined ? undefined : `from ${network}`,
    ...Object.entries(details ?? {}).map(([name, value]) => `${name}=${value}`),
    values === undefined || values === 'sealed' ? undefined : JSON.stringify(values),
  ];
  return printable(parts.filter((part) => part !== undefined).join('  '));
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}

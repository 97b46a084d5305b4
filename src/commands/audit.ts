/** `pedel audit`: prints the audit log, newest first. */
import { Command, InvalidArgumentError } from 'commander';
import type { JsonValue } from '../domain/account/account.ts';
import { normalizeLogin } from '../domain/account/login.ts';
import { openValues } from '../domain/audit/sealed-audit-values.ts';
import type { AuditEntry } from '../domain/ports/audit-log.ts';
import type { Storage } from '../domain/ports/storage.ts';
import { Problem } from '../domain/problem.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { localTime, sinceFrom } from './since.ts';
import { CommandFault, printable, type Setting } from './terminal.ts';

type Options = {
  subject?: string;
  action?: string;
  client?: string;
  since?: number;
  limit: number;
  values?: true;
  json?: true;
  config?: string;
};

export function auditCommand({ terminal }: Setting): Command {
  return new Command('audit')
    .option('--subject <number>', 'only entries about this person (user number, address or account id)')
    .option('--action <name>', 'only entries with this action, such as person.created or role.granted')
    .option('--client <client_id>', 'only entries about this application')
    .option(
      '--since <when>',
      'only entries since then: a day (2026-09-21, Brussels time), a time (2026-09-21T08:00Z) or a span (15m, 24h, 7d)',
      sinceFrom(terminal.now()),
    )
    .option('--limit <number>', 'the most entries to print', wholeNumber, 50)
    .option('--values', 'also print the old and new values, for people whose account still exists')
    .option('--json', 'one JSON object per line, for scripts')
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nAn entry appears seconds after the event, once a running server has dispatched\nit. Times are in Brussels time; with --json in UTC.\n\nExamples:\n  pedel audit --subject r0123456\n  pedel audit --action role.granted --since 7d --json\n',
    )
    .action(async ({ subject, action, client, since, limit, values, json, config }: Options) => {
      await withInstallation(terminal, config, async ({ storage, openSealer }) => {
        const opened = values === true ? opener(storage, await openSealer()) : async () => 'sealed';
        const filter = {
          ...(subject === undefined ? {} : { subject: await accountId(storage, subject) }),
          ...(action === undefined ? {} : { action }),
          ...(client === undefined ? {} : { client }),
          ...(since === undefined ? {} : { from: since }),
        };
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

async function accountId({ accounts }: Storage, subject: string): Promise<string> {
  const account = (await accounts.findByLogin(normalizeLogin(subject))) ?? (await accounts.findById(subject));
  if (account === undefined) throw new CommandFault(`no account has the number, address or id "${printable(subject)}"`);
  return account.id;
}

/** Opens old and new values with the key in the person's account. Once the account is erased, they stay sealed for good. */
function opener({ accounts }: Storage, sealer: Sealer) {
  return async (subject: string | undefined, sealedValues: string): Promise<JsonValue> => {
    const account = subject === undefined ? undefined : await accounts.findById(subject);
    if (account === undefined) return 'sealed';
    try {
      return openValues(sealer, account, sealedValues);
    } catch (error) {
      if (error instanceof Problem && error.code === 'sealed_unreadable') return 'sealed';
      throw error;
    }
  };
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

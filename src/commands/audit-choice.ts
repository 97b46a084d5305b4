/** Which entries of the audit log a command is about, and what it may show of them. */
import type { Command } from 'commander';
import { normalizeLogin } from '../domain/account/login.ts';
import { openValues } from '../domain/audit/sealed-audit-values.ts';
import type { JsonValue } from '../domain/json-value.ts';
import type { AuditFilter } from '../domain/ports/audit-log.ts';
import type { Storage } from '../domain/ports/storage.ts';
import { Problem } from '../domain/problem.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import { sinceFrom } from './since.ts';
import { CommandFault, printable } from './terminal.ts';

export type FilterOptions = {
  person?: string;
  subject?: string;
  actor?: string;
  client?: string;
  action?: string;
  from?: number;
  since?: number;
  to?: number;
};
/** Adds the options that choose entries. */
export function filtered(command: Command, now: number): Command {
  const when = sinceFrom(now);
  return command
    .option('--person <number>', 'only entries about this person (user number, address or account id)')
    .option('--subject <number>', 'the same')
    .option('--actor <who>', 'only what this person, application or user of the command line did')
    .option('--client <client_id>', 'only entries about this application')
    .option('--action <name>', 'only entries with this action, such as person.created or role.granted')
    .option(
      '--from, --since <when>',
      'only entries since then: a day (2026-09-21, Brussels time), a time (2026-09-21T08:00Z) or a span (15m, 24h, 7d)',
      when,
    )
    .option('--to <when>', 'only entries before then', when);
}

/** @throws CommandFault where nobody has the number, address or id of `--person` */
export async function filterOf(storage: Pick<Storage, 'accounts'>, options: FilterOptions): Promise<AuditFilter> {
  const { person, subject = person, actor, client, action, since, to } = options;
  return {
    ...(subject === undefined ? {} : { subject: await accountId(storage, subject) }),
    ...(actor === undefined ? {} : { actor: (await accountOf(storage, actor))?.id ?? actor }),
    ...(action === undefined ? {} : { action }),
    ...(client === undefined ? {} : { client }),
    ...(since === undefined ? {} : { from: since }),
    ...(to === undefined ? {} : { to }),
  };
}

const accountOf = async ({ accounts }: Pick<Storage, 'accounts'>, named: string) =>
  (await accounts.findByLogin(normalizeLogin(named))) ?? (await accounts.findById(named));

async function accountId(storage: Pick<Storage, 'accounts'>, subject: string): Promise<string> {
  const account = await accountOf(storage, subject);
  if (account === undefined) throw new CommandFault(`no account has the number, address or id "${printable(subject)}"`);
  return account.id;
}

/** Opens old and new values with the key in the person's account. Once the account is erased, they stay sealed for good. */
export function opener({ accounts }: Pick<Storage, 'accounts'>, sealer: Sealer) {
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

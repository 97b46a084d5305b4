/**
 * `pedel clients`: registers applications from a file, and lists, shows and removes them. A client secret is shown once,
 * when it is made.
 */
import { Command } from 'commander';
import { onlyShownTo } from '../domain/clients/client-links.ts';
import { logoOf } from '../domain/clients/client-logo.ts';
import { expiring, isDisabled, isPending, originOf } from '../domain/clients/client-validity.ts';
import type { ClientRecord, Clients } from '../domain/ports/clients.ts';
import { auditOf } from '../use-cases/clients/apply-clients.ts';
import { addCommand } from './clients-add.ts';
import { applyCommand } from './clients-apply.ts';
import { changingCommands } from './clients-changing.ts';
import { decidingCommands } from './clients-deciding.ts';
import { membersCommand } from './clients-members.ts';
import { problemsCommand } from './clients-problems.ts';
import { secretCommand } from './clients-secret.ts';
import { viewingCommands } from './clients-viewing.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { CommandFault, printable, type Setting } from './terminal.ts';

type Options = { config?: string; json?: true };

export function clientsCommand(setting: Setting): Command {
  const { terminal } = setting;
  const command = new Command('clients');

  command.addCommand(applyCommand(setting));
  command.addCommand(addCommand(setting));
  command.addCommand(membersCommand(setting));
  command.addCommand(problemsCommand(setting));
  command.addCommand(secretCommand(setting));
  for (const each of [...decidingCommands(setting), ...changingCommands(setting), ...viewingCommands(setting)])
    command.addCommand(each);

  command
    .command('list')
    .description('list the registered applications, and mark those that wait for approval')
    .option('--json', 'the registrations without secrets, as JSON, for scripts')
    .addOption(configOption())
    .action(async ({ config, json }: Options) => {
      await withInstallation(terminal, config, async ({ storage }) => {
        const records = await all(storage.clients);
        if (json) terminal.write(`${JSON.stringify(records.map(visible), null, 2)}\n`);
        else if (records.length === 0)
          terminal.write('no application is registered; register some with pedel clients apply FILE\n');
        else {
          terminal.write(`${'client_id'.padEnd(ID_WIDTH)} name\n`);
          for (const record of records) terminal.write(lineOf(record, terminal.now()));
        }
      });
    });

  command
    .command('show')
    .description('print one registration as JSON, without secrets')
    .argument('<client_id>')
    .option('--json', 'as it is without')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  pedel clients show toledo\n')
    .action(async (id: string, { config }: Options) => {
      await withInstallation(terminal, config, async ({ storage }) => {
        const record = await storage.clients.find(id);
        if (record === undefined) throw unknownClient(id);
        terminal.write(`${JSON.stringify(visible(record), null, 2)}\n`);
      });
    });

  command
    .command('remove')
    .description('remove one registration, so that no one can sign in to the application')
    .argument('<client_id>')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  pedel clients remove toledo\n')
    .action(async (id: string, { config }: Options) => {
      await withInstallation(terminal, config, async ({ storage, requireSecret }) => {
        await requireSecret();
        const making = { now: terminal.now(), randomBytes: terminal.randomBytes };
        if (!(await storage.clients.remove(id, auditOf(id, 'removed', [], making)))) throw unknownClient(id);
        terminal.write(`${printable(id)}: removed\n`);
      });
    });
  return command;
}

const unknownClient = (id: string) =>
  new CommandFault(`no application has the client_id "${printable(id)}"; pedel clients list prints them all`);

async function all(clients: Pick<Clients, 'list'>): Promise<ClientRecord[]> {
  const records: ClientRecord[] = [];
  for (;;) {
    const page = await clients.list(records.at(-1)?.id, 500);
    records.push(...page);
    if (page.length < 500) return records;
  }
}

function offMark({ id, disabled }: ClientRecord): string {
  if (disabled?.removeAt === undefined) return `  (off: pedel clients enable ${id})`;
  return `  (deleted, removed on ${new Date(disabled.removeAt).toISOString().slice(0, 10)}: pedel clients enable ${id})`;
}

const ID_WIDTH = 32;

/** Marked if it is off, if it has expired, or will within 30 days, and if it has a member that is no longer taken. */
function lineOf(record: ClientRecord, now: number): string {
  const { id, metadata, validUntil = 0 } = record;
  const { expired, soon } = expiring([record], now);
  const until = new Date(validUntil).toISOString().replace(/:00\.000Z$/, 'Z');
  const mark = isDisabled(record)
    ? offMark(record)
    : isPending(record)
      ? expired.length > 0
        ? `  (nobody approved it until ${until}: it will be deleted)`
        : `  (not approved yet, until ${until}: pedel clients approve ${id})`
      : expired.length > 0
        ? `  (expired ${until})`
        : soon.length > 0
          ? `  (expires ${until})`
          : '';
  const old =
    onlyShownTo(metadata) === undefined ? '' : '  (pedel_affiliations only hides its link: see docs/upgrading.md)';
  return `${printable(`${id.padEnd(ID_WIDTH)} ${String(metadata.client_name ?? '')}`).trimEnd()}${mark}${old}\n`;
}

function disabledIn({ at, removeAt }: NonNullable<ClientRecord['disabled']>) {
  const removed = removeAt === undefined ? {} : { removed_at: new Date(removeAt).toISOString() };
  return { since: new Date(at).toISOString(), ...removed };
}

/** A registration without its secrets: only their ids and times. */
function visible(record: ClientRecord) {
  const { id, revision, metadata, secrets, validUntil, disabled, registration, createdAt, updatedAt } = record;
  const { at, ...origin } = originOf(record);
  return {
    client_id: id,
    ...metadata,
    revision,
    ...(disabled === undefined ? {} : { disabled: disabledIn(disabled) }),
    ...(metadata.logo_uri === undefined ? {} : { logo: logoOf(record) === undefined ? 'not fetched yet' : 'shown' }),
    secrets: secrets.map((secret) => ({
      id: secret.id,
      created: new Date(secret.createdAt).toISOString(),
      ...(secret.expiresAt === undefined ? {} : { expires: new Date(secret.expiresAt).toISOString() }),
    })),
    ...(registration === undefined
      ? {}
      : { registration: { state: registration.state, revision, ...registration.terms } }),
    ...(validUntil === undefined ? {} : { pedel_valid_until: new Date(validUntil).toISOString() }),
    origin: { ...origin, at: new Date(at).toISOString() },
    created: new Date(createdAt).toISOString(),
    changed: new Date(updatedAt).toISOString(),
  };
}

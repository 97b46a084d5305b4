/**
 * `pedel clients`: registers applications from a file, and lists, shows and removes them. A client secret is shown once,
 * when it is made.
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { onlyShownTo } from '../domain/clients/client-links.ts';
import { logoOf } from '../domain/clients/client-logo.ts';
import { expiring, isDisabled, isPending, originOf } from '../domain/clients/client-validity.ts';
import type { ClientRecord, Clients } from '../domain/ports/clients.ts';
import { applyClients, auditOf } from '../use-cases/clients/apply-clients.ts';
import { addCommand } from './clients-add.ts';
import { applyDeps, jsonOf, resultText } from './clients-applying.ts';
import { changingCommands } from './clients-changing.ts';
import { decidingCommands } from './clients-deciding.ts';
import { membersCommand, membersText } from './clients-members.ts';
import { problemsCommand } from './clients-problems.ts';
import { secretCommand } from './clients-secret.ts';
import { viewingCommands } from './clients-viewing.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { CommandFault, printable, type Setting } from './terminal.ts';

type Options = { config?: string; json?: true };
type ApplyOptions = { dryRun?: true; offline?: true; changeSubjects?: true };

export function clientsCommand(setting: Setting): Command {
  const { terminal, exit } = setting;
  const command = new Command('clients');

  command
    .command('apply')
    .description('create and change registrations as a file says; applications that it does not mention stay')
    .argument('<file>', 'a JSON array of registration metadata (RFC 7591), or - for standard input')
    .option('-n, --dry-run', 'say what would change, and change nothing')
    .option('--offline', 'fetch no logos: ask no other host')
    .option('--change-subjects', 'let subject_type or the sector change: everybody becomes new to the application')
    .option(
      '--json',
      'the result as JSON, for scripts: { dryRun, clients: [{ client_id, outcome, members, client_secret, warning }] }, client_secret where one was made, warning where something is not as it should be; refused ones are { client_id, client, outcome, faults }, client as the file calls them',
    )
    .addOption(configOption())
    .addHelpText('after', () => `${APPLY_HELP}\n${membersText()}`)
    .action(
      async (file: string, { config: configFile, json, dryRun, offline, changeSubjects }: Options & ApplyOptions) => {
        const registrations = readRegistrations(file);
        await withInstallation(terminal, configFile, async ({ config, storage, requireSecret }) => {
          await requireSecret();
          const how = { dryRun: dryRun === true, offline: offline === true, changeSubjects: changeSubjects === true };
          const results = await applyClients(registrations, applyDeps(terminal, { config, storage }, how));
          if (json)
            terminal.write(`${JSON.stringify({ dryRun: dryRun === true, clients: results.map(jsonOf) }, null, 2)}\n`);
          else {
            for (const result of results.filter(({ outcome }) => outcome !== 'refused'))
              terminal.write(resultText(result));
            for (const result of results.filter(({ outcome }) => outcome === 'refused'))
              terminal.writeError(resultText(result));
            if (dryRun) terminal.write('Dry run, nothing was changed.\n');
          }
          if (results.some(({ outcome }) => outcome === 'refused'))
            exit(results.every(({ outcome }) => outcome === 'refused') ? 1 : 2);
        });
      },
    );

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

/** @throws CommandFault naming the file and what is wrong with it */
function readRegistrations(file: string): unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === undefined
          ? `it is not JSON: ${(error as Error).message}`
          : `it cannot be read (${code})`;
    throw new CommandFault(`${printable(file)}: ${printable(reason)}`);
  }
  if (Array.isArray(parsed)) return parsed;
  throw new CommandFault(`${printable(file)}: it must hold an array of registrations: [ { "client_name": … } ]`);
}

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

const APPLY_HELP = `
client_id and client_secret may be left out. Pedel then makes them and shows the
secret only once. An application without client_id is recognised by its
client_name. A member that a registration no longer has is removed. Applying the
same file again changes nothing.

logo_uri is fetched once, and Pedel serves the picture: an SVG, or a PNG at
least 80 pixels high. Where that fails, the application is registered, and the
reason printed; the next run tries again. A new picture needs a new logo_uri.

Exit status:
  0  all registrations were applied
  1  all were refused, or the file cannot be read
  2  some were refused

Example of a file:
  [{
    "client_name": "Toledo", "client_name#nl": "Toledo",
    "redirect_uris": ["https://toledo.example.edu/callback"],
    "scope": "openid profile email",
    "pedel_first_party": true
  }]

Examples:
  pedel clients apply clients.json --dry-run
  pedel clients apply clients.json --json > made.json
`;

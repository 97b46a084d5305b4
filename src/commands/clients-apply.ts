/** `pedel clients apply`: brings registrations to what a file says; with `--prune` it also deletes those that the file looked after and names no more. */
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { readSecretName, type SecretLife, secretLives } from '../domain/clients/client-secrets.ts';
import { clientMembers } from '../domain/clients/metadata/client-members.ts';
import { systemActor } from '../use-cases/actor.ts';
import { type ApplyDeps, type ApplyResult, applyClients } from '../use-cases/clients/apply-clients.ts';
import { type PrunedClient, pruneClients } from '../use-cases/clients/prune-clients.ts';
import { firstSecretOf } from '../use-cases/clients/register.ts';
import { applyDeps, jsonOf, resultText } from './clients-applying.ts';
import { membersText } from './clients-members.ts';
import { configOption } from './configuration.ts';
import { type Installation, withInstallation } from './installation.ts';
import { CommandFault, count, printable, type Setting, type Terminal, userOf } from './terminal.ts';

type Options = {
  config?: string;
  json?: true;
  dryRun?: true;
  offline?: true;
  changeSubjects?: true;
  managedBy?: string;
  prune?: true;
  secretName?: string;
  secretExpires?: SecretLife;
};

export function applyCommand({ terminal, exit }: Setting): Command {
  return new Command('apply')
    .description('create and change registrations as a file says; applications that it does not mention stay')
    .argument('<file>', 'a JSON array of registration metadata (RFC 7591), or - for standard input')
    .option('-n, --dry-run', 'say what would change, and change nothing')
    .option('--managed-by <name>', 'this file looks after them (pedel_managed_by), by this name', managedByName)
    .option('--prune', 'delete those that are managed by this name and no longer in the file; 30 days to take one back')
    .option('--secret-name <name>', 'what you call each secret that is made', secretNamed)
    .addOption(new Option('--secret-expires <when>', 'until when such a secret works').choices(secretLives))
    .option('--offline', 'fetch no logos and look at no keys: ask no other host')
    .option('--change-subjects', 'let subject_type or the sector change: everybody becomes new to the application')
    .option(
      '--json',
      'the result as JSON, for scripts: { dryRun, clients: [{ client_id, outcome, members, client_secret, warning }] }, client_secret where one was made, warning where something is not as it should be; refused ones are { client_id, client, outcome, faults }, client as the file calls them; pruned ones have removed_on',
    )
    .addOption(configOption())
    .addHelpText('after', () => `${APPLY_HELP}\n${membersText()}`)
    .action(async (file: string, options: Options) => {
      const { config: configFile, json } = options;
      const dryRun = options.dryRun === true;
      const registrations = read(file, options);
      await withInstallation(terminal, configFile, async ({ config, storage, requireSecret }) => {
        await requireSecret();
        const how = { dryRun, offline: options.offline === true, changeSubjects: options.changeSubjects === true };
        const deps = { ...applyDeps(terminal, { config, storage }, how), ...secretsOf(options, terminal) };
        const results = await applyClients(registrations, deps);
        const refused = results.filter(({ outcome }) => outcome === 'refused');
        const pruned = options.prune === true ? await prune(results, options, terminal, storage) : [];
        if (json) {
          const clients = [...results.map(jsonOf), ...pruned.map(prunedJson)];
          terminal.write(`${JSON.stringify({ dryRun, clients }, null, 2)}\n`);
        } else {
          for (const result of results) if (result.outcome !== 'refused') terminal.write(resultText(result));
          for (const each of pruned) terminal.write(prunedText(each));
          for (const result of refused) terminal.writeError(resultText(result));
          if (dryRun) terminal.write('Dry run, nothing was changed.\n');
        }
        if (options.prune === true && refused.length > 0)
          terminal.writeError('nothing was pruned, because registrations were refused\n');
        if (refused.length > 0) exit(refused.length === results.length ? 1 : 2);
      });
    });
}

/** Of secrets that are made; the file says itself what holds of one that it gives. Neither named: they have no name and no end. */
function secretsOf({ secretName, secretExpires }: Options, terminal: Terminal): Pick<ApplyDeps, 'firstSecret'> {
  if (secretName === undefined && secretExpires === undefined) return {};
  const secret = { name: secretName ?? 'first secret', life: secretExpires ?? 'none' };
  return { firstSecret: firstSecretOf(systemActor(userOf(terminal.environment).by), secret, terminal.now()) };
}

function secretNamed(text: string): string {
  const name = readSecretName(text);
  if (name === undefined) throw new InvalidArgumentError('It must be 1 to 60 characters in one line.');
  return name;
}

/** Where one is refused it is not known which the file names, so none is deleted. */
async function prune(
  results: ApplyResult[],
  { managedBy, dryRun }: Options,
  terminal: Terminal,
  { clients, roleGrants }: Installation['storage'],
): Promise<PrunedClient[]> {
  if (managedBy === undefined || results.some(({ outcome }) => outcome === 'refused')) return [];
  const { now, randomBytes } = terminal;
  return pruneClients(
    systemActor(userOf(terminal.environment).by),
    { managedBy, named: new Set(results.map(({ client }) => client)), dryRun: dryRun === true },
    { clients, now, randomBytes, grants: async () => (await roleGrants.read()).grants },
  );
}

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);
const prunedJson = ({ client, removeAt }: PrunedClient) => ({
  client_id: client,
  outcome: 'deleted',
  removed_on: dayOf(removeAt),
});
const prunedText = ({ client, removeAt }: PrunedClient) =>
  `${printable(client)}: deleted, because the file names it no more\n    removed for good on ${dayOf(removeAt)}; until then pedel clients enable ${printable(client)} takes it back\n`;

/** The registrations, each with who looks after it. @throws CommandFault naming the file and what is wrong with it */
function read(file: string, { managedBy, prune: prunes }: Options): unknown[] {
  if (prunes === true && managedBy === undefined)
    throw new CommandFault('--prune needs --managed-by: it deletes only what is managed by that name');
  const registrations = readRegistrations(file);
  if (prunes === true && registrations.length === 0)
    throw new CommandFault(`${printable(file)}: it names no application, so --prune would delete all of ${managedBy}`);
  if (managedBy === undefined) return registrations;
  const others = registrations.filter((each) => ![undefined, managedBy].includes(managerOf(each)));
  if (others.length > 0)
    throw new CommandFault(
      `${printable(file)}: ${count(others.length, 'registration')} of it ${others.length === 1 ? 'has' : 'have'} another pedel_managed_by than ${managedBy}: leave it out`,
    );
  return registrations.map((each) =>
    typeof each === 'object' && each !== null && !Array.isArray(each) ? { ...each, pedel_managed_by: managedBy } : each,
  );
}

const managerOf = (registration: unknown) => (registration as { pedel_managed_by?: string } | null)?.pedel_managed_by;

function managedByName(text: string): string {
  const { expected, schema } = clientMembers.pedel_managed_by;
  if (!schema.safeParse(text).success) throw new InvalidArgumentError(`It must be ${expected}.`);
  return text;
}

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

const APPLY_HELP = `
client_id and client_secret may be left out. Pedel then makes them and shows the
secret only once. An application without client_id is recognised by its
client_name. A member that a registration no longer has is removed. Applying the
same file again changes nothing.

With --managed-by the file looks after what it names: the console says so to who
is about to change it there. --prune then deletes the applications of that name
that are no longer in the file, and never another; look with --dry-run first. It
deletes nothing where a registration is refused, or the file is empty.

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
  pedel clients apply clients.json --managed-by campus/clients.json --prune
`;

/** `pedel clients secret`: an application's secrets are added, told apart by their last use, renamed and retired. */
import { Command, Option } from 'commander';
import { MOST_SECRETS, type SecretLife, secretLives } from '../domain/clients/client-secrets.ts';
import type { Storage } from '../domain/ports/storage.ts';
import { systemActor } from '../use-cases/actor.ts';
import {
  addSecret,
  type Denied,
  listSecrets,
  renameSecret,
  retireSecret,
  type SecretInUse,
  type SecretsPorts,
} from '../use-cases/clients/secrets.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { localTime } from './since.ts';
import { CommandFault, printable, type Setting, type Terminal, userOf } from './terminal.ts';

type Options = { config?: string; json?: true };

export function secretCommand(setting: Setting): Command {
  const command = new Command('secret').description('add, list, rename and retire the secrets of an application');
  for (const each of [listing, adding, renaming, retiring]) command.addCommand(each(setting));
  return command.addHelpText('after', HELP);
}

function listing({ terminal }: Setting): Command {
  return new Command('list')
    .description('list the secrets of an application by name, with their end and last use, never their values')
    .argument('<client_id>')
    .option('--json', '{ client_id, secrets: [{ id, name, state, made, by, expires, last_used }] }, for scripts')
    .addOption(configOption())
    .action(async (id: string, { config, json }: Options) => {
      await withInstallation(terminal, config, async ({ storage }) => {
        const { secrets, method } = await listed(id, terminal, storage);
        if (json) terminal.write(`${JSON.stringify({ client_id: id, secrets: secrets.map(shown) }, null, 2)}\n`);
        else if (secrets.length === 0)
          terminal.write(method.startsWith('client_secret_') ? `${printable(id)} has no secret\n` : NEEDS_NONE(id));
        else for (const secret of secrets) terminal.write(`${lineOf(secret)}\n`);
      });
    });
}

function adding({ terminal }: Setting): Command {
  return new Command('add')
    .description('make one more secret, which is printed once; those that the application has go on working')
    .argument('<client_id>')
    .requiredOption('--name <name>', 'what you call it, such as the server that gets it')
    .addOption(new Option('--expires <when>', 'until when it works').choices(secretLives).default('1-year'))
    .option(
      '--json',
      '{ client_id, client_secret, client_secret_expires_at, id, name }, for scripts; 0: it does not expire',
    )
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  pedel clients secret add toledo --name "new server" --expires 2-years\n')
    .action(async (id: string, { config, json, name, expires }: Options & { name: string; expires: SecretLife }) => {
      await withInstallation(terminal, config, async ({ storage, requireSecret }) => {
        await requireSecret();
        const outcome = await addSecret(
          actorOf(terminal),
          { client: id, name, life: expires },
          ports(terminal, storage),
        );
        if (outcome.kind !== 'added') throw notAdded(id, name, outcome);
        const { secret, stored } = outcome;
        const told = {
          client_id: id,
          client_secret: secret,
          client_secret_expires_at: Math.floor((stored.expiresAt ?? 0) / 1000),
          id: stored.id,
          name: stored.name,
        };
        if (json) terminal.write(`${JSON.stringify(told, null, 2)}\n`);
        else
          terminal.write(
            `${printable(id)}: secret added\n    id             ${stored.id}\n    client_secret  ${secret}   (shown only now)\n` +
              `    expires        ${stored.expiresAt === undefined ? 'never' : localTime(stored.expiresAt)}\n`,
          );
      });
    });
}

function renaming({ terminal }: Setting): Command {
  return new Command('rename')
    .description('call a secret something else')
    .argument('<client_id>')
    .argument('<secret>', 'its id or name')
    .argument('<name>', 'the new name')
    .addOption(configOption())
    .action(async (id: string, which: string, name: string, { config }: Options) => {
      await withInstallation(terminal, config, async ({ storage, requireSecret }) => {
        await requireSecret();
        const secret = await named(id, which, terminal, storage);
        const input = { client: id, secret: secret.id, name };
        const outcome = await renameSecret(actorOf(terminal), input, ports(terminal, storage));
        if (outcome.kind === 'unknown-secret') throw unknownSecret(id, which);
        if (outcome.kind !== 'renamed') throw notAdded(id, name, outcome);
        terminal.write(`${printable(id)}: ${secret.id} is called ${printable(outcome.secret.name ?? '')}\n`);
      });
    });
}

function retiring({ terminal }: Setting): Command {
  return new Command('retire')
    .description('end a secret: from then on it opens nothing')
    .argument('<client_id>')
    .argument('<secret>', 'its id or name')
    .option('--anyway', 'also where it was used in the last 24 hours, or is the only one')
    .option('--json', '{ client_id, id, outcome: "retired" }, for scripts')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  pedel clients secret retire toledo "old server"\n')
    .action(async (id: string, which: string, { config, json, anyway }: Options & { anyway?: true }) => {
      await withInstallation(terminal, config, async ({ storage, requireSecret }) => {
        await requireSecret();
        const secret = await named(id, which, terminal, storage);
        const input = { client: id, secret: secret.id, confirmed: anyway === true };
        const outcome = await retireSecret(actorOf(terminal), input, ports(terminal, storage));
        const name = `${printable(id)}: ${nameOf(secret)}`;
        if (outcome.kind === 'unknown-secret') throw unknownSecret(id, which);
        if (outcome.kind === 'used-recently')
          throw new CommandFault(
            `${name} is in use: last in the hour that began ${localTime(outcome.at)}. Give the application its new secret first, wait a day, and retire this one then; or, if it leaked, add --anyway`,
          );
        if (outcome.kind === 'only-one')
          throw new CommandFault(
            `${name} is the only secret that works: without it the application gets no tokens. Add another first (pedel clients secret add); or, if it leaked, add --anyway`,
          );
        if (outcome.kind !== 'retired') throw notFound(id, outcome);
        terminal.write(
          json ? `${JSON.stringify({ client_id: id, id: secret.id, outcome: 'retired' })}\n` : `${name}: retired\n`,
        );
      });
    });
}

const actorOf = ({ environment }: Terminal) => systemActor(userOf(environment).by);

const ports = ({ now, randomBytes }: Terminal, { clients, clientUses }: Storage): SecretsPorts => ({
  clients,
  clientUses,
  grants: async () => [], // whoever works at the machine may act on every role
  now,
  randomBytes,
});

async function listed(id: string, terminal: Terminal, storage: Storage) {
  const outcome = await listSecrets(actorOf(terminal), id, ports(terminal, storage));
  if (outcome.kind !== 'listed') throw notFound(id, outcome);
  return outcome;
}

/** By its id, or by its name where one that works has it. */
async function named(id: string, which: string, terminal: Terminal, storage: Storage): Promise<SecretInUse> {
  const { secrets } = await listed(id, terminal, storage);
  const wanted = which.trim().toLowerCase();
  const found =
    secrets.find((secret) => secret.id === which) ??
    secrets.find(({ living, name }) => living && name?.toLowerCase() === wanted);
  if (found === undefined) throw unknownSecret(id, which);
  return found;
}

const nameOf = ({ id, name }: Pick<SecretInUse, 'id' | 'name'>) => printable(name ?? `the secret ${id}`);

function lineOf(secret: SecretInUse): string {
  const { id, living, expiresAt, createdAt, hour } = secret;
  const ends = expiresAt === undefined ? 'no end' : `${living ? 'until' : 'EXPIRED'} ${localTime(expiresAt)}`;
  const used = hour === undefined ? 'no use known' : `last used in the hour of ${localTime(hour)}`;
  return `${id}  ${printable(secret.name ?? '(no name)').padEnd(24)}  made ${localTime(createdAt)}, ${ends}, ${used}`;
}

const iso = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());

const shown = ({ id, name, living, createdAt, by, expiresAt, hour }: SecretInUse) => ({
  id,
  name: name ?? null,
  state: living ? 'usable' : 'expired',
  made: iso(createdAt),
  by: by ?? null,
  expires: iso(expiresAt),
  last_used: iso(hour),
});

const unknownSecret = (id: string, which: string) =>
  new CommandFault(
    `${printable(id)} has no secret with the id or name "${printable(which.slice(0, 100))}"; pedel clients secret list ${printable(id)} prints them`,
  );

function notFound(id: string, { kind }: Denied): CommandFault {
  const name = printable(id.slice(0, 200));
  return new CommandFault(
    kind === 'not-found'
      ? `no application has the client_id "${name}"; pedel clients list prints them all`
      : `the secrets of ${name} may not be changed`,
  );
}

const NEEDS_NONE = (id: string) => `${printable(id)} takes no secret: its registration says how it authenticates\n`;

type NotAdded =
  | Denied
  | { kind: 'was-added' }
  | { kind: 'full' | 'name-refused' | 'name-taken' }
  | { kind: 'takes-none'; method: string };

function notAdded(id: string, name: string, outcome: NotAdded): CommandFault {
  switch (outcome.kind) {
    case 'full':
      return new CommandFault(
        `${printable(id)} has ${MOST_SECRETS} secrets that work, and no application has more: retire one first (pedel clients secret list)`,
      );
    case 'name-refused':
      return new CommandFault('give a name of 1 to 60 characters in one line');
    case 'name-taken':
      return new CommandFault(`another secret of ${printable(id)} is called "${printable(name)}": choose another name`);
    case 'takes-none':
      return new CommandFault(
        `${printable(id)} takes no secret: it is registered with token_endpoint_auth_method ${outcome.method}`,
      );
    case 'was-added':
      return new CommandFault(`${printable(id)} has that secret already`);
    default:
      return notFound(id, outcome);
  }
}

const HELP = `
An application has up to ${MOST_SECRETS} secrets that work at the same time. To replace one: add
another, give it to the application, wait until the old one is no longer used
(list), and retire it. Nobody is signed out by it.

A node notes the use of a secret within seconds, to the hour. The contacts of
the application get an email 30, 7 and 1 days before a secret expires.
`;

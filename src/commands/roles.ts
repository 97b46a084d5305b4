/** `pedel roles`: who may do what in Pedel itself; lists, grants and revokes. */

import { Argument, Command, Option } from 'commander';
import type { Account } from '../domain/account/account.ts';
import { normalizeLogin } from '../domain/account/login.ts';
import { type RoleGrant, type RoleName, roleNames } from '../domain/roles/role.ts';
import { systemActor } from '../use-cases/actor.ts';
import { type RoleDeps, wordsOf } from '../use-cases/roles/deps.ts';
import { offerFirstOwner } from '../use-cases/roles/first-owner.ts';
import { type GrantFault, grantRole, MOST_GRANTS } from '../use-cases/roles/grant.ts';
import { listRoles, type NamedGrant } from '../use-cases/roles/list.ts';
import { revokeRole } from '../use-cases/roles/revoke.ts';
import { configOption } from './configuration.ts';
import { type Installation, withInstallation } from './installation.ts';
import { CommandFault, printable, type Setting, type Terminal, userOf } from './terminal.ts';

const ROLE_HELP = `
Roles, each with what it may do in the console and the API:
  owner                 everything, for the association; grants roles
  client-administrator  applications of its organisations
  people-administrator  people and imports of its organisations
  desk                  helps people of its organisations
  auditor               reads, and exports the audit log
No import changes the account of a person with a role.
`;

type Where = { organisation?: string[]; association?: true };
type Common = { config?: string; json?: true };

export function rolesCommand({ terminal }: Setting): Command {
  const command = new Command('roles');
  command
    .command('list')
    .description('list who has which role, and where')
    .option('--json', 'as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', `${ROLE_HELP}\nExample:\n  pedel roles list\n`)
    .action(async ({ config, json }: Common) => {
      await withInstallation(terminal, config, async (installation) => {
        await installation.requireSecret();
        const found = await listRoles(actorAt(terminal), depsOf(installation, terminal));
        if (found.kind !== 'listed') throw new TypeError('a command may list them');
        if (json) terminal.write(`${JSON.stringify(found.grants.map(visible), null, 2)}\n`);
        else if (found.grants.length === 0)
          terminal.write('nobody has a role yet; make an owner with pedel roles grant NUMBER owner\n');
        else for (const grant of found.grants) terminal.write(lineOf(grant));
      });
    });
  command
    .command('grant')
    .description('grant a role to a person or a service client')
    .argument('<holder>', 'user number or institution address; with --client, the client_id')
    .addArgument(new Argument('<role>', 'role in Pedel').choices(roleNames))
    .option('--client', 'the holder is a client that authenticates and has client_credentials')
    .addOption(
      new Option('--organisation <id>', 'for this organisation; may be given several times')
        .argParser((value: string, before: string[] = []) => [...before, value])
        .conflicts('association'),
    )
    .option('--association', 'for every organisation, and what belongs to none (an owner always)')
    .option('--json', '{ grant, changed } as JSON, for scripts')
    .addOption(configOption())
    .addHelpText(
      'after',
      `${ROLE_HELP}\nExamples:\n  pedel roles grant u0000001 owner\n  pedel roles grant r0123456 desk --organisation example\n`,
    )
    .action(async (holder: string, role: RoleName, given: Common & Where & { client?: true }) => {
      await withInstallation(terminal, given.config, async (installation) => {
        await installation.requireSecret();
        const id = given.client ? holder : (await accountOf(installation, holder)).id;
        const wanted = { holder: { kind: given.client ? 'client' : 'person', id } as const, role };
        const organisations = placesOf(role, given, installation);
        const outcome = await granted({ ...wanted, organisations }, installation, terminal);
        if (given.json)
          terminal.write(`${JSON.stringify({ grant: outcome.grant, changed: outcome.kind === 'granted' })}\n`);
        else
          terminal.write(
            `${printable(`${outcome.kind === 'granted' ? 'granted' : 'unchanged'}: ${describe(outcome.grant, holder)}`)}\n`,
          );
      });
    });
  command
    .command('revoke')
    .description('take a role away; what it allowed stops with the next request')
    .argument('<id>', 'of the grant, as pedel roles list prints it')
    .option('--json', '{ id, revoked } as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', '\nThe last owner who can sign in stays.\n\nExample:\n  pedel roles revoke 3f2a9c01\n')
    .action(async (id: string, { config, json }: Common) => {
      await withInstallation(terminal, config, async (installation) => {
        await installation.requireSecret();
        const grant = await revoked(await wholeId(id, installation), installation, terminal);
        terminal.write(
          json
            ? `${JSON.stringify({ id: grant.id, revoked: true })}\n`
            : `${printable(`revoked: ${describe(grant)}`)}\n`,
        );
      });
    });
  command
    .command('first-owner')
    .description('print a link with which the first owner sets up an account; it opens once, for 24 hours')
    .option('--json', '{ link } as JSON, for scripts; null where there is an owner')
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nOnly while no owner can sign in. Somebody who has an account is made an owner with pedel roles grant.\n\nExample:\n  pedel roles first-owner\n',
    )
    .action(async ({ config: file, json }: Common) => {
      await withInstallation(terminal, file, async (installation) => {
        await installation.requireSecret();
        const { storage, config } = installation;
        const deps = { ...depsOf(installation, terminal), ports: storage };
        const key = await offerFirstOwner(deps);
        if (json)
          terminal.write(
            `${JSON.stringify({ link: key === undefined ? null : firstOwnerLink(config.issuer, key) })}\n`,
          );
        else
          terminal.write(
            key === undefined
              ? 'there is an owner who can sign in: pedel roles list\n'
              : firstOwnerText(config.issuer, key),
          );
      });
    });
  return command;
}

const firstOwnerLink = (issuer: string, key: string) => `${issuer}/first-owner?key=${key}`;

/** For a terminal, which nobody else reads. */
export const firstOwnerText = (issuer: string, key: string) =>
  `Nobody is an owner yet. This link sets one up; it opens once, for 24 hours:\n  ${firstOwnerLink(issuer, key)}\n`;

export const actorAt = (terminal: Terminal) => systemActor(userOf(terminal.environment).by);

export function depsOf({ storage, config }: Installation, { now, randomBytes }: Terminal): RoleDeps {
  return { ports: storage, organisations: config.organisations, now, randomBytes };
}

/** @throws CommandFault */
export async function granted(
  wanted: Pick<RoleGrant, 'holder' | 'role' | 'organisations'>,
  installation: Installation,
  terminal: Terminal,
) {
  const outcome = await grantRole(actorAt(terminal), wanted, depsOf(installation, terminal));
  if (outcome.kind === 'granted' || outcome.kind === 'unchanged') return outcome;
  if (outcome.kind !== 'refused') throw new TypeError('a command may grant');
  throw new CommandFault(remedyOf(outcome.fault, wanted, installation));
}

/** @throws CommandFault */
export async function revoked(id: string, installation: Installation, terminal: Terminal): Promise<RoleGrant> {
  const outcome = await revokeRole(actorAt(terminal), id, depsOf(installation, terminal));
  if (outcome.kind === 'revoked') return outcome.grant;
  if (outcome.kind === 'not-allowed' && outcome.because === 'last-owner')
    throw new CommandFault(
      'that is the last owner who can sign in: make another one first (pedel roles grant NUMBER owner)',
    );
  throw noSuchGrant(id);
}

/** Nothing wider than asked: the association is named too. @throws CommandFault */
function placesOf(role: RoleName, { organisation, association }: Where, { config }: Installation) {
  if (organisation !== undefined) return organisation;
  if (association || role === 'owner') return 'association';
  const ids = config.organisations.map(({ id }) => id);
  throw new CommandFault(`say where it holds: --organisation, one of ${ids.join(', ')}; or --association`);
}

function remedyOf(
  fault: GrantFault,
  { holder }: Pick<RoleGrant, 'holder'>,
  { config }: Pick<Installation, 'config'>,
): string {
  const id = printable(holder.id.slice(0, 80));
  const sentences: Record<GrantFault, string> = {
    'no-role': `the roles are ${roleNames.join(', ')}`,
    'no-holder': holder.kind === 'client' ? `no client has the id "${id}"` : `no account has the id "${id}"`,
    ended: holder.kind === 'client' ? `the client "${id}" has expired` : 'this account has ended',
    'not-a-service':
      `the client "${id}" cannot hold a role: it needs grant_types with client_credentials, a secret or key ` +
      '(token_endpoint_auth_method), and an operator who registered it',
    'no-organisation': 'name an organisation, or the association',
    'unknown-organisation': `the organisations are ${config.organisations.map((each) => each.id).join(', ')}`,
    'owner-of-association': 'an owner is one of the whole association: leave out --organisation',
    many: `there are ${MOST_GRANTS} grants, and no more may be made: revoke some`,
  };
  return sentences[fault];
}

/** The beginning of an id will do where only one has it. @throws CommandFault */
async function wholeId(id: string, { storage }: Installation): Promise<string> {
  const { grants } = await storage.roleGrants.read();
  const found = grants.filter((grant) => id !== '' && grant.id.startsWith(id));
  if (found.length > 1)
    throw new CommandFault(`several grants have ids that begin with "${printable(id)}": give more of it`);
  const [only] = found;
  if (only === undefined) throw noSuchGrant(id);
  return only.id;
}

const noSuchGrant = (id: string) =>
  new CommandFault(`no grant has the id "${printable(id.slice(0, 80))}"; pedel roles list prints them all`);

/** @throws CommandFault */
export async function accountOf({ storage }: Pick<Installation, 'storage'>, number: string): Promise<Account> {
  const account = await storage.accounts.findByLogin(normalizeLogin(number));
  if (account === undefined) throw new CommandFault(`no account has the number or address "${printable(number)}"`);
  return account;
}

/** `name`: as it was typed */
const describe = ({ role, organisations, holder, id }: RoleGrant, name = holder.id) =>
  `${role} (${wordsOf(organisations)}) of ${holder.kind} ${name}, grant ${id.slice(0, 8)}`;

function lineOf({ id, holder, name, role, organisations, grantedAt, state }: NamedGrant): string {
  const day = new Date(grantedAt).toISOString().slice(0, 10);
  const who = `${name}${holder.kind === 'client' ? ' (service client)' : ''}${state === 'able' ? '' : ` [${state}]`}`;
  return `${printable(`${id.slice(0, 8)}  ${role.padEnd(20)}  ${wordsOf(organisations).padEnd(16)}  ${day}  ${who}`)}\n`;
}

function visible({ grantedAt, ...grant }: NamedGrant) {
  return { ...grant, grantedAt: new Date(grantedAt).toISOString() };
}

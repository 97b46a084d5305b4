/** `pedel people`: imports people, grants and revokes roles, and shows the state of an account. */
import { Argument, Command } from 'commander';
import { type Account, accessOf, type Role } from '../domain/account/account.ts';
import { normalizeLogin } from '../domain/account/login.ts';
import { updateAccount } from '../domain/account/update-account.ts';
import type { Storage } from '../domain/ports/storage.ts';
import { dispatchEffects } from '../jobs/effects.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { importCommand } from './people-import.ts';
import { CommandFault, printable, type Setting } from './terminal.ts';

const ROLES: Role[] = ['owner', 'admin', 'helpdesk'];

const ROLE_HELP = `
A role protects the account: no import changes it. It gives nothing
else yet, whichever of the roles it is: what administrators do, they do with
this command line.
`;

export function peopleCommand(setting: Setting): Command {
  const { terminal } = setting;
  const command = new Command('people');
  command.addCommand(importCommand(setting));

  const roleCommand = (name: 'grant' | 'revoke', description: string, example: string) =>
    command
      .command(name)
      .description(description)
      .argument('<number>', 'user number or institution address of the person')
      .addArgument(new Argument('<role>', 'role in Pedel').choices(ROLES))
      .addOption(configOption())
      .option('--json', '{ number, roles, changed } as JSON, for scripts')
      .addHelpText('after', `${ROLE_HELP}\nExample:\n  ${example}\n`)
      .action(async (number: string, role: Role, { config, json }: { config?: string; json?: true }) => {
        await withInstallation(terminal, config, async ({ storage, requireSecret }) => {
          await requireSecret();
          const { account, changed } = await changeRole(storage, number, role, name, terminal.now());
          const roles = account.roles.join(', ') || 'no role';
          if (json)
            terminal.write(`${JSON.stringify({ number: account.userNumbers[0], roles: account.roles, changed })}\n`);
          else {
            terminal.write(
              `${nameOf(account)} (${account.userNumbers[0] ?? number}): ${changed ? `${roles} now` : `unchanged (${roles})`}\n`,
            );
            terminal.write(
              account.roles.length > 0
                ? 'No import changes this account while it has a role. The role gives nothing else yet.\n'
                : 'Imports change this account again.\n',
            );
          }
        });
      });
  roleCommand(
    'grant',
    'grant a person a role in Pedel (today: it protects the account from imports)',
    'pedel people grant u0000001 owner',
  );
  roleCommand('revoke', 'revoke a role of a person', 'pedel people revoke u0000001 admin');

  command
    .command('show')
    .description('show the state of an account, without secrets')
    .argument('<number>', 'user number or institution address of the person')
    .addOption(configOption())
    .option('--json', 'the same as JSON, for scripts')
    .addHelpText('after', '\nExample:\n  pedel people show r0123456\n')
    .action(async (number: string, { config, json }: { config?: string; json?: true }) => {
      await withInstallation(terminal, config, async ({ storage, requireSecret }) => {
        await requireSecret();
        const state = stateOf(await find(storage, number), terminal.now());
        terminal.write(json ? `${JSON.stringify(state, null, 2)}\n` : textOf(state));
      });
    });
  return command;
}

async function changeRole(storage: Storage, number: string, role: Role, act: 'grant' | 'revoke', now: number) {
  const { id } = await find(storage, number);
  const result = await updateAccount(storage.accounts, id, (account) => {
    if (account.roles.includes(role) === (act === 'grant')) return { outcome: undefined };
    const roles = act === 'grant' ? [...account.roles, role] : account.roles.filter((each) => each !== role);
    const actor = { kind: 'command' as const, id: `people ${act}` };
    return {
      outcome: undefined,
      account: { ...account, roles },
      effects: [
        {
          kind: 'audit',
          entry: {
            at: now,
            action: act === 'grant' ? 'role.granted' : 'role.revoked',
            actor,
            subject: id,
            details: { role },
          },
        },
      ],
    };
  });
  // so that `pedel audit` shows the entry at once; ending sessions needs a running server, whose sweep does it
  const endSessions = async () => {
    throw new Error('only a running server ends sessions');
  };
  await dispatchEffects(result.account, { ...storage, endSessions, now: () => now }).catch(() => {});
  return result;
}

async function find({ accounts }: Storage, number: string): Promise<Account> {
  const account = await accounts.findByLogin(normalizeLogin(number));
  if (account === undefined) throw new CommandFault(`no account has the number or address "${printable(number)}"`);
  return account;
}

const nameOf = ({ givenName, familyName }: Account) => printable(`${givenName} ${familyName}`.trim());

/** The account as an operator may see it: no hash, seed, ticket or code. */
function stateOf(account: Account, now: number) {
  const day = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
  const access = accessOf(account, now);
  const state = account.activatedAt === undefined ? 'not active yet' : access.kind === 'open' ? 'active' : 'ended';
  return {
    account: account.id,
    state,
    name: nameOf(account),
    numbers: account.userNumbers,
    formerNumbers: account.formerNumbers ?? [],
    addresses: account.emails,
    personalAddress: account.personalEmail,
    language: account.language,
    affiliations: account.affiliations,
    groups: account.groups,
    entitlements: account.entitlements,
    orcid: account.orcid,
    activatedAt: day(account.activatedAt),
    opensAt: access.kind === 'later' ? day(access.from) : undefined,
    endsAt: day(account.endsAt),
    roles: account.roles,
    password: account.password === undefined ? 'none' : `set ${day(account.password.setAt)}`,
    factors: [...account.totps, ...account.passkeys].map(({ name, createdAt }) => `${name} (${day(createdAt)})`),
    recoveryCodesLeft: account.recoveryCodes?.macs.length ?? 0,
    openTickets: account.tickets
      .filter(({ expiresAt }) => expiresAt > now)
      .map(({ purpose, expiresAt }) => `${purpose} until ${day(expiresAt)}`),
    sources: account.feeds.map(({ source, key }) => `${source}: ${key}`),
  };
}

function textOf(state: ReturnType<typeof stateOf>): string {
  const lines = Object.entries(state).flatMap(([name, value]) => {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
    const values = Array.isArray(value) ? value : [value];
    return values.map((each, index) => {
      const text = typeof each === 'object' ? Object.values(each).join(' · ') : String(each);
      return `${(index === 0 ? name : '').padEnd(18)} ${printable(text)}`;
    });
  });
  return `${lines.join('\n')}\n`;
}

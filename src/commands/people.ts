/** `pedel people`: imports people, grants and revokes roles, suspends accounts, and shows the state of one. */
import { Argument, Command } from 'commander';
import { endInWords, wordsIn } from '../../locales/end-in-words.ts';
import type { Account } from '../domain/account/account.ts';
import { accessOf } from '../domain/account/account-access.ts';
import type { Language } from '../domain/account/languages.ts';
import { explain } from '../domain/lifecycle/explain.ts';
import { formerRoles, isHeldBy, type RoleHolder, type RoleName, roleNames } from '../domain/roles/role.ts';
import { configOption } from './configuration.ts';
import { type Installation, withInstallation } from './installation.ts';
import { languageOption, sentencesIn } from './language-option.ts';
import { importCommand } from './people-import.ts';
import { importsCommand } from './people-imports.ts';
import { addMerging } from './people-merging.ts';
import { addSuspending } from './people-suspending.ts';
import { accountOf, granted, revoked } from './roles.ts';
import { printable, type Setting, type Terminal } from './terminal.ts';

/** What the roles were called before, and the names of now. */
const ROLES = [...new Set(['owner', ...Object.keys(formerRoles), ...roleNames])];

const ROLE_HELP = `
The short form of pedel roles grant and revoke, for the whole association. admin is both
administrators and helpdesk the desk, as these roles were called before.
pedel roles grant --help says what each role may do.
`;

const SHOW_HELP = `
"end" says in sentences when and why access ends, as the person reads it on the account page and
in emails. It is what --language speaks; the names of the lines stay as they are, for scripts.

Examples:
  pedel people show r0123456
  pedel people show r0123456 --language nl
`;

type ShowOptions = { config?: string; json?: true; language: Language };

export function peopleCommand(setting: Setting): Command {
  const { terminal } = setting;
  const command = new Command('people');
  command.addCommand(importCommand(setting));
  command.addCommand(importsCommand(setting));

  const roleCommand = (name: 'grant' | 'revoke', description: string, example: string) =>
    command
      .command(name)
      .description(description)
      .argument('<number>', 'user number or institution address of the person')
      .addArgument(new Argument('<role>', 'role in Pedel').choices(ROLES))
      .addOption(configOption())
      .option('--json', '{ number, roles, changed } as JSON, for scripts')
      .addHelpText('after', `${ROLE_HELP}\nExample:\n  ${example}\n`)
      .action(async (number: string, role: string, { config, json }: { config?: string; json?: true }) => {
        await withInstallation(terminal, config, async (installation) => {
          await installation.requireSecret();
          const { id } = await accountOf(installation, number);
          const wanted = formerRoles[role] ?? [role as RoleName];
          const holder = { kind: 'person', id } as const;
          const changed =
            name === 'grant'
              ? await grantAll(holder, wanted, installation, terminal)
              : await revokeAll(holder, wanted, installation, terminal);
          const account = await accountOf(installation, number);
          const roles = account.roles.join(', ') || 'no role';
          if (json)
            terminal.write(`${JSON.stringify({ number: account.userNumbers[0], roles: account.roles, changed })}\n`);
          else
            terminal.write(
              `${nameOf(account)} (${account.userNumbers[0] ?? number}): ${changed ? `${roles} now` : `unchanged (${roles})`}\n` +
                (account.roles.length > 0
                  ? 'No import changes this account while it has a role.\n'
                  : 'Imports change this account again.\n'),
            );
        });
      });
  roleCommand(
    'grant',
    'grant a person a role in Pedel, for the whole association',
    'pedel people grant u0000001 owner',
  );
  roleCommand('revoke', 'revoke a role of a person', 'pedel people revoke u0000001 admin');

  addSuspending(command, setting);
  addMerging(command, setting);

  command
    .command('show')
    .description('show the state of an account, without secrets')
    .argument('<number>', 'user number or institution address of the person')
    .addOption(configOption())
    .addOption(languageOption())
    .option('--json', 'the same as JSON, for scripts')
    .addHelpText('after', SHOW_HELP)
    .action(async (number: string, { config, json, language }: ShowOptions) => {
      await withInstallation(terminal, config, async ({ storage, requireSecret, config: { organisations } }) => {
        await requireSecret();
        const account = await accountOf({ storage }, number);
        const words = wordsIn(language, await sentencesIn(language), organisations);
        const end = endInWords(explain(account, organisations, terminal.now()), words).join(' ');
        const state = stateOf(account, end, terminal.now());
        terminal.write(json ? `${JSON.stringify(state, null, 2)}\n` : textOf(state));
      });
    });
  return command;
}

async function grantAll(holder: RoleHolder, roles: RoleName[], installation: Installation, terminal: Terminal) {
  let changed = false;
  for (const role of roles) {
    const outcome = await granted({ holder, role, organisations: 'association' }, installation, terminal);
    changed ||= outcome.kind === 'granted';
  }
  return changed;
}

/** Wherever they hold. */
async function revokeAll(holder: RoleHolder, roles: RoleName[], installation: Installation, terminal: Terminal) {
  const { grants } = await installation.storage.roleGrants.read();
  const going = grants.filter((grant) => isHeldBy(grant, holder) && roles.includes(grant.role));
  for (const { id } of going) await revoked(id, installation, terminal);
  return going.length > 0;
}

const nameOf = ({ givenName, familyName }: Account) => printable(`${givenName} ${familyName}`.trim());

const statesOf = { open: 'active', later: 'ended', ended: 'ended', suspended: 'suspended' } as const;

/** The account as an operator may see it: no hash, seed, ticket or code. `end`: what its owner reads of it. */
function stateOf(account: Account, end: string, now: number) {
  const day = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
  const access = accessOf(account, now);
  const state = account.activatedAt === undefined ? 'not active yet' : statesOf[access.kind];
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
    end,
    suspension: account.suspension && {
      ...account.suspension,
      at: day(account.suspension.at),
      until: day(account.suspension.until),
    },
    legalHold: account.legalHold && { ...account.legalHold, at: day(account.legalHold.at) },
    roles: account.roles,
    password: account.password === undefined ? 'none' : `set ${day(account.password.setAt)}`,
    factors: [...account.totps, ...account.passkeys].map(({ name, createdAt }) => `${name} (${day(createdAt)})`),
    recoveryCodesLeft: account.recoveryCodes?.macs.length ?? 0,
    openTickets: account.tickets
      .filter(({ expiresAt }) => expiresAt > now)
      .map(({ purpose, expiresAt }) => `${purpose} until ${day(expiresAt)}`),
    sources: account.feeds.map(({ source, key }) => `${source}:${key}`),
    mergedFrom: account.mergedFrom,
  };
}

const isSaid = (value: unknown) => value !== undefined;

function textOf(state: ReturnType<typeof stateOf>): string {
  const lines = Object.entries(state).flatMap(([name, value]) => {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
    const values = Array.isArray(value) ? value : [value];
    return values.map((each, index) => {
      const text = typeof each === 'object' ? Object.values(each).filter(isSaid).join(' · ') : String(each);
      return `${(index === 0 ? name : '').padEnd(18)} ${printable(text)}`;
    });
  });
  return `${lines.join('\n')}\n`;
}

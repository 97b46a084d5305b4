/** `pedel registration tokens`: makes, lists and revokes initial access tokens. A token is shown once, when it is made. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { InitialAccessToken, InitialAccessTokens } from '../domain/ports/initial-access-tokens.ts';
import { MOST_DAYS, MOST_USES, type TokenAsked } from '../domain/registration/initial-access-token.ts';
import { clientKinds } from '../domain/registration/terms.ts';
import { addToken, revokeToken } from '../use-cases/registration/initial-access-tokens.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { CommandFault, count, printable, type Setting, userOf } from './terminal.ts';

type Common = { config?: string; json?: true };
type AddOptions = Common & {
  organisation?: string;
  host?: string[];
  kind?: TokenAsked['kinds'];
  uses: number;
  days: number;
  approval: boolean;
  pkce: boolean;
  note?: string;
};

export function registrationCommand(setting: Setting): Command {
  const command = new Command('registration');
  const tokens = command
    .command('tokens')
    .description('initial access tokens (RFC 7591): who holds one registers applications within its terms');
  addCommand(tokens, setting);
  listCommand(tokens, setting);
  revokeCommand(tokens, setting);
  return command;
}

function addCommand(tokens: Command, { terminal }: Setting): void {
  tokens
    .command('add')
    .description('make a token and show it once')
    .option('--organisation <id>', 'for which organisation; may be left out where there is one')
    .requiredOption(
      '--host <host>',
      'where the application is: app.example.edu, or *.example.edu for every host below; may be given several times',
      gathered,
    )
    .addOption(
      new Option('--kind <kind>', `${clientKinds.join(', ')}; may be given several times (default: web)`).argParser(
        kinds,
      ),
    )
    .option('--uses <number>', `how many applications it registers, 1 to ${MOST_USES}`, wholeNumber, 1)
    .option('--days <number>', `for how many days, 1 to ${MOST_DAYS}`, wholeNumber, 30)
    .option('--note <text>', 'for whom it is, for the list')
    .option('--no-approval', 'what it registers works at once, where dynamicRegistration.approval is by-token')
    .option('--no-pkce', 'applications that authenticate may go without PKCE')
    .option('--json', '{ token, id, organisation, hosts, kinds, … } as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', ADD_HELP)
    .action(async ({ config: file, json, ...given }: AddOptions) => {
      await withInstallation(terminal, file, async ({ config, storage, requireSecret }) => {
        await requireSecret();
        const { organisations, dynamicRegistration } = config;
        if (!given.approval && dynamicRegistration.approval === 'required')
          throw new CommandFault(
            'every application waits for approval, because dynamicRegistration.approval is required: set it to by-token, or leave out --no-approval',
          );
        const ids = organisations.map(({ id }) => id);
        const made = await addToken(askedOf(given, ids), ids, {
          tokens: storage.initialAccessTokens,
          now: terminal.now,
          randomBytes: terminal.randomBytes,
          ...userOf(terminal.environment),
        });
        if (made.kind === 'refused') throw new CommandFault(made.faults.map(faultText).join('\n'));
        if (!dynamicRegistration.enabled)
          terminal.writeError('pedel: it opens nothing yet: dynamicRegistration.enabled is false\n');
        terminal.write(
          json
            ? `${JSON.stringify({ token: made.secret, ...visible(made.token, terminal.now()) }, null, 2)}\n`
            : `${made.secret}   (shown only now)\n${lineOf(made.token, terminal.now())}`,
        );
      });
    });
}

function listCommand(tokens: Command, { terminal }: Setting): void {
  tokens
    .command('list')
    .description('list the tokens, also those that are used up or have expired; never the tokens themselves')
    .option('--json', 'as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  pedel registration tokens list\n')
    .action(async ({ config, json }: Common) => {
      await withInstallation(terminal, config, async ({ storage }) => {
        const found = await all(storage.initialAccessTokens);
        const now = terminal.now();
        if (json)
          terminal.write(
            `${JSON.stringify(
              found.map((token) => visible(token, now)),
              null,
              2,
            )}\n`,
          );
        else if (found.length === 0)
          terminal.write('there is no token; make one with pedel registration tokens add --host HOST\n');
        else for (const token of found) terminal.write(lineOf(token, now));
      });
    });
}

function revokeCommand(tokens: Command, { terminal }: Setting): void {
  tokens
    .command('revoke')
    .description('delete a token: it registers nothing any more; what it registered stays')
    .argument('<id>', 'as pedel registration tokens list prints it')
    .option('--json', '{ id, revoked } as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  pedel registration tokens revoke 3f2a9c01\n')
    .action(async (id: string, { config, json }: Common) => {
      await withInstallation(terminal, config, async ({ storage, requireSecret }) => {
        await requireSecret();
        const { now, randomBytes } = terminal;
        if (!(await revokeToken(id, { tokens: storage.initialAccessTokens, now, randomBytes })))
          throw new CommandFault(
            `no token has the id "${printable(id.slice(0, 80))}"; pedel registration tokens list prints them all`,
          );
        terminal.write(json ? `${JSON.stringify({ id, revoked: true })}\n` : `${printable(id)}: revoked\n`);
      });
    });
}

function askedOf(
  { organisation, host = [], kind = ['web'], uses, days, approval, pkce, note }: AddOptions,
  ids: string[],
) {
  const [only, ...others] = ids;
  if (organisation === undefined && others.length > 0)
    throw new CommandFault(`name the organisation for which it is: --organisation, one of ${ids.join(', ')}`);
  const asked: TokenAsked = {
    organisation: organisation ?? only ?? '',
    hosts: host,
    kinds: kind,
    approval: approval ? 'required' : 'none',
    pkce: pkce ? 'required' : 'optional',
    uses,
    days,
    ...(note === undefined ? {} : { note }),
  };
  return asked;
}

function faultText({ member, value, remedy }: { member: string; value?: string; remedy: string }): string {
  return printable(`${member}${value === undefined ? '' : ` ${JSON.stringify(value)}`}: ${remedy}`);
}

async function all(tokens: Pick<InitialAccessTokens, 'list'>): Promise<InitialAccessToken[]> {
  const found: InitialAccessToken[] = [];
  for (;;) {
    const page = await tokens.list(found.at(-1)?.id, 500);
    found.push(...page);
    if (page.length < 500) return found;
  }
}

function stateOf({ left, expiresAt }: InitialAccessToken, now: number): 'usable' | 'used up' | 'expired' {
  if (left < 1) return 'used up';
  return expiresAt <= now ? 'expired' : 'usable';
}

/** A token as people and scripts see it: without its hash. */
function visible({ hash: _, terms, expiresAt, createdAt, ...token }: InitialAccessToken, now: number) {
  return {
    ...token,
    ...terms,
    state: stateOf({ hash: '', terms, expiresAt, createdAt, ...token }, now),
    expires: new Date(expiresAt).toISOString(),
    created: new Date(createdAt).toISOString(),
  };
}

function lineOf(token: InitialAccessToken, now: number): string {
  const { id, terms, left, uses, expiresAt, note } = token;
  const state = stateOf(token, now);
  const until = new Date(expiresAt).toISOString().slice(0, 10);
  const conditions = [
    ...(terms.approval === 'none' ? ['without approval'] : []),
    ...(terms.pkce === 'optional' ? ['without PKCE'] : []),
  ];
  const parts = [
    id,
    terms.organisation,
    terms.kinds.join(','),
    terms.hosts.join(','),
    `${left} of ${count(uses, 'use')} left`,
    state === 'expired' ? `expired ${until}` : `until ${until}`,
    ...conditions,
    ...(note === undefined ? [] : [note]),
  ];
  return `${printable(parts.join('  '))}\n`;
}

const gathered = (value: string, before: string[] = []) => [...before, value];

function kinds(value: string, before: TokenAsked['kinds'] = []): TokenAsked['kinds'] {
  const kind = clientKinds.find((each) => each === value);
  if (kind === undefined) throw new InvalidArgumentError(`Give one of ${clientKinds.join(', ')}.`);
  return [...before, kind];
}

function wholeNumber(value: string): number {
  if (!/^\d{1,6}$/.test(value)) throw new InvalidArgumentError('Give a whole number.');
  return Number(value);
}

const ADD_HELP = `
Give the token to whoever runs the application, over a channel that you trust.
Only a hash of it is kept. It is sent as a bearer token to the registration
endpoint (docs/registration.md). What it registers has addresses on these hosts
only, learns no names (the pseudonymous bundle), and waits for
"pedel clients approve".

Kinds:
  web      a web server, which keeps a secret or a key
  spa      a page without a secret (token_endpoint_auth_method none)
  native   an application on a device (application_type native)
  service  one without sign-in (response_types [])

Examples:
  pedel registration tokens add --host wiki.example.edu --note "the wiki of ESAT"
  pedel registration tokens add --host '*.lab.example.edu' --uses 20 --days 90 --json
`;

/** `pedel sources`: what is configured of sources of people, the tokens with which they call SCIM, and what holds them. */
import { Command, InvalidArgumentError } from 'commander';
import type { Source } from '../domain/feed/source.ts';
import { TOKENS_AT_MOST } from '../domain/feed/source-token.ts';
import { systemActor } from '../use-cases/actor.ts';
import { releaseSource, safeguardState } from '../use-cases/scim/safeguard.ts';
import { addSourceToken, revokeSourceToken, tokensOfSource } from '../use-cases/scim/tokens.ts';
import { configOption } from './configuration.ts';
import { type Installation, withInstallation } from './installation.ts';
import { CommandFault, count, printable, type Setting, userOf } from './terminal.ts';

type Common = { config?: string; json?: true };

export function sourcesCommand(setting: Setting): Command {
  const command = new Command('sources');
  listCommand(command, setting);
  tokenCommand(command, setting);
  revokeCommand(command, setting);
  releaseCommand(command, setting);
  return command;
}

function listCommand(sources: Command, { terminal }: Setting): void {
  sources
    .command('list')
    .description('list the sources of the configuration, their tokens, and whom they ended over SCIM within 24 hours')
    .option('--json', 'as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  pedel sources list\n')
    .action(async ({ config: file, json }: Common) => {
      await withInstallation(terminal, file, async ({ config, storage }) => {
        const found = await Promise.all(
          config.sources.map(async (source) => ({
            id: source.id,
            organisations: source.organisations,
            ...(await safeguardState(storage, source, terminal.now())),
            tokens: (await tokensOfSource(storage.values, source.id)).map(({ hash: _, createdAt, ...token }) => ({
              ...token,
              created: new Date(createdAt).toISOString(),
            })),
          })),
        );
        if (json) terminal.write(`${JSON.stringify(found, null, 2)}\n`);
        else if (found.length === 0)
          terminal.write('there is no source; docs/operations.md says how one is configured\n');
        else for (const source of found) terminal.write(lineOf(source));
      });
    });
}

type Listed = {
  id: string;
  organisations: string[];
  people: number;
  closed: number;
  most: number;
  tokens: { id: string; created: string }[];
};

function lineOf({ id, organisations, people, closed, most, tokens }: Listed): string {
  const named = tokens.map((token) => `${token.id} of ${token.created.slice(0, 10)}`).join(', ');
  const parts = [
    id,
    organisations.join(', '),
    `${count(people, 'person', 'people')} over SCIM`,
    `${closed} of at most ${most} lost access within 24 hours`,
    tokens.length === 0 ? 'no token' : `tokens: ${named}`,
  ];
  return `${printable(parts.join('  '))}\n`;
}

function tokenCommand(sources: Command, { terminal }: Setting): void {
  sources
    .command('token')
    .description('make a token with which a source calls SCIM, and show it once')
    .argument('<source>', 'id of a source of the configuration')
    .option('--json', '{ source, id, token } as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', TOKEN_HELP)
    .action(async (id: string, { config: file, json }: Common) => {
      await withInstallation(terminal, file, async (installation) => {
        const source = await sourceNamed(installation, id);
        const { storage, config } = installation;
        const ports = { sources: config.sources, values: storage.values };
        const { now, randomBytes } = terminal;
        const actor = systemActor(userOf(terminal.environment).by);
        const made = await addSourceToken(actor, source.id, { ...ports, now, randomBytes });
        if ('tokens' in made) {
          const ids = made.tokens.map((token) => token.id).join(' and ');
          throw new CommandFault(
            `source ${source.id} has ${TOKENS_AT_MOST} tokens already (${ids}): take one back first, with pedel sources revoke ${source.id} ID`,
          );
        }
        if (made.kind !== 'made') throw new TypeError('whoever runs a command may do everything');
        terminal.write(
          json
            ? `${JSON.stringify({ source: source.id, id: made.id, token: made.token }, null, 2)}\n`
            : `${made.token}   (shown only now)\n${source.id}  ${made.id}\n`,
        );
      });
    });
}

function revokeCommand(sources: Command, { terminal }: Setting): void {
  sources
    .command('revoke')
    .description('take back a token of a source: it opens nothing from then on')
    .argument('<source>', 'id of a source of the configuration')
    .argument('<id>', 'of the token, as pedel sources list prints it')
    .option('--json', '{ source, id, revoked } as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  pedel sources revoke hr 3f2a9c01\n')
    .action(async (id: string, token: string, { config: file, json }: Common) => {
      await withInstallation(terminal, file, async ({ config, storage, requireSecret }) => {
        await requireSecret();
        const { now, randomBytes } = terminal;
        const actor = systemActor(userOf(terminal.environment).by);
        // also of a source that the configuration no longer has
        const ports = { sources: config.sources, values: storage.values, now, randomBytes };
        if ((await revokeSourceToken(actor, id, token, ports)).kind !== 'revoked')
          throw new CommandFault(
            `source ${printable(id.slice(0, 80))} has no token "${printable(token.slice(0, 80))}"; pedel sources list prints them all`,
          );
        terminal.write(json ? `${JSON.stringify({ source: id, id: token, revoked: true })}\n` : `${token}: revoked\n`);
      });
    });
}

function releaseCommand(sources: Command, { terminal }: Setting): void {
  sources
    .command('release')
    .description('let so many more people of a source lose access over SCIM within the next 24 hours')
    .argument('<source>', 'id of a source of the configuration')
    .requiredOption('--people <number>', 'how many more; find out why first', wholeNumber)
    .option('--json', '{ source, closed, most } as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', RELEASE_HELP)
    .action(async (id: string, { config: file, json, people }: Common & { people: number }) => {
      await withInstallation(terminal, file, async (installation) => {
        const source = await sourceNamed(installation, id);
        const { config, storage } = installation;
        const { now, randomBytes } = terminal;
        const actor = systemActor(userOf(terminal.environment).by);
        await releaseSource(
          actor,
          source.id,
          { people },
          { sources: config.sources, values: storage.values, now, randomBytes },
        );
        const { closed, most } = await safeguardState(storage, source, now());
        terminal.write(
          json
            ? `${JSON.stringify({ source: source.id, closed, most })}\n`
            : `${source.id}: ${closed} lost access within 24 hours, and now ${most} may\n`,
        );
      });
    });
}

/** @throws CommandFault where the configuration has no such source */
async function sourceNamed({ config, requireSecret }: Installation, id: string): Promise<Source> {
  const source = config.sources.find((each) => each.id === id);
  if (source !== undefined) {
    await requireSecret();
    return source;
  }
  const known = config.sources.map((each) => each.id).join(', ') || 'there is none';
  throw new CommandFault(`the configuration has no source "${printable(id.slice(0, 80))}"; its sources: ${known}`);
}

function wholeNumber(value: string): number {
  if (!/^\d{1,7}$/.test(value)) throw new InvalidArgumentError('Give a whole number.');
  return Number(value);
}

const TOKEN_HELP = `
Give the token to whoever runs the provisioning service, over a channel that you
trust. Only a hash of it is kept. It does not expire: to change it, make a second
one, use that, and take the first one back. A service that can ask for tokens
itself needs none (docs/scim.md).

Example:
  pedel sources token hr
`;

const RELEASE_HELP = `
Over SCIM a source may end the access of so many people within 24 hours as its
safeguard says: of 25, or of 5% of its people where that is more. Further ones are answered 503, and nothing is lost:
the service tries again. Release as many as its own report names.

Example:
  pedel sources release hr --people 340
`;

/** `pedel webhooks`: lists, adds and changes where other systems hear what happened. A secret is shown once, when it is made. */
import { Command } from 'commander';
import type { Webhook } from '../domain/ports/webhooks.ts';
import { webhookEvents, webhookGroups } from '../domain/webhooks/events.ts';
import { MOST_OF_CLIENT, MOST_WEBHOOKS, type WebhookFault } from '../domain/webhooks/webhook.ts';
import { createOutgoingFetch } from '../oidc/outgoing/outgoing.ts';
import { systemActor } from '../use-cases/actor.ts';
import { testWebhook } from '../use-cases/webhooks/test-webhook.ts';
import {
  addWebhook,
  deleteWebhook,
  listWebhooks,
  rotateWebhookSecret,
  switchWebhook,
  type WebhookDeps,
} from '../use-cases/webhooks/webhooks.ts';
import { configOption } from './configuration.ts';
import { type Installation, withInstallation } from './installation.ts';
import { CommandFault, printable, type Setting, type Terminal, userOf } from './terminal.ts';

type Common = { config?: string; json?: true };
type AddOptions = Common & { event: string[]; contact: string; client?: string; note?: string };
type Context = { installation: Installation; deps: WebhookDeps; actor: ReturnType<typeof systemActor> };

const ANSWER_MS = 10_000;

export function webhooksCommand({ terminal }: Setting): Command {
  const command = new Command('webhooks').addHelpText('after', HELP);
  const within = (config: string | undefined, act: (context: Context) => Promise<void>) =>
    withInstallation(terminal, config, async (installation) => act(await contextOf(installation, terminal)));

  command
    .command('list')
    .description('list webhooks with their state and what they hear; never their secrets')
    .option('--json', 'as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  pedel webhooks list\n')
    .action(({ config, json }: Common) =>
      within(config, async ({ deps, actor }) => {
        const found = (await listWebhooks(actor, {}, deps)).map(({ webhook }) => webhook);
        if (json) terminal.write(`${JSON.stringify(found.map(visible), null, 2)}\n`);
        else if (found.length === 0) terminal.write('there is no webhook; add one with pedel webhooks add URL\n');
        else for (const webhook of found) terminal.write(lineOf(webhook));
      }),
    );

  command
    .command('add')
    .description('add a webhook and show its secret once')
    .argument('<url>', 'where messages are sent: https, or http on this machine')
    .requiredOption('--contact <address>', 'email address of who is told when it is disabled')
    .option('--event <type>', 'a type, a group such as client.*, or *; may be given several times', gathered, [])
    .option('--client <id>', 'only what happens to this application')
    .option('--note <text>', 'for the list')
    .option('--json', '{ secret, id, url, … } as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', ADD_HELP)
    .action((url: string, { config, json, event, contact, client, note }: AddOptions) =>
      within(config, async ({ deps, actor }) => {
        const events = event.length === 0 ? [client === undefined ? '*' : 'client.*'] : event;
        const more = { ...(client === undefined ? {} : { client }), ...(note === undefined ? {} : { note }) };
        const added = await addWebhook(actor, { url, events, contact, ...more }, deps);
        if (added.kind === 'faulty') throw new CommandFault(added.faults.map(faultText).join('\n'));
        if (added.kind === 'too-many')
          throw new CommandFault(
            client === undefined
              ? `there are ${MOST_WEBHOOKS} webhooks already: delete one first`
              : `this application has ${MOST_OF_CLIENT} webhooks, or there are ${MOST_WEBHOOKS} in all: delete one first`,
          );
        if (added.kind !== 'added')
          throw new CommandFault(`no application has the id "${printable(client ?? '')}"; see pedel clients list`);
        const { secret, webhook } = added;
        terminal.write(
          json
            ? `${JSON.stringify({ secret, ...visible(webhook) }, null, 2)}\n`
            : `${secret}   (shown only now)\n${lineOf(webhook)}`,
        );
      }),
    );

  command
    .command('rotate')
    .description('give a webhook a new secret and show it once; for a day messages are signed with the old one too')
    .argument('<id>', 'as pedel webhooks list prints it')
    .option('--json', '{ secret, id, url, … } as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  pedel webhooks rotate 0197a6c2-7c1e-4b8e-9d0a-3c5f2b1a4e6d\n')
    .action((id: string, { config, json }: Common) =>
      within(config, async ({ deps, actor }) => {
        const rotated = done(await rotateWebhookSecret(actor, { id }, deps), id);
        const { secret, webhook } = rotated;
        terminal.write(
          json ? `${JSON.stringify({ secret, ...visible(webhook) }, null, 2)}\n` : `${secret}   (shown only now)\n`,
        );
      }),
    );

  for (const [name, to, description] of [
    ['disable', 'disabled', 'send nothing to a webhook any more, until it is enabled'],
    ['enable', 'enabled', 'send a webhook what happens from now on; what it missed is not sent'],
  ] as const)
    command
      .command(name)
      .description(description)
      .argument('<id>', 'as pedel webhooks list prints it')
      .addOption(configOption())
      .addHelpText('after', `\nExample:\n  pedel webhooks ${name} 0197a6c2-7c1e-4b8e-9d0a-3c5f2b1a4e6d\n`)
      .action((id: string, { config }: Common) =>
        within(config, async ({ deps, actor }) => {
          done(await switchWebhook(actor, { id, to }, deps), id);
          terminal.write(`${printable(id)}: ${to}\n`);
        }),
      );

  command
    .command('delete')
    .description('delete a webhook and its secrets; what waits for it is not sent')
    .argument('<id>', 'as pedel webhooks list prints it')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  pedel webhooks delete 0197a6c2-7c1e-4b8e-9d0a-3c5f2b1a4e6d\n')
    .action((id: string, { config }: Common) =>
      within(config, async ({ deps, actor }) => {
        done(await deleteWebhook(actor, { id }, deps), id);
        terminal.write(`${printable(id)}: deleted\n`);
      }),
    );

  command
    .command('test')
    .description('send a webhook a message of type webhook.tested now, and print what it answers')
    .argument('<id>', 'as pedel webhooks list prints it')
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nExit status: 0 if it accepted the message, otherwise 1.\n\nExample:\n  pedel webhooks test 0197a6c2-7c1e-4b8e-9d0a-3c5f2b1a4e6d\n',
    )
    .action((id: string, { config }: Common) =>
      within(config, async ({ installation, deps, actor }) => {
        const { storage, openSealer, config: options } = installation;
        const fetch = createOutgoingFetch(options.allowNetworks, undefined, ANSWER_MS);
        const sealer = await openSealer();
        const { sent } = done(
          await testWebhook(actor, { id }, { ...deps, sealer, fetch, auditLog: storage.auditLog }),
          id,
        );
        if (sent.kind === 'failed') throw new CommandFault(`not accepted: ${printable(sent.error)}`);
        if (sent.kind === 'gone') throw new CommandFault('not accepted: it answered 410, and wants no more messages');
        terminal.write(`accepted with ${sent.status}\n`);
      }),
    );
  return command;
}

async function contextOf(installation: Installation, terminal: Terminal): Promise<Context> {
  const { storage, openSealer } = installation;
  const { now, randomBytes } = terminal;
  const { webhooks, clients, auditLog, values } = storage;
  const sealer = await openSealer();
  const { by } = userOf(terminal.environment);
  return {
    installation,
    deps: { webhooks, clients, auditLog, values, sealer, now, randomBytes },
    actor: systemActor(by),
  };
}

/** @throws CommandFault where it was not done */
function done<Result extends { kind: string }>(
  result: Result,
  id: string,
): Exclude<Result, { kind: 'not-found' | 'not-allowed' | 'stale' }> {
  if (result.kind === 'stale') throw new CommandFault('somebody else changed it at the same moment: try again');
  if (result.kind === 'not-found' || result.kind === 'not-allowed')
    throw new CommandFault(
      `no webhook has the id "${printable(id.slice(0, 80))}"; pedel webhooks list prints them all`,
    );
  return result as Exclude<Result, { kind: 'not-found' | 'not-allowed' | 'stale' }>;
}

const remedies: Record<string, string> = {
  url_not_an_address: 'give an address of at most 1000 characters, such as https://crm.example.edu/pedel',
  url_not_https: 'give an https address; http is for this machine only (localhost)',
  url_with_password: 'leave out the name and password: messages are signed instead',
  url_with_fragment: 'leave out what follows #',
  events_number: 'give 1 to 50 types',
  event_unknown: 'it is no type: pedel webhooks add --help names them all',
  event_not_of_clients: 'a webhook of an application hears client.… only',
  contact_address: 'give one email address',
  note_text: 'give at most 200 characters on one line',
};

const faultText = ({ member, value, code }: WebhookFault) =>
  printable(`${member} ${JSON.stringify(value)}: ${remedies[code] ?? code}`);

/** As people and scripts see it: without its secrets. */
function visible({ secrets, createdAt, updatedAt, hearsFrom, disabled, ...webhook }: Webhook) {
  return {
    ...webhook,
    secrets: secrets.map(({ createdAt: made, endsAt }) => ({
      made: new Date(made).toISOString(),
      ...(endsAt === undefined ? {} : { ends: new Date(endsAt).toISOString() }),
    })),
    ...(disabled === undefined ? {} : { disabled: { ...disabled, at: new Date(disabled.at).toISOString() } }),
    created: new Date(createdAt).toISOString(),
    updated: new Date(updatedAt).toISOString(),
  };
}

function lineOf({ id, url, client, events, contact, note, state, disabled }: Webhook): string {
  const parts = [
    id,
    disabled === undefined
      ? state
      : `${state} ${new Date(disabled.at).toISOString().slice(0, 10)} (${disabled.because})`,
    url,
    ...(client === undefined ? [] : [`application ${client}`]),
    events.join(' '),
    contact,
    ...(note === undefined ? [] : [note]),
  ];
  return `${printable(parts.join('  '))}\n`;
}

const gathered = (value: string, before: string[]) => [...before, value];

const HELP = `
Messages follow the Standard Webhooks specification. They say what happened to
which id, and no more: the other side reads the rest with its own rights.
`;

const ADD_HELP = `
Types: ${webhookEvents
  .join(', ')
  .replace(/(.{1,68})(?:, |$)/g, '$1,\n  ')
  .trimEnd()
  .replace(/,$/, '')}
Groups: ${webhookGroups.join(', ')}; * is all of them.
Without --event it hears everything that it may.

The secret (whsec_…) goes to the other side over a channel that you trust; there
any library of standardwebhooks.com verifies messages with it.

Examples:
  pedel webhooks add https://crm.example.edu/pedel --contact crm@example.edu
  pedel webhooks add https://wiki.example.edu/hook --contact wiki@example.edu \\
    --client wiki --event client.changed --event client.removed
`;

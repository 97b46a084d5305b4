/** `pedel clients approve` and `refuse`: what becomes of an application that registered itself. */
import { Command, Option } from 'commander';
import { approveClient, refuseClient, type Undecidable } from '../use-cases/registration/decide-registration.ts';
import { logoFetch } from './address-fetch.ts';
import { configOption } from './configuration.ts';
import { withInstallation } from './installation.ts';
import { readRevision } from './revision.ts';
import { CommandFault, printable, type Setting } from './terminal.ts';

type Options = { config?: string; json?: true; offline?: true; revision?: number };

export function decidingCommands({ terminal }: Setting): Command[] {
  const { now, randomBytes } = terminal;
  const approve = new Command('approve')
    .description('let people sign in to an application that registered itself')
    .argument('<client_id>')
    .addOption(
      new Option('--revision <number>', 'only as clients show printed it: it may have changed itself since').argParser(
        readRevision,
      ),
    )
    .option('--offline', 'do not fetch its logo: ask no other host')
    .option('--json', '{ client_id, state, warning } as JSON, for scripts; warning where its logo was not taken')
    .addOption(configOption())
    .addHelpText('after', APPROVE_HELP)
    .action(async (id: string, { config: file, json, offline, revision }: Options) => {
      await withInstallation(terminal, file, async ({ config, storage, requireSecret }) => {
        await requireSecret();
        const outcome = await approveClient(id, {
          clients: storage.clients,
          now,
          randomBytes,
          actor: { kind: 'command', id: 'clients approve' },
          asSeen: revision,
          fetchLogo: offline ? undefined : logoFetch(config),
        });
        if (outcome.kind === 'changed-since') throw changedSince(id);
        if (outcome.kind !== 'approved') throw undecided(id, outcome);
        const { warning } = outcome;
        if (json) terminal.write(`${JSON.stringify({ client_id: id, state: 'approved', warning })}\n`);
        else terminal.write(printable(`${id}: approved`) + (warning ? `\n    ${printable(warning)}\n` : '\n'));
      });
    });
  const refuse = new Command('refuse')
    .description('delete an application that registered itself and waits for approval')
    .argument('<client_id>')
    .addOption(
      new Option('--revision <number>', 'only as clients show printed it: it may have changed itself since').argParser(
        readRevision,
      ),
    )
    .option('--json', '{ client_id, state } as JSON, for scripts')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  pedel clients refuse dyn-8Zr1…\n')
    .action(async (id: string, { config: file, json, revision: asSeen }: Options) => {
      await withInstallation(terminal, file, async ({ storage, requireSecret }) => {
        await requireSecret();
        const actor = { kind: 'command', id: 'clients refuse' } as const;
        const deps = { clients: storage.clients, now, randomBytes, actor, asSeen };
        const outcome = await refuseClient(id, 'operator', deps);
        if (outcome.kind === 'changed-since') throw changedSince(id);
        if (outcome.kind !== 'refused') throw undecided(id, outcome);
        terminal.write(
          json ? `${JSON.stringify({ client_id: id, state: 'refused' })}\n` : `${printable(id)}: refused and deleted\n`,
        );
      });
    });
  return [approve, refuse];
}

const changedSince = (id: string) =>
  new CommandFault(`${printable(id)} has changed itself since: look at it again (pedel clients show)`);

function undecided(id: string, { kind }: Undecidable): CommandFault {
  const name = printable(id.slice(0, 200));
  if (kind === 'unknown')
    return new CommandFault(`no application has the client_id "${name}"; pedel clients list prints them all`);
  return new CommandFault(
    kind === 'expired'
      ? `${name} waited too long and will be deleted: let it register itself again`
      : `${name} does not wait for approval; pedel clients show ${name} says what it is, pedel clients remove deletes it`,
  );
}

const APPROVE_HELP = `
Look at it first (pedel clients show): its name, its logo and its addresses are
what somebody else says of it, and it may change them until you approve. With the
revision that show printed, what you saw is what you approve. Its logo is fetched
now, for the first time.
Afterwards it changes neither name and logo, nor to other hosts; for more than
that, register it with pedel clients apply under the same client_id.

Example:
  pedel clients approve dyn-8Zr1… --revision 1
`;

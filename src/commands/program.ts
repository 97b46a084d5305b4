/** The command line: all sub-commands, and the error messages and exit status when one fails. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { Problem } from '../domain/problem.ts';
import { CommandFault, type Setting, type Terminal } from './terminal.ts';

type Listed = { name: string; description: string; load(setting: Setting): Promise<Command> };

/** In the order of the help. A command line loads the modules of the commands that it names, and of no other. */
const COMMANDS: Listed[] = [
  {
    name: 'serve',
    description: 'run Pedel until SIGTERM or Ctrl-C',
    load: async (setting) => (await import('./serve.ts')).serveCommand(setting),
  },
  {
    name: 'demo',
    description: 'run Pedel with four applications and a mailbox on this machine, to try it',
    load: async (setting) => (await import('./demo.ts')).demoCommand(setting),
  },
  {
    name: 'people',
    description: 'import people; show, suspend, hold, merge and split their accounts',
    load: async (setting) => (await import('./people.ts')).peopleCommand(setting),
  },
  {
    name: 'roles',
    description: 'say who may do what in Pedel itself',
    load: async (setting) => (await import('./roles.ts')).rolesCommand(setting),
  },
  {
    name: 'lifecycle',
    description: 'apply changed rules to the times at which accounts open',
    load: async (setting) => (await import('./lifecycle.ts')).lifecycleCommand(setting),
  },
  {
    name: 'clients',
    description: 'register applications, list, show and remove them',
    load: async (setting) => (await import('./clients.ts')).clientsCommand(setting),
  },
  {
    name: 'presets',
    description: 'show how to connect products: what to register, and what to type on their side',
    load: async (setting) => (await import('./presets.ts')).presetsCommand(setting),
  },
  {
    name: 'registration',
    description: 'make, list and revoke the tokens with which applications register themselves',
    load: async (setting) => (await import('./registration.ts')).registrationCommand(setting),
  },
  {
    name: 'keys',
    description: 'list and rotate the signing keys, and seal stored values anew when PEDEL_SECRET changes',
    load: async (setting) => (await import('./keys.ts')).keysCommand(setting),
  },
  {
    name: 'audit',
    description: 'print the audit log: who did what to whom, newest first',
    load: async (setting) => (await import('./audit.ts')).auditCommand(setting),
  },
  {
    name: 'incident',
    description: 'say what happened under the incident number of a page',
    load: async (setting) => (await import('./incident.ts')).incidentCommand(setting),
  },
  {
    name: 'webhooks',
    description: 'add, list and change where other systems hear what happened',
    load: async (setting) => (await import('./webhooks.ts')).webhooksCommand(setting),
  },
  {
    name: 'outbox',
    description: 'list emails, logouts and webhooks that wait, were given up or are set aside, and try again',
    load: async (setting) => (await import('./outbox.ts')).outboxCommand(setting),
  },
  {
    name: 'mail',
    description: 'mark emails that came back',
    load: async (setting) => (await import('./mail.ts')).mailCommand(setting),
  },
  {
    name: 'logouts',
    description: 'list which applications were told that a session ended, and which not yet and why',
    load: async (setting) => (await import('./logouts.ts')).logoutsCommand(setting),
  },
  {
    name: 'config',
    description: 'check a configuration, or describe every option',
    load: async (setting) => (await import('./config.ts')).configCommand(setting),
  },
  {
    name: 'storage',
    description: 'move, back up, restore, check and upgrade all stored data',
    load: async (setting) => (await import('./storage.ts')).storageCommand(setting),
  },
  {
    name: 'sources',
    description: 'list the sources of people, make their tokens for SCIM, release what the safeguard holds',
    load: async (setting) => (await import('./sources.ts')).sourcesCommand(setting),
  },
];

/** Runs a command line (without node and script) and returns the exit status. Bugs are thrown. */
export async function runCommand(argv: string[], terminal: Terminal): Promise<number> {
  let status = 0;
  const setting: Setting = {
    terminal,
    exit(wanted) {
      status = wanted;
    },
  };
  const program = new Command('pedel')
    .description('Pedel, the OpenID Connect identity provider of an association of universities')
    .version(versionIn(terminal.installation), '-V, --version', 'print the version')
    .showHelpAfterError('(see pedel --help or pedel COMMAND --help)')
    .addHelpText('after', EXAMPLES)
    .configureHelp({ subcommandTerm: (command) => command.name() });
  for (const { name, description, load } of COMMANDS) {
    const command = argv.includes(name) ? await load(setting) : new Command(name);
    program.addCommand(command.description(description));
  }
  forEachCommand(program, (command) => {
    command.exitOverride().configureOutput({
      writeOut: (text) => terminal.write(text),
      writeErr: (text) => terminal.writeError(text),
    });
  });

  try {
    await program.parseAsync(argv, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (error instanceof CommandFault) {
      terminal.writeError(`pedel: ${error.message}\n`);
      return error.status;
    }
    if (error instanceof Problem) {
      terminal.writeError(`pedel: ${error.message} (${error.code})\n`);
      return 1;
    }
    throw error;
  }
}

/** As package.json says it. */
function versionIn(installation: string): string {
  const { version } = JSON.parse(readFileSync(join(installation, 'package.json'), 'utf8')) as { version: string };
  return version;
}

function forEachCommand(command: Command, act: (command: Command) => void) {
  act(command);
  for (const child of command.commands) forEachCommand(child, act);
}

const EXAMPLES = `
Examples:
  Try it, with applications and a mailbox, on http://localhost:3000:
    pedel demo
  Check a configuration, then run it:
    pedel config check /etc/pedel/pedel.yaml
    pedel serve --config /etc/pedel/pedel.yaml
  See what a file of people would change:
    pedel people import people.csv --dry-run
  Make the first administrator:
    pedel roles grant u0000001 owner
  Register applications:
    pedel clients add nextcloud --address https://cloud.example.edu
    pedel clients apply clients.json
  Back everything up into one file:
    pedel storage backup /backup/pedel.db

Exit status: 0 success, 1 failure; other values are in the help of a command.
`;

/** The command line: all sub-commands, and the error messages and exit status when one fails. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { Problem } from '../domain/problem.ts';
import { auditCommand } from './audit.ts';
import { clientsCommand } from './clients.ts';
import { configCommand } from './config.ts';
import { demoCommand } from './demo.ts';
import { keysCommand } from './keys.ts';
import { lifecycleCommand } from './lifecycle.ts';
import { outboxCommand } from './outbox.ts';
import { peopleCommand } from './people.ts';
import { serveCommand } from './serve.ts';
import { storageCommand } from './storage.ts';
import { CommandFault, type Setting, type Terminal } from './terminal.ts';

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
    .addCommand(serveCommand(setting))
    .addCommand(demoCommand(setting))
    .addCommand(peopleCommand(setting))
    .addCommand(lifecycleCommand(setting))
    .addCommand(clientsCommand(setting))
    .addCommand(keysCommand(setting))
    .addCommand(auditCommand(setting))
    .addCommand(outboxCommand(setting))
    .addCommand(configCommand(setting))
    .addCommand(storageCommand(setting))
    .showHelpAfterError('(see pedel --help or pedel COMMAND --help)')
    .addHelpText('after', EXAMPLES);
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
    pedel people grant u0000001 owner
  Register applications:
    pedel clients apply clients.json
  Back everything up into one file:
    pedel storage backup /backup/pedel.db

Exit status: 0 success, 1 failure; other values are in the help of a command.
`;

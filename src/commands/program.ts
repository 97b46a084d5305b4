/** All sub-commands on one page, and what a person sees when one fails. */
import { Command, CommanderError } from 'commander';
import { Problem } from '../domain/problem.ts';
import { auditCommand } from './audit.ts';
import { clientsCommand } from './clients.ts';
import { configCommand } from './config.ts';
import { demoCommand } from './demo.ts';
import { keysCommand } from './keys.ts';
import { peopleCommand } from './people.ts';
import { serveCommand } from './serve.ts';
import { storageCommand } from './storage.ts';
import { CommandFault, type Setting, type Terminal } from './terminal.ts';

/** Runs one command line (without node and script) and returns the exit status. */
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
    .addCommand(serveCommand(setting))
    .addCommand(demoCommand(setting))
    .addCommand(peopleCommand(setting))
    .addCommand(clientsCommand(setting))
    .addCommand(keysCommand(setting))
    .addCommand(auditCommand(setting))
    .addCommand(configCommand(setting))
    .addCommand(storageCommand(setting))
    .showHelpAfterError('(pedel --help, or pedel COMMAND --help, tells more)')
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

function forEachCommand(command: Command, act: (command: Command) => void) {
  act(command);
  for (const child of command.commands) forEachCommand(child, act);
}

const EXAMPLES = `
Examples:
  pedel demo                                   Pedel, four applications and a mailbox, on http://localhost:3000
  pedel config check /etc/pedel/pedel.yaml     names every fault of a configuration at once
  pedel serve --config /etc/pedel/pedel.yaml   runs Pedel
  pedel people import people.csv --dry-run     what a feed would change
  pedel people grant u0000001 owner            makes the first administrator
  pedel clients apply clients.json             registers applications
  pedel storage backup /backup/pedel.db        everything in one file
`;

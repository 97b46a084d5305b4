/** The command line: gives the program the real terminal and sets the exit status. */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { runCommand } from './program.ts';
import type { Terminal } from './terminal.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const terminal: Terminal = {
  environment: process.env,
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
  now: Date.now,
  randomBytes,
  installation: fileURLToPath(new URL('../..', import.meta.url)),
  onStop(listener) {
    for (const signal of SIGNALS) process.on(signal, listener);
    return () => {
      for (const signal of SIGNALS) process.off(signal, listener);
    };
  },
  onUncaught(listener) {
    process.on('uncaughtException', listener); // rejections too
  },
  end: (status) => process.exit(status),
};

// `pedel audit | head` closes our output early, which is no fault
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await runCommand(process.argv.slice(2), terminal);

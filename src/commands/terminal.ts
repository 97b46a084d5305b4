/** What a command may touch of the outside: the environment, the two outputs, the clock, chance; given to it, so that tests give their own. */
import type { RandomBytes } from '../domain/random.ts';

export type Terminal = {
  environment: Record<string, string | undefined>;
  /** to standard output */
  write(text: string): void;
  /** to standard error */
  writeError(text: string): void;
  /** whether a person looks at standard error and a line may be written over */
  interactive: boolean;
  /** epoch milliseconds */
  now(): number;
  randomBytes: RandomBytes;
  /** the folder in which Pedel is installed */
  installation: string;
  /** called each time the process is asked to end (Ctrl-C, SIGTERM); returns what stops listening */
  onStop(listener: () => void): () => void;
};

/** What each sub-command is made with. It sets the exit status through `exit`; 0 otherwise. */
export type Setting = { terminal: Terminal; exit(status: number): void };

/** What a person did or set wrong: one message without a stack, and the exit status. */
export class CommandFault extends Error {
  override name = 'CommandFault';
  readonly status: number;

  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

/** Text of others on a terminal: no control characters, no escape sequences. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD');
}

/** `1 row`, `2 rows` */
export function count(number: number, one: string, several = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : several}`;
}

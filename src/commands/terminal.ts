/** The world outside of a command: environment, outputs, clock and randomness. Commands get it as an argument, so that tests give their own. */
import type { RandomBytes } from '../domain/random.ts';

export type Terminal = {
  environment: Record<string, string | undefined>;
  /** to standard output */
  write(text: string): void;
  /** to standard error */
  writeError(text: string): void;
  /** whether standard error is a terminal, on which a line may be written over */
  interactive: boolean;
  /** epoch milliseconds */
  now(): number;
  randomBytes: RandomBytes;
  /** the folder in which Pedel is installed */
  installation: string;
  /** calls `listener` on each Ctrl-C or SIGTERM; returns a function that removes it */
  onStop(listener: () => void): () => void;
  /**
   * From now on an exception or rejection that nobody caught does not end the process: `listener` gets it and must see to
   * the end.
   */
  onUncaught(listener: (error: unknown) => void): void;
  /** ends the process at once */
  end(status: number): void;
};

/** What each sub-command is created with. `exit` sets the exit status, which is otherwise 0. */
export type Setting = { terminal: Terminal; exit(status: number): void };

/** A fault of the operator, printed as one message without a stack, and the exit status. */
export class CommandFault extends Error {
  override name = 'CommandFault';
  readonly status: number;

  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

/** Makes foreign text safe for a terminal: replaces control characters, so that no escape sequence is left. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, '\uFFFD');
}

/** The user of the operating system who runs the command, where that is known. */
export function userOf({ SUDO_USER, LOGNAME, USER }: Terminal['environment']): { by?: string } {
  const by = SUDO_USER ?? LOGNAME ?? USER;
  return by === undefined || by === '' ? {} : { by: by.slice(0, 100) };
}

/** `1 row`, `2 rows` */
export function count(number: number, one: string, several = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : several}`;
}

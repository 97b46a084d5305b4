/** Structured logs, one JSON line per event; secrets never reach them (rule 24). */
import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & { child(bindings: object): Log };
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Characters that wait for a disk that is full. */
const MOST_UNWRITTEN = 1024 * 1024;

// biome-ignore format: a list of words
/** Names of members that hold secrets, redacted at every depth at which objects are logged. */
const SECRET_NAMES = [
  'password', 'password_again', 'code', 'secret', 'client_secret', 'token', 'access_token', 'refresh_token', 'id_token',
  'id_token_hint', 'logout_token', 'client_assertion', 'code_verifier', 'authorization', 'cookie', 'set-cookie', 'ticket',
  'sealedSecret', 'sealedSeed', 'link', 'assertion', 'request',
];

/** A logger that writes to standard output, or to `destination`. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: SECRET_NAMES.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
      censor: '[redacted]',
    },
    serializers: { err: describeError },
  };
  return pino(options, destination ?? standardOutput());
}

/**
 * Standard output. A line that cannot be written (a full disk, a pipe that was closed) is lost: thrown into whatever
 * callback logs, the fault would end the process.
 */
function standardOutput(): DestinationStream {
  const stream = pino.destination({ fd: process.stdout.fd, sync: true, maxLength: MOST_UNWRITTEN });
  stream.on('error', () => {});
  return stream;
}

/** The parts of an error that a log needs, without what libraries attach to it (requests, responses, bodies). */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return isDescription(error) ? error : { message: String(error) };
  const { name, message, stack, cause } = error;
  // not as `code`: that name is redacted, because activation codes have it
  const errorCode = 'code' in error ? error.code : undefined;
  return { name, message, errorCode, stack, ...(cause === undefined ? {} : { cause: describeError(cause) }) };
}

/** Keeps a plain object that the caller already made from an error, which would become `[object Object]` otherwise. */
function isDescription(error: unknown): error is { message: unknown } {
  return typeof error === 'object' && error !== null && 'message' in error;
}

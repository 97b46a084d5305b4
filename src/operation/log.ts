/** Structured logs, one JSON line per event; secrets never reach them (rule 24). */
import { type DestinationStream, type LogFn, type Logger, pino } from 'pino';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Characters that wait for a disk that is full. */
const MOST_UNWRITTEN = 1024 * 1024;

// biome-ignore format: a list of words
/** Names of members that hold secrets, redacted at every depth at which objects are logged. */
const SECRET_NAMES = new Set([
  'password', 'password_again', 'code', 'secret', 'client_secret', 'token', 'access_token', 'refresh_token', 'id_token',
  'id_token_hint', 'logout_token', 'client_assertion', 'code_verifier', 'authorization', 'cookie', 'set-cookie', 'ticket',
  'sealedSecret', 'sealedSeed', 'link', 'assertion', 'request',
]);
/** Of the object that is logged, its members, and theirs. */
const DEEPEST = 3;
const REDACTED = '[redacted]';

/** A logger that writes to standard output, or to `destination`. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: {
      logMethod(this: Logger, args: Parameters<LogFn>, method: LogFn) {
        method.apply(this, args.map(ofArgument) as typeof args);
      },
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

/** An error is described later, without what hangs on it. */
const ofArgument = (value: unknown) => (value instanceof Error ? value : withoutSecrets(value));

/**
 * The same value where it holds no secret, otherwise a copy. pino's own way (`redact`) reads all its paths anew for each member of
 * each line, which made more garbage than anything else about a letter.
 */
function withoutSecrets<Value>(value: Value, depth = 1): Value {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  let copy: Record<string, unknown> | undefined;
  for (const name of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[name];
    if (member === undefined || (depth === 1 && name === 'err' && member instanceof Error)) continue;
    const shown = SECRET_NAMES.has(name) ? REDACTED : depth < DEEPEST ? withoutSecrets(member, depth + 1) : member;
    if (shown === member) continue;
    copy ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
    copy[name] = shown;
  }
  return (copy ?? value) as Value;
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

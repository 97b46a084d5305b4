/** One MongoDB replica set: writes wait for the journals of a majority, waits are bounded, and faults have one error code. */
import {
  type Db,
  type FindCursor,
  MongoClient,
  MongoClientClosedError,
  type MongoClientOptions,
  MongoError,
  MongoErrorLabel,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerClosedError,
  MongoServerError,
  MongoSystemError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
  ServerType,
} from 'mongodb';
import { requireStorableIn } from '../../domain/ports/numbers.ts';
import { Problem } from '../../domain/problem.ts';

export type Database = {
  db: Db;
  /** the same over separate connections, opened at first use, on which a command has no time limit */
  leisurely: Db;
  /**
   * The same port with a time limit for each call. If the database does not answer, a call throws a Problem after
   * `socketTimeoutMS` at the latest, and at once if there was no primary for `serverSelectionTimeoutMS`. `at-leisure`: no
   * limit for the whole call, for background work of many commands.
   */
  attend<Port extends Record<keyof Port, (...input: never[]) => Promise<unknown>>>(
    port: Port,
    pace?: 'in-time' | 'at-leisure',
  ): Port;
  /** milliseconds after which a call `in-time` fails for its caller, although its commands may still take effect */
  answerWithinMs: number;
  /** closes after all earlier calls have ended, also those that timed out; later calls get Problem `storage_unavailable` */
  close(): Promise<void>;
};

/** Guarantees for an acknowledged write; no URI can weaken them. */
const lasting: MongoClientOptions = {
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 8000 },
  // only from the primary, so that a node reads what another one wrote a millisecond before
  readPreference: 'primary',
  readConcern: { level: 'local' },
  retryWrites: true,
  retryReads: true,
};

/**
 * Limits of waits and connections; a URI may set its own.
 * The heartbeats notice a silent server within 2 + 3 s. Calls then wait 4 s more for a primary, so that they outlast an
 * election, and fail within 10 s otherwise. After that, calls fail at once until a heartbeat succeeds.
 */
const bounds = {
  appName: 'pedel',
  maxPoolSize: 50,
  minPoolSize: 1,
  heartbeatFrequencyMS: 2000,
  connectTimeoutMS: 3000,
  serverSelectionTimeoutMS: 4000,
  waitQueueTimeoutMS: 10_000,
  socketTimeoutMS: 10_000, // longer than `wtimeoutMS`; also the limit for a call of a port
};

/**
 * For commands that read, count or index a whole collection. The heartbeats still notice a server that dies. The pool has a
 * connection for each collection that is indexed at once and one for the lease, so that no command waits for one.
 */
const unhurried: MongoClientOptions = { socketTimeoutMS: 0, waitQueueTimeoutMS: 0, maxPoolSize: 20, minPoolSize: 0 };

/** Calls that may wait at once: more would get their answer too late to be useful, and would fill the memory. */
const MOST_AT_ONCE = 2000;

/**
 * @param uri `mongodb://…` or `mongodb+srv://…`; the database is the one it names, else `pedel`
 * @param prepare runs first; its second argument is `leisurely`
 * @throws Problem `storage_unknown` if the URI cannot be parsed, `storage_unavailable` if no server answers
 */
export async function openDatabase(uri: string, prepare: (db: Db, leisurely: Db) => Promise<void>): Promise<Database> {
  const client = clientOf(uri);
  const unreachable = watchPrimary(client);
  const preparing = clientOf(uri, unhurried); // connects only when it is used
  const name = databaseName(uri);
  try {
    await client.connect();
    await prepare(client.db(name), preparing.db(name));
    return attended(client, clientOf(uri, unhurried), name, unreachable);
  } catch (error) {
    await client.close();
    throw asProblem(error);
  } finally {
    await preparing.close();
  }
}

function clientOf(uri: string, options: MongoClientOptions = {}): MongoClient {
  const query = new URLSearchParams(uri.slice(uri.indexOf('?') + 1));
  const given = new Set([...query.keys()].map((name) => name.toLowerCase()));
  const unset = Object.entries(bounds).filter(([name]) => !given.has(name.toLowerCase()));
  try {
    return new MongoClient(uri, { ...Object.fromEntries(unset), ...lasting, ...options });
  } catch (error) {
    // leaves out the error and most of its messages, because they repeat parts of the URI, perhaps of a password
    const { message } = error as Error;
    const why = /^options? [\w, ]+ (is|are) not supported$/.test(message) ? `: ${message}` : '';
    throw new Problem(
      'storage_unknown',
      `the MongoDB URI of the storage cannot be parsed${why}; it has the form mongodb://USER:PASSWORD@HOST,HOST/DATABASE?replicaSet=NAME`,
    );
  }
}

function databaseName(uri: string): string {
  const named = /^mongodb(?:\+srv)?:\/\/[^/?]+\/([^?]+)/.exec(uri)?.[1];
  return named === undefined ? 'pedel' : decodeURIComponent(named);
}

/** Returns a function that tells for how many milliseconds no server has accepted writes; 0: one does. */
function watchPrimary(client: MongoClient): () => number {
  let lostAt: number | undefined;
  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    const found = [...newDescription.servers.values()].some(({ type }) => takesWrites.has(type));
    lostAt = found ? undefined : (lostAt ?? performance.now());
  });
  return () => (lostAt === undefined ? 0 : performance.now() - lostAt);
}

const takesWrites = new Set<ServerType>([
  ServerType.RSPrimary,
  ServerType.Standalone,
  ServerType.Mongos,
  ServerType.LoadBalancer,
]);

function attended(client: MongoClient, slow: MongoClient, name: string, unreachableMs: () => number): Database {
  const { socketTimeoutMS = bounds.socketTimeoutMS, serverSelectionTimeoutMS = bounds.serverSelectionTimeoutMS } =
    client.options;
  const answerWithinMs = socketTimeoutMS > 0 ? socketTimeoutMS : Infinity; // 0: no limit
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  /** Throws at once if the call cannot succeed. */
  function refuse(): void {
    if (closing !== undefined) throw new Problem('storage_unavailable', 'the database was closed');
    if (unreachableMs() >= serverSelectionTimeoutMS) throw silent('no primary of its replica set can be reached');
    if (underWay.size >= MOST_AT_ONCE)
      throw new Problem('busy', 'too many calls wait for the database', { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }

  async function run<T>(call: () => Promise<T>, withinMs: number): Promise<T> {
    refuse();
    const asked = call();
    // counted until it has ended, also after it timed out, because it still waits, writes and takes memory
    underWay.add(asked);
    const ended = () => underWay.delete(asked);
    asked.then(ended, ended);
    try {
      return await inTime(asked, withinMs);
    } catch (error) {
      throw asProblem(error);
    }
  }

  return {
    answerWithinMs,
    db: client.db(name),
    leisurely: slow.db(name),
    attend: (port, pace = 'in-time') => {
      const withinMs = pace === 'in-time' ? answerWithinMs : Infinity;
      const methods = Object.entries<(...input: never[]) => Promise<unknown>>(port);
      return Object.fromEntries(
        methods.map(([name, method]) => [
          name,
          async (...input: never[]) => {
            for (const each of input) requireStorableIn(each);
            return run(() => method(...input), withinMs);
          },
        ]),
      ) as typeof port;
    },
    close: () => {
      closing ??= Promise.allSettled(underWay).then(async () => {
        await Promise.all([client.close(), slow.close()]);
      });
      return closing;
    },
  };
}

/** The answer, or a Problem after this time. A write may then have happened or not, as when a connection is cut. */
function inTime<T>(answer: Promise<T>, withinMs: number): Promise<T> {
  if (withinMs === Infinity) return answer;
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => reject(silent(`no answer within ${withinMs / 1000} s`)), withinMs);
  answer.then(resolve, reject).finally(() => clearTimeout(timer));
  return promise;
}

/**
 * A write that a unique index may refuse; undefined: it was refused, and the race is lost.
 * Never reads the index from the error, because its form differs between servers and versions.
 */
export async function unlessTaken<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return undefined;
    throw error;
  }
}

export const DUPLICATE_KEY = 11000;
const UPSERT_ATTEMPTS = 20;

/**
 * An upsert that always finds or inserts. If another caller inserts at the same moment, the server answers 11000 or null;
 * asked again, it finds the document. The null may come although the upsert was applied (seen with SecantusDB), so applying
 * it twice must give the same result.
 */
export async function upserted<T>(upsert: () => Promise<T | null>): Promise<T> {
  for (let attempt = 0; attempt < UPSERT_ATTEMPTS; attempt += 1) {
    const found = await unlessTaken(upsert());
    if (found !== undefined && found !== null) return found;
  }
  throw new Problem('lost_race', 'too many requests change a record at once', { retryAfterSeconds: 2 });
}

/** The first `limit` documents. For 0 it does not ask the server, which would return all of them. */
export async function firstOf<T>(cursor: FindCursor<T>, limit: number): Promise<T[]> {
  return limit < 1 ? [] : cursor.limit(limit).toArray();
}

/** Error codes of a server that is unable to answer, as opposed to a wrong request. */
const UNAVAILABLE = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  13, // Unauthorized
  18, // AuthenticationFailed
  43, // CursorNotFound: a stepdown or restart between two pages gives this, and 175, 237, 11601
  50, // MaxTimeMSExpired
  64, // WriteConcernTimeout, of a bulk write
  89, // NetworkTimeout
  91, // ShutdownInProgress
  112, // WriteConflict
  133, // FailedToSatisfyReadPreference
  175, // QueryPlanKilled
  189, // PrimarySteppedDown
  237, // CursorKilled
  262, // ExceededTimeLimit
  9001, // SocketException
  10058, // LegacyNotPrimary
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11601, // Interrupted
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
  14031, // OutOfDiskSpace
]);

/** The error for the caller: a database that cannot answer becomes Problem `storage_unavailable`, a bug stays as it is. */
export function asProblem(error: unknown): unknown {
  return error instanceof Error && (error instanceof MongoError ? isUnavailable(error) : isCut(error))
    ? silent(error.message, error)
    : error;
}

/** True: the connection ended while a command was written to it. The driver passes Node's error on as it is. */
function isCut(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
}

const RETRY_AFTER_SECONDS = 5;

function silent(why: string, cause?: Error): Problem {
  return new Problem('storage_unavailable', `the database does not answer: ${why}`, {
    cause,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

function isUnavailable(error: MongoError): boolean {
  return (
    error instanceof MongoNetworkError ||
    error instanceof MongoSystemError || // no server found in time
    error instanceof MongoWriteConcernError || // written, but perhaps not by a majority
    error instanceof MongoOperationTimeoutError ||
    error instanceof MongoClientClosedError ||
    error instanceof MongoNotConnectedError ||
    error instanceof MongoServerClosedError || // the server left the replica set while a command was under way
    error.name === 'MongoPoolClosedError' || // the same; the driver does not export this class
    error instanceof MongoTopologyClosedError ||
    error.name === 'MongoWaitQueueTimeoutError' || // the driver does not export this class
    error.hasErrorLabel(MongoErrorLabel.RetryableWriteError) ||
    (error instanceof MongoServerError && UNAVAILABLE.has(Number(error.code)))
  );
}

/** One MongoDB replica set: a write is acknowledged by a majority's journals, waiting is bounded, faults have one name. */
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
import { Problem } from '../../domain/problem.ts';

export type Database = {
  db: Db;
  /** the same through connections of its own, made when it is first used: a single command may take as long as it takes */
  leisurely: Db;
  /**
   * The same port, whose calls are answered in time: what they throw for a database that does not answer is a Problem,
   * after `socketTimeoutMS` at the latest, and at once while no primary has been found for `serverSelectionTimeoutMS`.
   * `at-leisure`: work in the background that is made of many commands may take longer.
   */
  attend<Port extends Record<keyof Port, (...input: never[]) => Promise<unknown>>>(
    port: Port,
    pace?: 'in-time' | 'at-leisure',
  ): Port;
  /** after how many milliseconds a call `in-time` is given up, whatever it goes on to do */
  answerWithinMs: number;
  /** after what was asked before is done, calls that were given up included; later ones get Problem `storage_unavailable` */
  close(): Promise<void>;
};

/** What an acknowledged write rests on; no URI weakens it. */
const lasting: MongoClientOptions = {
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 8000 },
  // the primary alone, so that what one node wrote the next one reads a millisecond later
  readPreference: 'primary',
  readConcern: { level: 'local' },
  retryWrites: true,
  retryReads: true,
};

/**
 * Bounds of waiting and of connections; a URI may set its own.
 * A server that falls silent is noticed by its heartbeats within 2 + 3 s; what was asked then waits 4 s more for a primary,
 * so an election passes unseen, and has its answer within 10 s. From then on answers come at once, until a heartbeat succeeds.
 */
const bounds = {
  appName: 'pedel',
  maxPoolSize: 50,
  minPoolSize: 1,
  heartbeatFrequencyMS: 2000,
  connectTimeoutMS: 3000,
  serverSelectionTimeoutMS: 4000,
  waitQueueTimeoutMS: 10_000,
  socketTimeoutMS: 10_000, // longer than a write may wait for its majority; no call of a port takes longer either
};

/**
 * For what reads, counts or indexes a whole collection: a server that dies is noticed by heartbeats all the same. As many
 * connections as there are collections to be indexed at once, and for the lease that says so; nobody waits for one in vain.
 */
const unhurried: MongoClientOptions = { socketTimeoutMS: 0, waitQueueTimeoutMS: 0, maxPoolSize: 20, minPoolSize: 0 };

/** Calls that may wait at once: more would be answered too late to be of use, and would fill the memory meanwhile. */
const MOST_AT_ONCE = 2000;

/**
 * @param uri `mongodb://…` or `mongodb+srv://…`; the database is the one it names, else `pedel`
 * @param prepare runs before anything else does; the second is `leisurely`
 * @throws Problem `storage_unknown` where the URI cannot be understood, `storage_unavailable` where nobody answers
 */
export async function openDatabase(uri: string, prepare: (db: Db, leisurely: Db) => Promise<void>): Promise<Database> {
  const client = clientOf(uri);
  const unreachable = watchPrimary(client);
  const preparing = clientOf(uri, unhurried); // connects if it is used
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
    // neither the error nor most of its messages: they repeat parts of the URI, which may be those of a password
    const { message } = error as Error;
    const why = /^options? [\w, ]+ (is|are) not supported$/.test(message) ? `: ${message}` : '';
    throw new Problem(
      'storage_unknown',
      `the storage's MongoDB URI is not understood${why}; it has the form mongodb://USER:PASSWORD@HOST,HOST/DATABASE?replicaSet=NAME`,
    );
  }
}

function databaseName(uri: string): string {
  const named = /^mongodb(?:\+srv)?:\/\/[^/?]+\/([^?]+)/.exec(uri)?.[1];
  return named === undefined ? 'pedel' : decodeURIComponent(named);
}

/** Returns for how long no server that takes writes has been known, in milliseconds; 0 = there is one. */
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
  const answerWithinMs = socketTimeoutMS > 0 ? socketTimeoutMS : Infinity; // 0 = without end
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  /** What is known without asking is said without waiting. */
  function refuse(): void {
    if (closing !== undefined) throw new Problem('storage_unavailable', 'the database was closed');
    if (unreachableMs() >= serverSelectionTimeoutMS) throw silent('no primary of its replica set can be reached');
    if (underWay.size >= MOST_AT_ONCE)
      throw new Problem('busy', 'too much waits for the database', { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }

  async function run<T>(call: () => Promise<T>, withinMs: number): Promise<T> {
    refuse();
    const asked = call();
    // until it has ended, and not only until it is given up: it still waits, writes and takes room
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
        methods.map(([name, method]) => [name, (...input: never[]) => run(() => method(...input), withinMs)]),
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

/** The answer, or after this time that there is none; a write may then have happened or not, as after any cut line. */
function inTime<T>(answer: Promise<T>, withinMs: number): Promise<T> {
  if (withinMs === Infinity) return answer;
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => reject(silent(`nothing came back within ${withinMs / 1000} s`)), withinMs);
  answer.then(resolve, reject).finally(() => clearTimeout(timer));
  return promise;
}

/**
 * A write that a unique index may refuse; undefined = it did: the race is lost.
 * Which index it was is never read out of the error, for its form differs between servers and versions.
 */
export async function unlessTaken<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return undefined;
    throw error;
  }
}

const DUPLICATE_KEY = 11000;
const UPSERT_ATTEMPTS = 20;

/**
 * An upsert that always finds or inserts. Where another caller inserts at the same moment, the server answers 11000 or
 * null, and asked again it finds what is there now. The null may come although it was applied (seen with SecantusDB): what
 * is upserted must be the same when applied twice.
 */
export async function upserted<T>(upsert: () => Promise<T | null>): Promise<T> {
  for (let attempt = 0; attempt < UPSERT_ATTEMPTS; attempt += 1) {
    const found = await unlessTaken(upsert());
    if (found !== undefined && found !== null) return found;
  }
  throw new Problem('lost_race', 'a record is being changed by too many at once', { retryAfterSeconds: 2 });
}

/** The first of them; to the server a limit of 0 would mean all. */
export async function firstOf<T>(cursor: FindCursor<T>, limit: number): Promise<T[]> {
  return limit < 1 ? [] : cursor.limit(limit).toArray();
}

/** What the server answers when it is not able to, rather than when the question is wrong. */
const UNAVAILABLE = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  13, // Unauthorized
  18, // AuthenticationFailed
  43, // CursorNotFound: so is what a stepdown or a restart killed between two pages, and 175, 237, 11601
  50, // MaxTimeMSExpired
  64, // WriteConcernTimeout, where many writes went as one
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

/** What a caller is told: a database that cannot answer as Problem `storage_unavailable`, a mistake of ours as it is. */
export function asProblem(error: unknown): unknown {
  return error instanceof Error && (error instanceof MongoError ? isUnavailable(error) : isCut(error))
    ? silent(error.message, error)
    : error;
}

/** A connection that ends just as a command is written to it: the driver throws what Node says, as it is. */
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
    error instanceof MongoSystemError || // no server was found in time
    error instanceof MongoWriteConcernError || // written, but by whom it will last is not known
    error instanceof MongoOperationTimeoutError ||
    error instanceof MongoClientClosedError ||
    error instanceof MongoNotConnectedError ||
    error instanceof MongoServerClosedError || // it left the replica set while a command was on its way to it
    error.name === 'MongoPoolClosedError' || // the same; the driver does not export its class
    error instanceof MongoTopologyClosedError ||
    error.name === 'MongoWaitQueueTimeoutError' || // the driver does not export its class
    error.hasErrorLabel(MongoErrorLabel.RetryableWriteError) ||
    (error instanceof MongoServerError && UNAVAILABLE.has(Number(error.code)))
  );
}

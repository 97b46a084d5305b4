/** Counts database commands and bytes per action. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { statSync } from 'node:fs';
import { BSON, type CommandStartedEvent, type CommandSucceededEvent, type Document, MongoClient } from 'mongodb';
import type { Storage } from '../src/domain/ports/storage.ts';
import { openStorage } from '../src/storage/open.ts';
import { type Connection, openConnection } from '../src/storage/sqlite/database.ts';
import { upgradeSchema } from '../src/storage/sqlite/schema.ts';
import { storageOver } from '../src/storage/sqlite/storage.ts';
import { createIndexShadow, type Kind } from './index-shadow.ts';

export type Tally = {
  reads: number;
  writes: number;
  /** of the writes, those that found nothing to change; they are not journalled */
  idleWrites: number;
  /** BSON of commands and answers, without the 21 bytes around each (MongoDB) */
  sentBytes: number;
  receivedBytes: number;
  /** BSON of what was stored: documents inserted or replaced, otherwise the change */
  storedBytes: number;
  /** entries of secondary indexes and of `_id` added and removed (MongoDB) */
  indexEntries: number;
  /** with one fsync each (SQLite) */
  commits: number;
  /** pages written to the log (SQLite) */
  pages: number;
  /** how often each was asked: `find accounts` */
  asked: Map<string, number>;
};

export function newTally(): Tally {
  return {
    reads: 0,
    writes: 0,
    idleWrites: 0,
    sentBytes: 0,
    receivedBytes: 0,
    storedBytes: 0,
    indexEntries: 0,
    commits: 0,
    pages: 0,
    asked: new Map(),
  };
}

export type Counted = {
  storage: Storage;
  /** Everything that is asked from within `call`, and from whatever it starts, belongs to this tally. */
  within<T>(tally: Tally, call: () => T): T;
  /** Whether the caller is within one; what is not happens in the background. */
  isWithin(): boolean;
  /** what is asked in the background */
  background: Tally;
  /** Resolves when nothing is being asked any more. */
  settled(): Promise<void>;
  /** Begins to count the pages of an act (SQLite); the function returned puts them into its tally. */
  beginPages(): (tally: Tally) => void;
  /** what is stored, and how large (MongoDB) */
  kinds(): Map<string, Kind>;
};

export async function openCounted(uri: string, now: () => number): Promise<Counted> {
  const acts = new AsyncLocalStorage<Tally>();
  const background = newTally();
  const current = () => acts.getStore() ?? background;
  const opened = uri.startsWith('sqlite:')
    ? countSqlite(uri.slice('sqlite:'.length), now, current)
    : await countMongodb(uri, now, current);
  let underWay = 0;
  return {
    ...opened,
    storage: whileUnderWay(opened.storage, (change) => (underWay += change)),
    within: (tally, call) => acts.run(tally, call),
    isWithin: () => acts.getStore() !== undefined,
    background,
    async settled() {
      for (let quiet = 0; quiet < 50; quiet += 1) {
        if (underWay > 0) quiet = 0;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

function whileUnderWay(storage: Storage, count: (change: 1 | -1) => void): Storage {
  const watched = (port: object) =>
    Object.fromEntries(
      Object.entries(port).map(([name, method]) => [
        name,
        async (...input: unknown[]) => {
          count(1);
          try {
            return await method(...input);
          } finally {
            count(-1);
          }
        },
      ]),
    );
  const ports = Object.entries(storage).map(([name, port]) => [name, typeof port === 'object' ? watched(port) : port]);
  return Object.fromEntries(ports);
}

function counted(tally: Tally, name: string, kind: 'reads' | 'writes'): void {
  tally[kind] += 1;
  tally.asked.set(name, (tally.asked.get(name) ?? 0) + 1);
}

type Opened = Pick<Counted, 'storage' | 'beginPages' | 'kinds'>;

async function countMongodb(uri: string, now: () => number, current: () => Tally): Promise<Opened> {
  const shadow = createIndexShadow();
  const commands = new Map<number, Document>();
  const bookkeeping = new Set(['hello', 'ismaster', 'ping', 'endSessions', 'dropIndexes']);
  const readers = new Set(['find', 'aggregate', 'getMore', 'count']);

  const started = ({ commandName, command, requestId }: CommandStartedEvent) => {
    if (commandName === 'createIndexes') shadow.define(command.createIndexes, command.indexes);
    else if (!bookkeeping.has(commandName)) commands.set(requestId, command);
  };
  const succeeded = ({ commandName, reply, requestId }: CommandSucceededEvent) => {
    const command = commands.get(requestId);
    const answer = reply as Document;
    // an upsert that lost a race against the same one is asked again, which is not the same in every run
    if (command === undefined || (command.upsert === true && answer.value === null)) return;
    commands.delete(requestId);
    const tally = current();
    tally.sentBytes += BSON.calculateObjectSize(command);
    tally.receivedBytes += BSON.calculateObjectSize(answer);
    const name = `${commandName} ${command[commandName]}`;
    if (name === 'find clientVersion') return; // once a second, in whatever act it falls
    if (readers.has(commandName)) return counted(tally, name, 'reads');
    counted(tally, name, 'writes');
    const { storedBytes, indexEntries } = shadow.apply(command, commandName, answer);
    if (storedBytes === undefined) tally.idleWrites += 1;
    tally.storedBytes += storedBytes ?? 0;
    tally.indexEntries += indexEntries;
  };

  // Pedel opens its client itself and does not show it: every client that connects from now on is listened to
  const { connect } = MongoClient.prototype;
  MongoClient.prototype.connect = function listenedTo(this: MongoClient) {
    this.on('commandStarted', started).on('commandSucceeded', succeeded);
    return connect.call(this);
  };
  try {
    const monitored = new URL(uri);
    monitored.searchParams.set('monitorCommands', 'true');
    const storage = await openStorage(monitored.href, { now });
    return { storage, beginPages: () => () => {}, kinds: shadow.kinds };
  } finally {
    MongoClient.prototype.connect = connect;
  }
}

const PAGE_BYTES = 4096;
const FRAME_BYTES = PAGE_BYTES + 24; // https://sqlite.org/fileformat2.html#the_write_ahead_log
const LOG_HEADER_BYTES = 32;

function countSqlite(file: string, now: () => number, current: () => Tally): Opened {
  const connection = openConnection(file, upgradeSchema);
  const { sql } = connection;
  const note = (text: string, changes: number) => {
    const [verb = ''] = text.trim().split(/\s/, 1);
    if (['BEGIN', 'SAVEPOINT', 'RELEASE', 'ROLLBACK'].includes(verb)) return;
    const tally = current();
    if (verb === 'COMMIT') {
      tally.commits += 1;
      return;
    }
    const table = /(?:FROM|INTO|UPDATE)\s+(\w+)/.exec(text)?.[1] ?? '';
    if (verb === 'SELECT' && table === 'client_version') return; // once a second, in whatever act it falls
    counted(tally, `${verb} ${table}`, verb === 'SELECT' ? 'reads' : 'writes');
    if (verb !== 'SELECT' && changes === 0) tally.idleWrites += 1;
  };
  const listenedTo: Connection = {
    ...connection,
    sql: {
      get(text, ...values) {
        const row = sql.get<never>(text, ...values);
        note(text, row === undefined ? 0 : 1);
        return row;
      },
      all(text, ...values) {
        const rows = sql.all<never>(text, ...values);
        note(text, rows.length);
        return rows;
      },
      run(text, ...values) {
        const changes = sql.run(text, ...values);
        note(text, changes);
        return changes;
      },
    },
  };
  return {
    storage: storageOver(listenedTo, { now }),
    beginPages() {
      sql.get('PRAGMA wal_checkpoint(TRUNCATE)');
      return (tally) => {
        const { size } = statSync(`${file}-wal`);
        tally.pages = size === 0 ? 0 : (size - LOG_HEADER_BYTES) / FRAME_BYTES;
      };
    },
    kinds: () => new Map(),
  };
}

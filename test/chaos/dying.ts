/**
 * A process of its own that does one act of an administrator and is killed by itself, with -9, right before its Nth write:
 * `node dying.ts URI ACT N`. Where there are fewer it comes to the end, and says how many there were.
 */
import { type SQLInputValue, StatementSync } from 'node:sqlite';
import { MongoClient } from 'mongodb';
import { openStorage } from '../../src/storage/open.ts';
import { prepare, run } from './client-acts.ts';

const [uri = '', act = '', last = '1'] = process.argv.slice(2);
let counting = false;
let writes = 0;

function write(): void {
  if (!counting) return;
  writes += 1;
  if (writes === Number(last)) process.kill(process.pid, 'SIGKILL');
}

// every statement that is no query, and the beginning and the end of a transaction
const statement = StatementSync.prototype.run;
StatementSync.prototype.run = function (this: StatementSync, ...values: SQLInputValue[]) {
  write();
  return statement.apply(this, values as never);
} as typeof statement;

// every command that writes, before it is sent
const WRITING = new Set(['insert', 'update', 'delete', 'findAndModify', 'commitTransaction', 'bulkWrite']);
const { connect } = MongoClient.prototype;
MongoClient.prototype.connect = function (this: MongoClient) {
  this.on('commandStarted', ({ commandName }) => WRITING.has(commandName) && write());
  return connect.call(this);
};

const storage = await openStorage(uri, { now: Date.now });
await prepare(act, storage);
counting = true;
const outcome = await run(act, storage);
counting = false;
console.log(JSON.stringify({ writes, outcome: typeof outcome === 'object' ? outcome.kind : outcome }));
await storage.close();

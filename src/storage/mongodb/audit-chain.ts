/**
 * Appends to the audit log as the next of this process's chain, without a gap: one insert is under way at a time, and takes
 * along all entries that came meanwhile. A process that dies, or does not know what became of an insert, never goes on with
 * its chain: it begins another.
 */
import { randomBytes } from 'node:crypto';
import { MongoBulkWriteError } from 'mongodb';
import { type ChainLink, linkAfter } from '../../domain/audit/audit-chain.ts';
import type { AuditEntry } from '../../domain/ports/audit-log.ts';
import { isPassing } from '../../domain/problem.ts';
import { documentOf } from './audit-documents.ts';
import type { Collections } from './collections.ts';
import { asProblem, DUPLICATE_KEY } from './database.ts';

type Waiting = { entry: AuditEntry; resolve: () => void; reject: (reason: unknown) => void };

export type AuditChain = {
  /** Resolves once the entry is in the log, of this call or an earlier one. @throws what the insert threw */
  append(entry: AuditEntry): Promise<void>;
};

const BATCH = 500;

function createAuditChain({ auditLog }: Pick<Collections, 'auditLog'>): AuditChain {
  const waiting: Waiting[] = [];
  let writing = false;
  let node = newName();
  let last: ChainLink | undefined;

  function beginAnother(): void {
    node = newName();
    last = undefined;
  }

  /** Never rejects. */
  async function writeAll(): Promise<void> {
    while (waiting.length > 0) for (let rest = waiting.splice(0, BATCH); rest.length > 0; ) rest = await write(rest);
    writing = false; // in the same turn as the last check of `waiting`
  }

  /** Answers those whose fate is known. @returns the others, which are to be written again */
  async function write(batch: Waiting[]): Promise<Waiting[]> {
    const links: ChainLink[] = [];
    for (const { entry } of batch) links.push(linkAfter(links.at(-1) ?? last, node, entry));
    try {
      const documents = batch.map(({ entry }, index) => ({ ...documentOf(entry), ...links[index] }));
      await auditLog.insertMany(documents, { ordered: true });
      last = links.at(-1);
      for (const { resolve } of batch) resolve();
      return [];
    } catch (error) {
      const refused = firstTaken(error);
      if (refused === undefined) return afterUnknown(batch, error);
      // in order: those before it are in the log, and those behind it are not
      last = links[refused - 1] ?? last;
      for (const { resolve } of batch.slice(0, refused)) resolve();
      return [...(await unlessThere(batch[refused] as Waiting)), ...batch.slice(refused + 1)];
    }
  }

  /** An insert that failed, perhaps after it took effect. A fault of one entry must not keep the others from the log. */
  async function afterUnknown(batch: Waiting[], error: unknown): Promise<Waiting[]> {
    beginAnother();
    if (batch.length === 1 || isPassing(asProblem(error))) {
      for (const { reject } of batch) reject(error);
      return [];
    }
    for (const each of batch) for (let rest = [each]; rest.length > 0; ) rest = await write(rest);
    return [];
  }

  /** The log keeps the same id once. Where it has not got it, the place was taken, which only a stranger does. */
  async function unlessThere(refused: Waiting): Promise<Waiting[]> {
    try {
      const there = await auditLog.findOne({ _id: refused.entry.id }, { projection: { _id: 1 } });
      if (there === null) {
        beginAnother();
        return [refused];
      }
      refused.resolve();
    } catch (error) {
      refused.reject(error);
    }
    return [];
  }

  return {
    append: (entry) =>
      new Promise((resolve, reject) => {
        waiting.push({ entry, resolve, reject });
        if (writing) return;
        writing = true;
        void writeAll();
      }),
  };
}

/** The place in an ordered batch of the document that a unique index refused; undefined: something else went wrong. */
function firstTaken(error: unknown): number | undefined {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError() !== undefined) return undefined;
  const [first] = [error.writeErrors].flat();
  return first?.code === DUPLICATE_KEY ? first.index : undefined;
}

const newName = () => randomBytes(8).toString('hex');

const chains = new WeakMap<object, AuditChain>();

/** The chain of this process in this database. */
export function auditChainOf(collections: Pick<Collections, 'auditLog'>): AuditChain {
  const known = chains.get(collections.auditLog);
  if (known !== undefined) return known;
  const chain = createAuditChain(collections);
  chains.set(collections.auditLog, chain);
  return chain;
}

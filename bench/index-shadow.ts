/** The index entries that each write changes in a MongoDB collection, computed from the commands alone. */
import { BSON, type Document } from 'mongodb';

type Index = { key: Map<string, unknown>; sparse?: boolean; partialFilterExpression?: Document };
/** of what is stored there: the largest document and the most index entries that one of them had */
export type Kind = { largestBytes: number; indexEntries: number };
/** `storedBytes` undefined: nothing was found to change. */
type Effect = { storedBytes: number | undefined; indexEntries: number };

const idIndex: Index = { key: new Map([['_id', 1]]) };

const kindWithin: Record<string, (document: Document) => string> = {
  protocolRecords: ({ _id }) => _id.split(' ')[0],
  auditLog: ({ action }) => action,
  outbox: ({ kind }) => kind,
};

export function createIndexShadow() {
  const indexes = new Map<string, Index[]>();
  const collections = new Map<string, Map<string, Document>>();
  const documentsOf = (collection: string) => {
    const documents = collections.get(collection) ?? new Map<string, Document>();
    collections.set(collection, documents);
    return documents;
  };
  const entriesOf = (collection: string, document: Document | undefined): Set<string> =>
    document === undefined
      ? new Set()
      : new Set([idIndex, ...(indexes.get(collection) ?? [])].flatMap((index) => entries(index, document)));

  const kinds = new Map<string, Kind>();
  function note(collection: string, document: Document, indexEntries: number): void {
    const kind = [collection, kindWithin[collection]?.(document)].filter(Boolean).join(' ');
    const known = kinds.get(kind) ?? { largestBytes: 0, indexEntries: 0 };
    const bytes = BSON.calculateObjectSize(document);
    kinds.set(kind, {
      largestBytes: Math.max(known.largestBytes, bytes),
      indexEntries: Math.max(known.indexEntries, indexEntries),
    });
  }

  /** @returns the number of entries added and removed */
  function put(collection: string, id: string, next: Document | undefined): number {
    const documents = documentsOf(collection);
    const before = entriesOf(collection, documents.get(id));
    const after = entriesOf(collection, next);
    if (next !== undefined) note(collection, next, after.size);
    if (next === undefined) documents.delete(id);
    else documents.set(id, next);
    return before.symmetricDifference(after).size;
  }

  function update(collection: string, id: string, change: Document): Effect {
    const changed = updated(documentsOf(collection).get(id) ?? { _id: id }, change);
    return { storedBytes: BSON.calculateObjectSize(change), indexEntries: put(collection, id, changed) };
  }

  return {
    define(collection: string, wanted: Index[]): void {
      indexes.set(collection, [...(indexes.get(collection) ?? []), ...wanted]);
    },

    apply(command: Document, name: string, reply: Document): Effect {
      const collection = String(command[name]);
      const nothing: Effect = { storedBytes: undefined, indexEntries: 0 };
      if (name === 'insert') {
        if (reply.n === 0) return nothing;
        return together(
          (command.documents as Document[]).map((document) => ({
            storedBytes: BSON.calculateObjectSize(document),
            indexEntries: put(collection, document._id, document),
          })),
        );
      }
      if (name === 'findAndModify') {
        if (reply.value === null || reply.value === undefined) return nothing;
        return update(collection, command.query._id, command.update);
      }
      if (name === 'update') {
        if (reply.n === 0) return nothing;
        return together((command.updates as Document[]).map(({ q, u }) => update(collection, q._id, u)));
      }
      if (name === 'delete') {
        if (reply.n === 0) return nothing;
        let indexEntries = 0;
        for (const { q } of command.deletes as Document[]) {
          const same = (document: Document) => Object.keys(q).every((field) => holds(q[field], document[field]));
          for (const [id, document] of documentsOf(collection))
            if (same(document)) indexEntries += put(collection, id, undefined);
        }
        return { storedBytes: 0, indexEntries };
      }
      throw new TypeError(`${name} is not a command that Pedel is known to write with`);
    },

    /** by collection, and where it holds several kinds, by kind */
    kinds: () => kinds,
  };
}

function together(effects: Effect[]): Effect {
  const sum = (of: (effect: Effect) => number) => effects.reduce((total, each) => total + of(each), 0);
  return { storedBytes: sum(({ storedBytes = 0 }) => storedBytes), indexEntries: sum((each) => each.indexEntries) };
}

/** Whether a value is what a filter asks for, by the operators with which Pedel deletes. */
function holds(wanted: unknown, value: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return wanted === value;
  const { $gt, $lt, $lte, $in } = wanted as { [operator: string]: string } & { $in?: unknown[] };
  if ($in !== undefined) return $in.includes(value);
  const at = value as string;
  return ($gt === undefined || at > $gt) && ($lt === undefined || at < $lt) && ($lte === undefined || at <= $lte);
}

/** The document after an update, for the operators that Pedel uses on fields that matter here. */
function updated(document: Document, change: Document): Document {
  if (!Object.keys(change).some((name) => name.startsWith('$'))) return { _id: document._id, ...change };
  const isNew = Object.keys(document).length === 1;
  const next = { ...document, ...(isNew ? change.$setOnInsert : {}), ...change.$set, ...change.$min, ...change.$max };
  for (const field of Object.keys(change.$unset ?? {})) delete next[field];
  for (const [field, by] of Object.entries<number>(change.$inc ?? {})) next[field] = (document[field] ?? 0) + by;
  return next;
}

/** One entry per element of an array, as in a multikey index. */
function entries({ key, sparse, partialFilterExpression }: Index, document: Document): string[] {
  if (partialFilterExpression !== undefined && !matches(partialFilterExpression, document)) return [];
  const fields = [...key.keys()];
  if (sparse === true && fields.every((field) => document[field] === undefined)) return [];
  let rows: unknown[][] = [[]];
  for (const field of fields) {
    const values = [document[field]].flat();
    rows = rows.flatMap((row) => values.map((value) => [...row, value]));
  }
  return rows.map((row) => JSON.stringify([fields, row]));
}

function matches(filter: Document, document: Document): boolean {
  return Object.entries(filter).every(([field, wanted]) =>
    typeof wanted === 'object' ? document[field] !== undefined : document[field] === wanted,
  );
}

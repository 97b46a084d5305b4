/**
 * Imports over the port of protocol records, which forgets by itself and is on every database. What a plan says of people
 * is compressed, and sealed for the import.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  IMPORT_KEPT_MS,
  type ImportProgress,
  type ImportRecord,
  type ImportRun,
  type Imports,
  type LatestImport,
  type PartKind,
} from '../../domain/ports/imports.ts';
import type { ProtocolRecords } from '../../domain/ports/protocol-records.ts';
import { recordKeyOf } from '../../domain/ports/record-key.ts';
import type { Values } from '../../domain/ports/values.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';

const MODEL = 'Import';
/** The value that names the imports of the last 30 days, the newest first. */
const LIST = 'imports';
/** More than are made in 30 days by a handful of sources, each fed every hour. */
const LISTED = 3000;

type Listed = { id: string; at: number };

export function createImports(
  records: Pick<ProtocolRecords, 'find' | 'put' | 'destroy'>,
  values: Pick<Values, 'get' | 'replace'>,
  sealer: Pick<Sealer, 'seal' | 'open'>,
  /** epoch ms */
  now: () => number,
): Imports {
  const place = (id: string, ...rest: (string | number)[]) => recordKeyOf(JSON.stringify([id, ...rest]));
  const write = (id: string, field: string, text: string, expiresAt: number) => {
    const sealed = sealer.seal(gzipSync(text).toString('base64'), id, `import ${field}`);
    return records.put(MODEL, place(id, field), { sealed }, expiresAt);
  };
  const read = async (id: string, field: string): Promise<string | undefined> => {
    const found = (await records.find(MODEL, place(id, field), now())) as { sealed: string } | undefined;
    if (found === undefined) return undefined;
    return gunzipSync(Buffer.from(sealer.open(found.sealed, id, `import ${field}`), 'base64')).toString();
  };
  const partName = (kind: PartKind, number: number) => `${kind} ${number}`;
  const listed = async (): Promise<{ text: string | undefined; all: Listed[] }> => {
    const text = await values.get(LIST);
    const all = text === undefined ? [] : (JSON.parse(text) as Listed[]);
    return { text, all: all.filter(({ at }) => at > now() - IMPORT_KEPT_MS) };
  };
  async function enlist(entry: Listed) {
    for (;;) {
      const { text, all } = await listed();
      if (all.some(({ id }) => id === entry.id)) return;
      const next = [entry, ...all].slice(0, LISTED);
      if (await values.replace(LIST, JSON.stringify(next), text)) return;
    }
  }
  const find = async (id: string) => {
    const text = await read(id, 'record');
    return text === undefined ? undefined : (JSON.parse(text) as ImportRecord);
  };
  const runOf = async (id: string) => {
    const text = await read(id, 'run');
    return text === undefined ? undefined : (JSON.parse(text) as ImportRun);
  };
  const latestOf = async (source: string) => {
    const text = await values.get(`import ${source}`);
    return { text, latest: text === undefined ? undefined : (JSON.parse(text) as LatestImport) };
  };

  return {
    async put(record) {
      await write(record.id, 'record', JSON.stringify(record), record.plannedAt + IMPORT_KEPT_MS);
      await enlist({ id: record.id, at: record.plannedAt });
    },
    find,
    async list(limit) {
      const { all } = await listed();
      const found = await Promise.all(all.slice(0, limit).map(({ id }) => Promise.all([find(id), runOf(id)])));
      return found.flatMap(([record, run]) =>
        record === undefined && run === undefined
          ? []
          : [{ ...(record === undefined ? {} : { record }), ...(run === undefined ? {} : { run }) }],
      );
    },
    async putRun(run) {
      await write(run.id, 'run', JSON.stringify(run), run.startedAt + IMPORT_KEPT_MS);
      await enlist({ id: run.id, at: run.startedAt });
    },
    run: runOf,
    putPart: (id, kind, number, text) => write(id, partName(kind, number), text, now() + IMPORT_KEPT_MS),
    part: (id, kind, number) => read(id, partName(kind, number)),
    async dropParts(id, kind, count) {
      for (let number = 0; number < count; number += 1) await records.destroy(MODEL, place(id, partName(kind, number)));
    },
    putProgress: (id, progress) => write(id, 'progress', JSON.stringify(progress), now() + IMPORT_KEPT_MS),
    async progress(id) {
      const text = await read(id, 'progress');
      return text === undefined ? undefined : (JSON.parse(text) as ImportProgress);
    },
    latest: async (source) => (await latestOf(source)).latest,
    async begin(source, latest, follows) {
      const { text, latest: last } = await latestOf(source);
      if (last?.id !== follows) return false;
      return values.replace(`import ${source}`, JSON.stringify(latest), text);
    },
  };
}

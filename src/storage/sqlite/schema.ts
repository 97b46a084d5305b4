/** Which schema a file has, and its upgrades: each is applied once, by the first process to start. */
import { requireUsable, requireWhole } from '../../domain/installation/stored-schema.ts';
import type { HalfCopy, SchemaState } from '../../domain/ports/archive.ts';
import { Problem } from '../../domain/problem.ts';
import type { Connection, Sql } from './database.ts';
import { upgrades } from './upgrades.ts';

const APPLICATION_ID = 0x5065_6465; // "Pede" in the file header: Pedel does not touch the database of another program

/** The number of the last upgrade in this version. */
export const knownSchema = upgrades.length;

export function schemaState(sql: Sql): SchemaState {
  const applied = sql.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0;
  const minimum = installationValue(sql, 'minimum');
  return { applied, minimum: minimum === undefined ? applied : Number(minimum) };
}

/** The unfinished copy in this file, if any. */
export function halfCopyOf(sql: Sql): HalfCopy | undefined {
  const value = installationValue(sql, 'copy');
  return value === undefined ? undefined : JSON.parse(value);
}

function installationValue(sql: Sql, name: string): string | undefined {
  // files of schema 1 have no such table
  if (sql.get(`SELECT 1 FROM sqlite_schema WHERE name = 'installation'`) === undefined) return undefined;
  return sql.get<{ value: string }>('SELECT value FROM installation WHERE name = ?', name)?.value;
}

/**
 * Upgrades the file to this version's schema, wholly or not at all. A later schema that allows this version stays.
 * @throws Problem `storage_unavailable` if the file belongs to another program, or to a later version of Pedel
 */
export function upgradeSchema(connection: Connection): void {
  const { sql, exec, inTransaction } = connection;
  exec('BEGIN IMMEDIATE');
  try {
    requireOwn(connection);
    const state = schemaState(sql);
    requireUsable(state, knownSchema);
    for (const upgrade of upgrades.slice(state.applied)) exec(upgrade);
    if (state.applied < knownSchema) {
      exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      exec(`PRAGMA user_version = ${knownSchema}`);
    }
    exec('COMMIT');
  } catch (error) {
    if (inTransaction()) exec('ROLLBACK'); // SQLite has already rolled back if the disk is full
    throw error;
  }
}

/** @throws Problem `storage_incomplete` if the file holds an unfinished copy */
export function refuseHalfCopy({ sql }: Connection): void {
  requireWhole(halfCopyOf(sql));
}

/** @throws Problem `storage_unavailable` if the file belongs to another program */
export function requireOwn({ sql }: Connection): void {
  const owner = sql.get<{ application_id: number }>('PRAGMA application_id')?.application_id ?? 0;
  const empty = sql.get('SELECT 1 FROM sqlite_schema LIMIT 1') === undefined;
  if (empty ? owner !== 0 : owner !== APPLICATION_ID)
    throw new Problem('storage_unavailable', 'this file is a database of another program');
}

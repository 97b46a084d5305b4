/** Fills a storage with applications and years of the audit log, as a copy does, so that every index is as in use. */
import { DatabaseSync } from 'node:sqlite';
import { type ChainLink, linkAfter } from '../../src/domain/audit/audit-chain.ts';
import type { AuditEntry } from '../../src/domain/ports/audit-log.ts';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';

const BATCH = 2000;
/** How far back the log goes. */
const DAYS = 3 * 365;
const DAY_MS = 24 * 3600 * 1000;
const ORGANISATIONS = ['kuleuven', 'vives', 'alum'];

export const clientIdOf = (n: number) => `app-${String(n).padStart(5, '0')}`;

/** A third of them of each organisation. */
export async function fillClients({ archive }: Pick<Storage, 'archive'>, clients: number, now: number): Promise<void> {
  for (let n = 0; n < clients; n += BATCH) {
    const size = Math.min(BATCH, clients - n);
    await archive.put(
      'clients',
      Array.from({ length: size }, (_, place) => clientOf(n + place, now)),
    );
  }
}

function clientOf(n: number, now: number): ClientRecord {
  const id = clientIdOf(n);
  const site = `https://${id}.example.edu`;
  return {
    id,
    revision: 1,
    metadata: {
      client_id: id,
      client_name: `Application ${n} of the faculty`,
      'client_name#nl': `Toepassing ${n} van de faculteit`,
      client_uri: `${site}/`,
      application_type: 'web',
      redirect_uris: [`${site}/callback`],
      post_logout_redirect_uris: [`${site}/`],
      backchannel_logout_uri: `${site}/logout`,
      backchannel_logout_session_required: true,
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      scope: 'openid profile email eduperson',
      contacts: [`${id}@example.edu`],
      pedel_bundle: 'personalised',
      'pedel_purpose#en': 'To sign you in under your own name.',
      'pedel_purpose#nl': 'Om je onder je eigen naam aan te melden.',
      pedel_organisation: ORGANISATIONS[n % ORGANISATIONS.length] ?? '',
    },
    secrets: [{ id: `secret-${n}`, hash: `sha256$${'0'.repeat(43)}`, createdAt: now - (n % 700) * DAY_MS }],
    createdAt: now - (n % 700) * DAY_MS,
    updatedAt: now - (n % 700) * DAY_MS,
  };
}

/** Rare, so that a search for it has far to go. */
export const RARE_ACTION = 'role.granted';
export const RARE_ACTOR = 'somebody-who-left';

/** Of each hundred entries, most are sign-ins; one application has a fifth of them. */
function entryOf(n: number, { people, clients, at }: { people: string[]; clients: number; at: number }): AuditEntry {
  const person = people[(n * 7919) % people.length] ?? '';
  const common = { id: `e${n.toString(36).padStart(8, '0')}${(n * 2654435761) % 1e9}`, at, network: '192.0.2.0/24' };
  const byPerson = { ...common, actor: { kind: 'person' as const, id: person }, subject: person };
  const admin = { kind: 'person' as const, id: people[n % 20] ?? '', roles: ['client-administrator kuleuven'] };
  const client = n % 5 === 0 ? clientIdOf(0) : clientIdOf((n * 31) % clients);
  if (n % 100_000 === 77)
    return { ...common, actor: { kind: 'person', id: RARE_ACTOR }, subject: person, action: RARE_ACTION };
  const kind = n % 100;
  if (kind < 60) return { ...byPerson, client, action: 'sign-in', details: { amr: 'pwd otp mfa', with: 'totp' } };
  if (kind < 75)
    return {
      ...common,
      actor: { kind: 'system' },
      subject: person,
      action: 'session.ended',
      details: { reason: 'sign-out' },
    };
  if (kind < 88)
    return {
      ...byPerson,
      action: 'sign-in.failed',
      details: { place: 'sign-in', factor: 'password', outcome: 'wrong', nth: '1' },
    };
  if (kind < 92) return { ...byPerson, client, action: 'consent.given' };
  if (kind < 96) return { ...byPerson, action: 'factor.added', details: { kind: 'totp', factor: `f${n}` } };
  if (kind < 99)
    return {
      ...common,
      actor: { kind: 'system' },
      subject: person,
      action: 'person.changed',
      details: { source: 'hr', fields: 'email' },
    };
  return { ...common, actor: admin, client, action: 'client.changed', details: { members: 'redirect_uris' } };
}

/** The first entries are made, and are in a chain; SQLite copies them, each time a span of time later (others make all). */
const COPIES = 19;

/** @param file of SQLite; `people`: ids of accounts; `told`: the number stored so far */
export async function fillEntries(
  { archive }: Pick<Storage, 'archive'>,
  input: {
    file?: string;
    entries: number;
    people: string[];
    clients: number;
    now: number;
    told: (count: number) => void;
  },
): Promise<void> {
  const { entries, now, file } = input;
  const made = file === undefined ? entries : Math.ceil(entries / (COPIES + 1));
  let last: ChainLink | undefined;
  for (let n = 0; n < made; n += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, made - n) }, (_, place) => {
      const at = now - Math.floor(((entries - n - place) / entries) * DAYS * DAY_MS);
      const entry = entryOf(n + place, { ...input, at });
      last = linkAfter(last, 'filled', entry);
      return { ...entry, chain: last };
    });
    await archive.put('auditLog', batch);
    input.told(n + batch.length);
  }
  if (file !== undefined) copyEntries({ ...input, file }, made);
}

/** Many times as quick as making them, with the indexes made once at the end. The copies have the hashes of the first ones, so `pedel audit verify` finds them wrong. */
function copyEntries(
  { file, entries, told }: { file: string; entries: number; told: (count: number) => void },
  made: number,
): void {
  const database = new DatabaseSync(file, { timeout: 60_000 });
  try {
    database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; PRAGMA temp_store = FILE');
    const indexes = database
      .prepare(
        `SELECT name, sql FROM sqlite_schema
        WHERE tbl_name = 'audit_log' AND type = 'index' AND sql LIKE 'CREATE INDEX%'`,
      )
      .all();
    for (const { name } of indexes) database.exec(`DROP INDEX ${name}`);
    const copy =
      database.prepare(`INSERT INTO audit_log (id, at, action, subject, client, actor, entry, node, seq, hash)
      SELECT id || ?1, at + ?2, action, subject, client, actor,
        json_set(entry, '$.id', id || ?1, '$.at', at + ?2), node || ?1, seq, hash
      FROM audit_log WHERE node = 'filled' AND seq > ?3 AND seq <= ?4`);
    const span = Math.floor((made / entries) * DAYS * DAY_MS);
    const chunk = 20 * BATCH;
    for (let copied = 1; copied <= COPIES; copied += 1)
      for (let seq = 0; seq < made; seq += chunk) {
        copy.run(`-${copied}`, copied * span, seq, seq + chunk);
        told(copied * made + Math.min(made, seq + chunk));
      }
    for (const { sql } of indexes) database.exec(String(sql));
  } finally {
    database.close();
  }
}

/** The alumni register: the portal's own table, keyed by alumni number. */
import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { knownAddresses, seeds } from './seed.ts';

export type Alumnus = {
  number: string;
  given_name: string;
  family_name: string;
  programme: string;
  year: number;
  street: string;
  postal_code: string;
  city: string;
  phone: string;
  employer: string;
  job: string;
  /** shown to members who search */
  visible: 0 | 1;
  /** last day of the membership, or '' */
  member_until: string;
  card_code: string;
};
export type Search = { name: string; year: string; programme: string; city: string };
/** What an alumnus may change; name, programme and year come from the faculty. */
export const changeable = ['street', 'postal_code', 'city', 'phone', 'employer', 'job'] as const;
export type Changes = Record<(typeof changeable)[number], string> & { visible: boolean };

export const longestField = 100;
const mostResults = 50;

export function openRegister(file: string, today: Date) {
  const db = new DatabaseSync(file);
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA busy_timeout = 5000;
    CREATE TABLE IF NOT EXISTS alumni (
      number TEXT PRIMARY KEY, given_name TEXT NOT NULL, family_name TEXT NOT NULL, programme TEXT NOT NULL, year INTEGER NOT NULL,
      street TEXT NOT NULL DEFAULT '', postal_code TEXT NOT NULL DEFAULT '', city TEXT NOT NULL, phone TEXT NOT NULL DEFAULT '',
      email TEXT NOT NULL,
      employer TEXT NOT NULL, job TEXT NOT NULL, visible INTEGER NOT NULL, member_until TEXT NOT NULL, card_code TEXT NOT NULL UNIQUE
    );
  `);
  const seed = db.prepare(`
    INSERT INTO alumni (number, given_name, family_name, programme, year, city, employer, job, visible, member_until, card_code, email)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  // Memberships run to the end of the calendar year; those of the demo are always paid up.
  const endOfYear = `${today.getFullYear()}-12-31`;
  db.exec('BEGIN');
  for (const [number, givenName, familyName, programme, year, city, employer, job, marks] of seeds) {
    const isMember = marks.includes('m');
    const code = randomBytes(9).toString('base64url');
    seed.run(
      number,
      givenName,
      familyName,
      programme,
      year,
      city,
      employer,
      job,
      Number(marks.includes('v')),
      isMember ? endOfYear : '',
      code,
      knownAddresses[number] ?? '',
    );
  }
  db.prepare("UPDATE alumni SET member_until = ? WHERE member_until <> '' AND member_until < ?").run(
    endOfYear,
    endOfYear,
  );
  db.exec('COMMIT');

  const sql = {
    find: db.prepare('SELECT * FROM alumni WHERE number = ?'),
    byEmail: db.prepare("SELECT * FROM alumni WHERE email = ? AND email <> ''"),
    byCard: db.prepare('SELECT * FROM alumni WHERE card_code = ?'),
    change: db.prepare(
      `UPDATE alumni SET ${changeable.map((field) => `${field} = ?`).join(', ')}, visible = ? WHERE number = ?`,
    ),
    programmes: db.prepare('SELECT DISTINCT programme FROM alumni ORDER BY programme'),
    // Letters are matched as they are typed: % and _ have no meaning, case has none either.
    search: db.prepare(`
      SELECT * FROM alumni WHERE visible = 1
        AND (?1 = '' OR instr(lower(given_name || ' ' || family_name), lower(?1)) > 0)
        AND (?2 = '' OR year = CAST(?2 AS INTEGER))
        AND (?3 = '' OR programme = ?3)
        AND (?4 = '' OR instr(lower(city), lower(?4)) > 0)
      ORDER BY family_name, given_name LIMIT ${mostResults}`),
  };

  return {
    find: (number: string) => sql.find.get(number) as Alumnus | undefined,
    /** @param email one that the issuer says is verified */
    findByEmail: (email: string) => sql.byEmail.get(email.toLowerCase()) as Alumnus | undefined,
    byCard: (code: string) => sql.byCard.get(code) as Alumnus | undefined,
    programmes: () => sql.programmes.all().map(({ programme }) => String(programme)),
    search: ({ name, year, programme, city }: Search) =>
      sql.search.all(name, year, programme, city) as unknown as Alumnus[],
    change(number: string, changes: Changes): void {
      sql.change.run(...changeable.map((field) => changes[field]), Number(changes.visible), number);
    },
    close: () => db.close(),
  };
}

export function isMember(alumnus: Alumnus, today: Date): boolean {
  return alumnus.member_until >= today.toISOString().slice(0, 10);
}

/** The structured message of a Belgian transfer: ten digits and their remainder by 97 (97 where that is 0). */
export function transferMessage(number: string): string {
  const digits = number.replaceAll(/\D/g, '').padStart(10, '0');
  const check = String(Number(digits) % 97 || 97).padStart(2, '0');
  const all = digits + check;
  return `+++${all.slice(0, 3)}/${all.slice(3, 7)}/${all.slice(7)}+++`;
}

/** The state of one application, on disk: sign-ins under way, sessions, and received logouts. */
import { createHash, randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { IDToken, UserInfoResponse } from 'openid-client';

export type Visitor = {
  sub: string;
  sid?: string;
  acr?: string;
  claims: UserInfoResponse;
  idToken: string;
  tokens?: Tokens;
};
export type Tokens = { accessToken: string; expiresAt: number; refreshToken?: string };
export type SignIn = { codeVerifier: string; nonce: string; returnTo: string };
export type Sessions = ReturnType<typeof openSessions>;
export type LogoutTarget = { sub?: string | undefined; sid?: string | undefined };

const signInSeconds = 2 * 3600;
const sessionSeconds = 12 * 3600;
/** Longer than the lifetime of a logout token, and than a callback that the logout should have stopped. */
const logoutMemorySeconds = 24 * 3600;

/** A thief of the file cannot take over a session, because it holds only digests of the cookies. */
const digest = (value: string) => createHash('sha256').update(value).digest('base64url');
const seconds = () => Math.floor(Date.now() / 1000);

export function openSessions(file: string) {
  const db = new DatabaseSync(file);
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA busy_timeout = 5000;
    CREATE TABLE IF NOT EXISTS sign_ins (state TEXT PRIMARY KEY, browser TEXT NOT NULL, content TEXT NOT NULL, expires INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, sub TEXT NOT NULL, sid TEXT, visitor TEXT NOT NULL, expires INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS logouts (jti TEXT PRIMARY KEY, sub TEXT, sid TEXT, at INTEGER NOT NULL, expires INTEGER NOT NULL);
  `);
  const sql = {
    purge: ['sign_ins', 'sessions', 'logouts'].map((table) => db.prepare(`DELETE FROM ${table} WHERE expires <= ?`)),
    begin: db.prepare('INSERT INTO sign_ins VALUES (?, ?, ?, ?)'),
    take: db.prepare('DELETE FROM sign_ins WHERE state = ? AND browser = ? AND expires > ? RETURNING content'),
    start: db.prepare('INSERT INTO sessions VALUES (?, ?, ?, ?, ?)'),
    find: db.prepare('SELECT visitor FROM sessions WHERE id = ? AND expires > ?'),
    update: db.prepare('UPDATE sessions SET visitor = ? WHERE id = ?'),
    end: db.prepare('DELETE FROM sessions WHERE id = ?'),
    heard: db.prepare('INSERT INTO logouts VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING'),
    endBySid: db.prepare('DELETE FROM sessions WHERE sid = ? AND (?2 IS NULL OR sub = ?2)'),
    endBySub: db.prepare('DELETE FROM sessions WHERE sub = ?'),
    overtaken: db.prepare('SELECT 1 FROM logouts WHERE at >= ?3 AND (sid = ?1 OR (sid IS NULL AND sub = ?2))'),
  };

  return {
    /** @param browser value of a cookie that ties the sign-in to the browser that began it */
    begin(state: string, browser: string, signIn: SignIn): void {
      for (const purge of sql.purge) purge.run(seconds());
      sql.begin.run(digest(state), digest(browser), JSON.stringify(signIn), seconds() + signInSeconds);
    },
    /** Answers once: a second callback with the same state finds nothing. */
    take(state: string, browser: string): SignIn | undefined {
      const row = sql.take.get(digest(state), digest(browser), seconds());
      return row && (JSON.parse(String(row.content)) as SignIn);
    },
    /** @returns the value for the cookie; undefined when the visitor was signed out before the session could start */
    start(visitor: Visitor, idToken: IDToken): string | undefined {
      if (sql.overtaken.get(visitor.sid ?? '', visitor.sub, idToken.iat)) return undefined;
      const id = randomBytes(32).toString('base64url');
      sql.start.run(digest(id), visitor.sub, visitor.sid ?? null, JSON.stringify(visitor), seconds() + sessionSeconds);
      return id;
    },
    find(id: string): Visitor | undefined {
      const row = sql.find.get(digest(id), seconds());
      return row && (JSON.parse(String(row.visitor)) as Visitor);
    },
    /** Changes a session that still exists; never brings an ended one back. */
    update(id: string, visitor: Visitor): void {
      sql.update.run(JSON.stringify(visitor), digest(id));
    },
    end(id: string): void {
      sql.end.run(digest(id));
    },
    /** @returns false when this logout token was heard before */
    logOut(jti: string, { sub, sid }: LogoutTarget): boolean {
      db.exec('BEGIN IMMEDIATE');
      try {
        const fresh =
          sql.heard.run(jti, sub ?? null, sid ?? null, seconds(), seconds() + logoutMemorySeconds).changes === 1;
        if (fresh && sid !== undefined) sql.endBySid.run(sid, sub ?? null);
        else if (fresh && sub !== undefined) sql.endBySub.run(sub);
        db.exec('COMMIT');
        return fresh;
      } catch (error) {
        db.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => db.close(),
  };
}

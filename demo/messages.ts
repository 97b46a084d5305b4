/** The received emails, one row per addressee. `put` returns once they are on disk; an email that arrives twice is kept once. */
import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

export type Message = {
  id: string;
  to: string;
  from: string;
  subject: string;
  text: string;
  html: string;
  /** ISO 8601, from the Date header of the email */
  date: string;
  messageId: string;
};
export type Messages = ReturnType<typeof openMessages>;

/** An email that is delivered again keeps its URL: same addressee, same Message-ID, same id. */
export function messageIdentifier(to: string, messageId: string): string {
  return createHash('sha256').update(`${to.toLowerCase()}\n${messageId}`).digest('base64url').slice(0, 16);
}

/** @param file a path, or ':memory:' */
export function openMessages(file: string) {
  const db = new DatabaseSync(file);
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA busy_timeout = 5000;
    CREATE TABLE IF NOT EXISTS messages (
      seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, recipient TEXT NOT NULL, sender TEXT NOT NULL,
      subject TEXT NOT NULL, text TEXT NOT NULL, html TEXT NOT NULL, date TEXT NOT NULL, message_id TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS messages_by_recipient ON messages (recipient, seq);
  `);
  const columns = 'id, recipient AS "to", sender AS "from", subject, text, html, date, message_id AS messageId';
  const insert = db.prepare(`
    INSERT INTO messages (id, recipient, sender, subject, text, html, date, message_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET sender = excluded.sender, subject = excluded.subject, text = excluded.text,
      html = excluded.html, date = excluded.date`);
  const byRecipient = db.prepare(`SELECT ${columns} FROM messages WHERE recipient = ? ORDER BY seq DESC`);
  const all = db.prepare(`SELECT ${columns} FROM messages ORDER BY seq DESC`);
  const byId = db.prepare(`SELECT ${columns} FROM messages WHERE id = ?`);
  const recipients = db.prepare(
    'SELECT recipient AS address, count(*) AS letters, max(seq) AS latest FROM messages GROUP BY recipient ORDER BY latest DESC',
  );

  return {
    put(letters: Omit<Message, 'id'>[]): void {
      db.exec('BEGIN IMMEDIATE');
      try {
        for (const letter of letters) {
          const to = letter.to.toLowerCase();
          const id = messageIdentifier(to, letter.messageId);
          insert.run(id, to, letter.from, letter.subject, letter.text, letter.html, letter.date, letter.messageId);
        }
        db.exec('COMMIT');
      } catch (error) {
        db.exec('ROLLBACK');
        throw error;
      }
    },
    /** Newest first. */
    to: (address: string) => byRecipient.all(address.toLowerCase()) as unknown as Message[],
    /** Newest first. */
    all: () => all.all() as unknown as Message[],
    find: (id: string) => byId.get(id) as unknown as Message | undefined,
    /** The addressees, the one with the latest email first. */
    addresses: () => recipients.all() as unknown as { address: string; letters: number }[],
    close: () => db.close(),
  };
}

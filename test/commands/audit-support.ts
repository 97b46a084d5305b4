/** Entries, checkpoints and tampering for the tests of `pedel audit`. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createSigner } from '../../src/use-cases/audit/checkpoint.ts';
import { type CommandLine, sealer, startOfTests } from './command-line.ts';

export const HOUR = 3_600_000;

/** Appends `e<from>` to `e<to>`, one a millisecond. */
export const write = (shell: CommandLine, from: number, to: number, at = startOfTests) =>
  shell.withStorage(async ({ auditLog }) => {
    for (let n = from; n <= to; n += 1)
      await auditLog.append({
        id: `e${n}`,
        at: at + n,
        action: 'consent.given',
        actor: { kind: 'person', id: n % 2 === 0 ? 'even' : 'odd' },
        client: 'toledo',
      });
  });

/** Signs as a server does. @returns the line that it would log */
export const sign = (shell: CommandLine, by = sealer) =>
  shell.withStorage(async ({ auditLog }) => {
    const signing = await createSigner({ auditLog, sealer: by, now: () => shell.clock.now }).sign();
    return `{"level":"info","auditCheckpoint":${JSON.stringify(signing?.checkpoint)},"msg":"checkpoint"}\n`;
  });

/** Writes to the database past Pedel. */
export function tamper(shell: CommandLine, ...statements: string[]) {
  const database = new DatabaseSync(join(shell.folder, 'pedel.db'));
  database.exec('DROP TRIGGER audit_log_is_append_only; DROP TRIGGER audit_checkpoints_are_append_only');
  for (const each of statements) database.exec(each);
  database.close();
}

/** What `pedel audit verify` says. */
export async function verdict(shell: CommandLine, ...options: string[]) {
  const { status, out, err } = await shell.run('audit', 'verify', '--json', ...options);
  if (out === '') throw new Error(err);
  return { status, ...JSON.parse(out) };
}

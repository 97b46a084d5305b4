/** Writes the protocol's audit entries: consents, ended sessions and replayed tokens (rules 28, 31). */
import type { AuditInput } from '../domain/audit/audit-entry.ts';
import type { AuditLog } from '../domain/ports/audit-log.ts';
import { recordKeyOf } from '../domain/ports/record-key.ts';
import { type RandomBytes, randomId } from '../domain/random.ts';
import type { Log } from './page-sources.ts';

/** Each method returns at once. If an entry cannot be written, the log says so and the visitor is not stopped. */
export type ProtocolAudit = {
  consentGiven(subject: string, client: string): void;
  /** `count`: the number of sessions that ended together. */
  sessionEnded(subject: string, reason: string, count?: number): void;
  /** One entry per token set, however many replays arrive at the same moment. */
  tokenReplayed(grantId: string, client: string, subject: string | undefined): void;
};

/** `now` returns epoch ms. `log` gets the entries that could not be written. */
export function createProtocolAudit(options: {
  auditLog: Pick<AuditLog, 'append'>;
  now: () => number;
  randomBytes: RandomBytes;
  log: Log;
}): ProtocolAudit {
  const { auditLog, now, randomBytes, log } = options;

  const bySystem = () => ({ at: now(), actor: { kind: 'system' as const } });

  /** A second entry with the same `id` is dropped. */
  function append(entry: AuditInput, id = randomId(randomBytes)): void {
    auditLog.append({ ...entry, id }).catch((err: unknown) => log.error({ err }, 'an audit entry was not written'));
  }

  return {
    consentGiven: (subject, client) => append({ ...bySystem(), action: 'consent.given', subject, client }),
    sessionEnded(subject, reason, count) {
      const details = { reason, ...(count === undefined ? {} : { count: String(count) }) };
      append({ ...bySystem(), action: 'session.ended', subject, details });
    },
    tokenReplayed(grantId, client, subject) {
      const whose = subject === undefined ? {} : { subject };
      append({ ...bySystem(), action: 'token.replayed', client, ...whose }, `token.replayed:${recordKeyOf(grantId)}`);
    },
  };
}

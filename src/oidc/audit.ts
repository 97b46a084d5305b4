/**
 * The protocol's audit entries: consents, access taken back, ended sessions and replayed tokens (rules 28, 31). Each is handed to the write
 * that it tells of, so that both happen or neither.
 */
import type { AuditInput } from '../domain/audit/audit-entry.ts';
import type { ChangeEntry } from '../domain/ports/audit-log.ts';
import { recordKeyOf } from '../domain/ports/record-key.ts';
import { type RandomBytes, randomId } from '../domain/random.ts';

export type ProtocolAudit = {
  /** `because`: why the person was asked (../domain/sign-in/reason.ts) */
  consentGiven(subject: string, client: string, because: string): ChangeEntry;
  /** `because`: as it is refused (../domain/sign-in/reason.ts) */
  accessWithdrawn(subject: string, client: string, because: string): ChangeEntry;
  /** `subject` absent: a session without a sign-in, of which nothing is told. `byOwner`: the person did it from elsewhere */
  sessionEnded(subject: string | undefined, reason: string, byOwner?: boolean): ChangeEntry | undefined;
  /** One entry per token set, however many replays arrive at the same moment: a second one with its id is dropped. */
  tokenReplayed(grantId: string, client: string, subject: string | undefined): ChangeEntry;
};

/** `now` returns epoch ms. */
export function createProtocolAudit({
  now,
  randomBytes,
}: {
  now: () => number;
  randomBytes: RandomBytes;
}): ProtocolAudit {
  const bySystem = (entry: Omit<AuditInput, 'at' | 'actor'>, id = randomId(randomBytes)) =>
    ({ at: now(), actor: { kind: 'system' }, ...entry, id }) as ChangeEntry;
  return {
    consentGiven: (subject, client, because) =>
      bySystem({ action: 'consent.given', subject, client, details: { because } }),
    accessWithdrawn: (subject, client, because) =>
      bySystem({ action: 'access.withdrawn', subject, client, details: { because } }),
    sessionEnded(subject, reason, byOwner = false) {
      if (subject === undefined) return undefined;
      const entry = bySystem({ action: 'session.ended', subject, details: { reason } });
      return byOwner ? { ...entry, actor: { kind: 'person', id: subject } } : entry;
    },
    tokenReplayed(grantId, client, subject) {
      const whose = subject === undefined ? {} : { subject };
      return bySystem({ action: 'token.replayed', client, ...whose }, `token.replayed:${recordKeyOf(grantId)}`);
    },
  };
}

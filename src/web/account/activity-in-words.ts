/** Tells an entry of the audit log to the person whom it is about, as a sentence and a line about who, where and how. */
import type { MessageKey, Translate } from '../../../locales/index.ts';
import type { AuditAction, AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { IconName } from '../../http/icons.ts';
import { detailsInWords, type EntryContext, signOf } from '../audit-in-words.ts';

/** What is about no person, or is not told to the one whom it is about (../../use-cases/account/own-activity.ts). */
type Untold =
  | `${'client' | 'webhook' | 'signing-key' | 'initial-access-token' | 'source' | 'source-token' | 'storage'}.${string}`
  | `${'import' | 'outbox' | 'audit' | 'authority' | 'secret' | 'password-hash'}.${string}`
  | 'account.erased'
  | 'account.held'
  | 'account.hold-released'
  | 'role.refused';

/** An act about a person without a sentence for the person does not compile. */
const told: Record<Exclude<AuditAction, Untold>, MessageKey> = {
  'access.withdrawn': 'activity.did_access_withdrawn',
  'account.activated': 'activity.did_account_activated',
  'account.disowned': 'activity.did_disowned',
  'account.end-announced': 'activity.did_end_announced',
  'account.ended': 'activity.did_ended',
  'account.erasure-announced': 'activity.did_erasure_announced',
  'account.recomputed': 'activity.did_recomputed',
  'account.suspended': 'activity.did_suspended',
  'account.suspension-lifted': 'activity.did_suspension_lifted',
  'activation-code.asked-when-active': 'activity.did_asked_when_active',
  'activation-code.mailed': 'activity.did_activation_mailed',
  'address.change-asked': 'activity.did_address_asked',
  'address.change-cancelled': 'activity.did_address_cancelled',
  'address.change-undone': 'activity.did_address_undone',
  'address.changed': 'activity.did_address_changed',
  'address.confirmed': 'activity.did_address_confirmed',
  'address.declined': 'activity.did_address_declined',
  'browser.forgotten': 'activity.did_browser_forgotten',
  'browser.trusted': 'activity.did_browser_trusted',
  'consent.given': 'activity.did_consent',
  'data.downloaded': 'activity.did_downloaded',
  'desk.act-approved': 'activity.did_desk_approved',
  'desk.act-asked': 'activity.did_desk_asked',
  'desk.act-declined': 'activity.did_desk_declined',
  'desk.activation-resent': 'activity.did_desk_resent',
  'desk.address-corrected': 'activity.did_desk_corrected',
  'desk.identity-checked': 'activity.did_desk_checked',
  'desk.noted': 'activity.did_desk_noted',
  'desk.pass-given': 'activity.did_desk_pass',
  'desk.sessions-ended': 'activity.did_desk_sessions',
  'email.not-delivered': 'activity.did_not_delivered',
  'factor.added': 'activity.did_factor_added',
  'factor.removed': 'activity.did_factor_removed',
  'factor.renamed': 'activity.did_factor_renamed',
  'factor-code.mailed': 'activity.did_factor_mailed',
  'passkey.counter-went-back': 'activity.did_counter',
  'password.changed': 'activity.did_password_changed',
  'password.reset': 'activity.did_password_reset',
  'person.changed': 'activity.did_person_changed',
  'person.created': 'activity.did_person_created',
  'person.merge-undone': 'activity.did_merge_undone',
  'person.merged': 'activity.did_merged',
  'person.merged-in': 'activity.did_merged_in',
  'person.split': 'activity.did_split',
  'desk.recovery-stopped': 'activity.did_recovery_stopped',
  'recovery.code-mailed': 'activity.did_recovery_mailed',
  'recovery.opened': 'activity.did_recovery_opened',
  'recovery.started': 'activity.did_recovery_started',
  'recovery.stopped': 'activity.did_recovery_stopped',
  'recovery-codes.renewed': 'activity.did_codes_renewed',
  'reset.factor-proven': 'activity.did_reset_proven',
  'reset.mailed': 'activity.did_reset_mailed',
  'role.ended': 'activity.did_role_ended',
  'role.granted': 'activity.did_role_granted',
  'role.revoked': 'activity.did_role_revoked',
  'second-factor-refused': 'activity.did_factor_refused',
  'session.ended': 'activity.did_session_ended',
  'sign-in': 'activity.did_sign_in',
  'sign-in.failed': 'activity.did_failed',
  'sign-in.locked-out': 'activity.did_locked_out',
  'sign-in.stopped-halfway': 'activity.did_halfway',
  'token.replayed': 'activity.did_replayed',
};

/** What happened, as the person reads it. */
export const sentenceTold = (action: string): MessageKey =>
  Object.hasOwn(told, action) ? told[action as keyof typeof told] : 'activity.did_something';

/** `line`: what is known of the application, the proof, the actor and the place. */
export function activityInWords(
  entry: AuditEntry,
  context: EntryContext,
): { what: string; line: string; icon: IconName; tone: 'warn' | undefined } {
  const { t } = context;
  const { action } = entry;
  const { icon, alarming } = signOf(entry);
  const line = [...byWhom(entry, t), ...detailsInWords(entry, context)].join(' · ');
  return { what: t(sentenceTold(action)), line, icon, tone: alarming ? 'warn' : undefined };
}

/** Who did it, where it was not the person and the sentence does not say it. No names: those are the desk's and the console's. */
function byWhom({ actor, subject, action }: AuditEntry, t: Translate): string[] {
  if (action.startsWith('desk.') || (actor.kind === 'person' && actor.id === subject)) return [];
  if (actor.kind === 'system' || actor.kind === 'anonymous') return [];
  const atDesk = actor.roles?.length === 1 && /^desk\b/.test(actor.roles[0] ?? '');
  return [t(atDesk ? 'activity.by_desk' : 'activity.by_administration')];
}

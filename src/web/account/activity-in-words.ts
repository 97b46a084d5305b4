/** Tells an entry of the audit log to the person whom it is about, as a sentence and a line about where and how. */
import { type MessageKey, messagesOf, type Translate } from '../../../locales/index.ts';
import type { Language } from '../../domain/account/languages.ts';
import type { AuditAction, AuditEntry } from '../../domain/audit/audit-entry.ts';
import { ownClientId } from '../../domain/clients/own-client.ts';
import type { IconName } from '../../http/icons.ts';
import { namesInWords } from './browser-in-words.ts';

type Told = { what: MessageKey; icon: IconName; tone?: 'warn' };

/** Others are told by the sentence of the console. */
const told: Partial<Record<AuditAction, Told>> = {
  'access.withdrawn': { what: 'activity.did_access_withdrawn', icon: 'applications' },
  'account.activated': { what: 'activity.did_account_activated', icon: 'done' },
  'account.disowned': { what: 'activity.did_disowned', icon: 'alert', tone: 'warn' },
  'account.end-announced': { what: 'activity.did_end_announced', icon: 'account' },
  'account.ended': { what: 'activity.did_ended', icon: 'account' },
  'account.recomputed': { what: 'activity.did_recomputed', icon: 'account' },
  'activation-code.asked-when-active': { what: 'activity.did_asked_when_active', icon: 'unknown' },
  'activation-code.mailed': { what: 'activity.did_activation_mailed', icon: 'send' },
  'account.suspended': { what: 'activity.did_suspended', icon: 'alert', tone: 'warn' },
  'account.suspension-lifted': { what: 'activity.did_suspension_lifted', icon: 'done' },
  'address.change-asked': { what: 'activity.did_address_asked', icon: 'details' },
  'address.change-cancelled': { what: 'activity.did_address_cancelled', icon: 'details' },
  'address.change-undone': { what: 'activity.did_address_undone', icon: 'alert', tone: 'warn' },
  'address.changed': { what: 'activity.did_address_changed', icon: 'details' },
  'address.confirmed': { what: 'activity.did_address_confirmed', icon: 'details' },
  'address.declined': { what: 'activity.did_address_declined', icon: 'details' },
  'consent.given': { what: 'activity.did_consent', icon: 'applications' },
  'data.downloaded': { what: 'activity.did_downloaded', icon: 'details' },
  'email.not-delivered': { what: 'activity.did_not_delivered', icon: 'alert', tone: 'warn' },
  'factor.added': { what: 'activity.did_factor_added', icon: 'second-step' },
  'factor.removed': { what: 'activity.did_factor_removed', icon: 'second-step' },
  'factor.renamed': { what: 'activity.did_factor_renamed', icon: 'second-step' },
  'factor-code.mailed': { what: 'activity.did_factor_mailed', icon: 'send' },
  'passkey.counter-went-back': { what: 'activity.did_counter', icon: 'alert', tone: 'warn' },
  'password.changed': { what: 'activity.did_password_changed', icon: 'key' },
  'password.reset': { what: 'activity.did_password_reset', icon: 'key' },
  'person.changed': { what: 'activity.did_person_changed', icon: 'details' },
  'person.created': { what: 'activity.did_person_created', icon: 'details' },
  'recovery-codes.renewed': { what: 'activity.did_codes_renewed', icon: 'key' },
  'reset.factor-proven': { what: 'activity.did_reset_proven', icon: 'second-step' },
  'reset.mailed': { what: 'activity.did_reset_mailed', icon: 'send' },
  'role.ended': { what: 'activity.did_role_ended', icon: 'settings' },
  'role.granted': { what: 'activity.did_role_granted', icon: 'settings' },
  'role.revoked': { what: 'activity.did_role_revoked', icon: 'settings' },
  'second-factor-refused': { what: 'activity.did_factor_refused', icon: 'alert', tone: 'warn' },
  'session.ended': { what: 'activity.did_session_ended', icon: 'sign-out' },
  'sign-in': { what: 'activity.did_sign_in', icon: 'done' },
  'sign-in.failed': { what: 'activity.did_failed', icon: 'alert', tone: 'warn' },
  'sign-in.locked-out': { what: 'activity.did_locked_out', icon: 'alert', tone: 'warn' },
  'token.replayed': { what: 'activity.did_replayed', icon: 'alert', tone: 'warn' },
};

/** Members of details that are proofs, as entries and earlier versions name them. */
const proofs: Record<string, MessageKey> = {
  password: 'activity.by_password',
  totp: 'activity.by_totp',
  'recovery-code': 'activity.by_recovery_code',
  passkey: 'activity.by_passkey',
  'trusted-browser': 'activity.by_trusted_browser',
  'mailed-code': 'activity.by_mailed_code',
  'desk-pass': 'activity.by_desk_pass',
};

export type ActivityContext = {
  t: Translate;
  language: Language;
  /** of the applications that the entries name */
  names: ReadonlyMap<string, string>;
  /** the configured name of the network that holds an address */
  placeNamed(address: string): string | undefined;
};

/** `line`: what is known of the application, the proof, the actor and the place. */
export function activityInWords(
  entry: AuditEntry,
  { t, language, names, placeNamed }: ActivityContext,
): { what: string; line: string; icon: IconName; tone: 'warn' | undefined } {
  const { action, details = {}, client, network } = entry;
  const known = Object.hasOwn(told, action) ? told[action as AuditAction] : undefined;
  const named = client === undefined || client === ownClientId ? undefined : (names.get(client) ?? client);
  const proof = proofs[details.with ?? details.factor ?? ''];
  const times = Number(details.nth ?? 1);
  const line = [
    ...(named === undefined ? [] : [named]),
    ...(proof === undefined ? [] : [t(proof)]),
    ...(times > 1 ? [t('activity.by_times', { count: times })] : []),
    ...byWhom(entry, t),
    ...(details.agent === undefined ? [] : [agentInWords(details.agent, t)]),
    ...(details.seen === 'no' ? [t('activity.by_new_browser')] : []),
    ...(details.browser === 'other' ? [t('activity.by_unknown_browser')] : []),
    ...(network === undefined ? [] : [placeNamed(network) ?? t('activity.by_address', { address: network })]),
  ].join(' · ');
  const what = known === undefined ? unnamed(action, t, language) : t(known.what);
  return { what, line, icon: known?.icon ?? 'info', tone: known?.tone };
}

/** As the audit log keeps it: "Chrome/Windows". */
function agentInWords(agent: string, t: Translate): string {
  const [name, system] = agent.split('/');
  return namesInWords({ ...(name ? { name } : {}), ...(system ? { system } : {}) }, t);
}

/** Who did it, where it was not the person. */
function byWhom({ actor, subject }: AuditEntry, t: Translate): string[] {
  if (actor.kind === 'person' && actor.id === subject) return [];
  if (actor.kind === 'person' || actor.kind === 'client') return [t('activity.by_administration')];
  return actor.kind === 'command' ? [t('activity.by_administration')] : [];
}

function unnamed(action: string, t: Translate, language: Language): string {
  const key = `operation.audit_${action.replace(/[^a-z0-9]/g, '_')}`;
  const known = Object.hasOwn(messagesOf(language), key);
  return known ? t(key as MessageKey) : t('activity.did_something');
}

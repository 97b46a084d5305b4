/**
 * What an entry of the audit log says in words, the one source for the console, the service desk and the page of the person: the
 * sentence of its action, and a line of where and how. Nobody reads names of fields.
 */
import { type MessageKey, messagesOf, type Translate } from '../../locales/index.ts';
import type { Language } from '../domain/account/languages.ts';
import type { AuditAction, AuditEntry } from '../domain/audit/audit-entry.ts';
import { ownClientId } from '../domain/clients/own-client.ts';
import type { IconName } from '../http/icons.ts';
import { namesInWords } from './account/browser-in-words.ts';

export type Without<Text extends string, Sign extends string> = Text extends `${infer Start}${Sign}${infer Rest}`
  ? `${Start}_${Without<Rest, Sign>}`
  : Text;
/** The keys that `sentenceOf` makes: an act without its sentence does not compile. */
type AuditSentence = `operation.audit_${Without<Without<AuditAction, '.'>, '-'>}`;

/** What somebody did, as those who administer read it: "Changed the password". */
export const sentenceOf = (action: string) => `operation.audit_${action.replace(/[^a-z0-9]/g, '_')}` as AuditSentence;

/** The same of an entry that another version may have written. */
export function actionInWords(action: string, { t, language }: { t: Translate; language: Language }): string {
  const key = sentenceOf(action);
  return Object.hasOwn(messagesOf(language), key) ? t(key) : t('operation.audit_unnamed', { action });
}

export type EntryContext = {
  t: Translate;
  language: Language;
  /** of the applications that the entries name */
  names: ReadonlyMap<string, string>;
  /** the configured name of the network that holds an address */
  placeNamed(address: string): string | undefined;
};

const icons: Partial<Record<AuditAction, IconName>> = {
  'access.withdrawn': 'applications',
  'account.activated': 'done',
  'account.end-announced': 'account',
  'account.ended': 'account',
  'account.recomputed': 'account',
  'account.suspension-lifted': 'done',
  'activation-code.asked-when-active': 'unknown',
  'activation-code.mailed': 'send',
  'address.change-asked': 'details',
  'address.change-cancelled': 'details',
  'address.changed': 'details',
  'address.confirmed': 'details',
  'address.declined': 'details',
  'browser.forgotten': 'computer',
  'browser.trusted': 'computer',
  'consent.given': 'applications',
  'data.downloaded': 'details',
  'desk.activation-resent': 'send',
  'desk.address-corrected': 'details',
  'desk.identity-checked': 'fingerprint',
  'desk.pass-given': 'key',
  'desk.recovery-stopped': 'done',
  'desk.sessions-ended': 'sign-out',
  'factor.added': 'second-step',
  'factor.removed': 'second-step',
  'factor.renamed': 'second-step',
  'factor-code.mailed': 'send',
  'password.changed': 'key',
  'password.reset': 'key',
  'person.changed': 'details',
  'person.created': 'details',
  'recovery.code-mailed': 'send',
  'recovery.stopped': 'done',
  'recovery-codes.renewed': 'key',
  'reset.factor-proven': 'second-step',
  'reset.mailed': 'send',
  'role.ended': 'settings',
  'role.granted': 'settings',
  'role.revoked': 'settings',
  'session.ended': 'sign-out',
  'sign-in': 'done',
};
/** What somebody should look at. */
const alarming: ReadonlySet<string> = new Set<AuditAction>([
  'account.disowned',
  'account.suspended',
  'address.change-undone',
  'email.not-delivered',
  'passkey.counter-went-back',
  'recovery.opened',
  'recovery.started',
  'second-factor-refused',
  'sign-in.failed',
  'sign-in.locked-out',
  'sign-in.stopped-halfway',
  'token.replayed',
]);

export function signOf({ action, details = {} }: Pick<AuditEntry, 'action' | 'details'>): {
  icon: IconName;
  alarming: boolean;
} {
  const wrong = action === 'desk.identity-checked' && details.verdict !== 'right';
  if (wrong || alarming.has(action)) return { icon: 'alert', alarming: true };
  const icon = Object.hasOwn(icons, action) ? icons[action as AuditAction] : undefined;
  return { icon: icon ?? (action.startsWith('desk.') ? 'help' : 'info'), alarming: false };
}

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

/** The details of acts of the service desk. */
const deskWords: Record<string, MessageKey> = {
  'birth-date': 'activity.fact_birth_date',
  address: 'activity.fact_address',
  right: 'activity.verdict_right',
  wrong: 'activity.verdict_wrong',
  limited: 'activity.verdict_limited',
  pass: 'desk.act_pass',
  resend: 'desk.act_resend',
  'correct-address': 'desk.act_address',
};

const keyIn = (words: Record<string, MessageKey>, name: string | undefined) =>
  name !== undefined && Object.hasOwn(words, name) ? words[name] : undefined;

/** What is known of the application, the proof, the act and the place, without who it was. */
export function detailsInWords(entry: AuditEntry, { t, names, placeNamed }: EntryContext): string[] {
  const { action, details = {}, client, network } = entry;
  const named = client === undefined || client === ownClientId ? undefined : (names.get(client) ?? client);
  const kind = action.startsWith('factor.') ? details.kind : undefined;
  const proof = keyIn(proofs, details.with ?? kind ?? details.factor);
  const times = Number(details.nth ?? 1);
  const ofDesk = action.startsWith('desk.')
    ? [details.fact, details.verdict, details.act].flatMap((each) => keyIn(deskWords, each) ?? [])
    : [];
  return [
    ...(named === undefined ? [] : [named]),
    ...(proof === undefined ? [] : [t(proof)]),
    ...ofDesk.map((each) => t(each)),
    ...(times > 1 ? [t('activity.by_times', { count: times })] : []),
    ...(details.agent === undefined ? [] : [agentInWords(details.agent, t)]),
    ...(details.seen === 'no' ? [t('activity.by_new_browser')] : []),
    ...(details.browser === 'other' ? [t('activity.by_unknown_browser')] : []),
    ...(network === undefined ? [] : [placeNamed(network) ?? t('activity.by_address', { address: network })]),
  ];
}

/** As the audit log keeps it: "Chrome/Windows". */
function agentInWords(agent: string, t: Translate): string {
  const [name, system] = agent.split('/');
  return namesInWords({ ...(name ? { name } : {}), ...(system ? { system } : {}) }, t);
}

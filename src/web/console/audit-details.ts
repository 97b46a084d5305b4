/**
 * Every detail of an entry of the audit log in words, for those who administer: what it is called, and what its codes, times and
 * members mean. The desk and the person read a line instead (../audit-in-words.ts).
 */
import { type MessageKey, messagesOf, type Translate } from '../../../locales/index.ts';
import { timeZone } from '../../domain/account/affiliation.ts';
import { type Language, tagOf } from '../../domain/account/languages.ts';
import type { AuditAction, AuditDetails } from '../../domain/audit/audit-entry.ts';
import type { AuditEntry } from '../../domain/ports/audit-log.ts';

type NamesOf<Details> = string extends keyof Details ? never : keyof Details & string;
type DetailName = { [Action in AuditAction]: NamesOf<AuditDetails[Action]> }[AuditAction];
/** A detail without a name in words does not compile. */
const nameOf = (name: DetailName): MessageKey => `auditDetails.of_${name}`;

/** Names and ids that somebody chose: they are shown as they are, also where one is like a code. */
const asGiven: readonly string[] = ['name', 'before', 'entry', 'search', 'where', 'url', 'rule', 'secret', 'webhook'];

/** Each “name: value”; of an entry of another version what has no words stays as it is. `network`: as it may be seen. */
export function everyDetail(
  { details = {}, actor }: Pick<AuditEntry, 'details' | 'actor'>,
  network: string | undefined,
  { t, language }: { t: Translate; language: Language },
): string[] {
  const known = messagesOf(language);
  const words = (key: string) => (Object.hasOwn(known, key) ? t(key as MessageKey) : undefined);
  const meaning = (name: string, value: string): string => {
    if (name === 'members' || name === 'fields')
      return value
        .split(' ')
        .map((member) => words(`settings.member_${member.replace('#', '_')}`) ?? member)
        .join(', ');
    if (name === 'role' || name === 'roles')
      return value
        .split(' ')
        .map((role) => words(`consoleRoles.role_${role.replaceAll('-', '_')}`) ?? role)
        .join(', ');
    if (asGiven.includes(name)) return value;
    if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return momentIn(language, value);
    return value
      .split(name === 'amr' || name === 'because' ? ' ' : '\n')
      .map((code) => words(`auditDetails.is_${code.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')}`) ?? code)
      .join(', ');
  };
  const told = Object.entries(details).filter(([name, value]) => value !== '' && !isId(name, value));
  const roles = (actor.roles ?? []).map((role) => {
    const [name = '', ...organisations] = role.split(' ');
    return [meaning('role', name), ...organisations].join(' ');
  });
  return [
    ...told.map(([name, value]) => `${words(nameOf(name as DetailName)) ?? name}: ${meaning(name, value)}`),
    ...(network === undefined ? [] : [`${t('auditDetails.of_network')}: ${network}`]),
    ...(roles.length === 0 ? [] : [`${t('auditDetails.of_in_roles')}: ${roles.join(', ')}`]),
    ...(actor.via === undefined ? [] : [`${t('auditDetails.of_via')}: ${meaning('via', actor.via)}`]),
    ...(actor.requestId === undefined ? [] : [`${t('auditDetails.of_requestId')}: ${actor.requestId}`]),
  ];
}

/** The id of a browser says nothing to anybody; whether it is known does. */
const isId = (name: string, value: string) => name === 'browser' && value !== 'known' && value !== 'other';

const momentIn = (language: Language, iso: string) =>
  new Intl.DateTimeFormat(tagOf(language), { dateStyle: 'long', timeStyle: 'short', timeZone }).format(new Date(iso));

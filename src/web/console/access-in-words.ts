/** The rules of access of an organisation, role by role, as the console tells them. */
import type { Translate } from '../../../locales/index.ts';
import type { AccessRules } from '../../domain/account/access-terms.ts';
import { type Language, tagOf } from '../../domain/account/languages.ts';
import { affiliationRoles } from '../../domain/feed/feed-columns.ts';

export type AccessRow = Record<'role' | 'opens' | 'expired' | 'completed' | 'discontinued' | 'retain', string>;

export function accessInWords(access: AccessRules, t: Translate, language: Language): AccessRow[] {
  const day = new Intl.DateTimeFormat(tagOf(language), { day: 'numeric', month: 'long', timeZone: 'UTC' });
  const daysIn = (rule: string) => Number(rule.slice(1, -1));
  const after = (rule = 'P0D') =>
    rule.startsWith('P')
      ? t('operation.after_days', { count: daysIn(rule) })
      : t('operation.after_until', { day: day.format(new Date(`2027-${rule}T12:00:00Z`)) });
  const kept = (rule = 'forever') => {
    if (rule === 'forever') return t('operation.kept_forever');
    const units = [...rule.matchAll(/(\d+)([YMD])/g)].map(([, count, unit]) => ({ count: Number(count), unit }));
    return units
      .map(({ count, unit }) =>
        t(unit === 'Y' ? 'operation.years' : unit === 'M' ? 'operation.months' : 'operation.days', { count }),
      )
      .join(', ');
  };
  return Object.entries(access).map(([role, { opens = 'P0D', expired, completed, discontinued, retain }]) => ({
    role: affiliationRoles.includes(role) ? t(`account.role_${role as 'student'}`) : t('operation.role_default'),
    opens: t('operation.opens_days', { count: daysIn(opens) }),
    expired: after(expired),
    completed: after(completed ?? expired),
    discontinued: after(discontinued ?? expired),
    retain: kept(retain),
  }));
}

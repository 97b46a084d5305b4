/** The language in which a person wants pages and letters. */
import type { Account, Language, Ruling } from './account.ts';

/** Rule: stored with the account, so that letters and other browsers follow. */
export function chooseLanguage(account: Account, language: Language): Ruling<{ kind: 'chosen' }> {
  return account.language === language
    ? { outcome: { kind: 'chosen' } }
    : { outcome: { kind: 'chosen' }, account: { ...account, language } };
}

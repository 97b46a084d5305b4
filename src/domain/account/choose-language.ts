/** Keeps the language that a person chose with the account. */
import type { Account, Decision } from './account.ts';
import type { Language } from './languages.ts';

/** Rule: the language is stored with the account, so that emails and other browsers follow. `now`: epoch ms. */
export function chooseLanguage(account: Account, language: Language, now: number): Decision<{ kind: 'chosen' }> {
  const claims = { ...account.claims, updated_at: Math.floor(now / 1000) };
  return account.language === language
    ? { outcome: { kind: 'chosen' } }
    : { outcome: { kind: 'chosen' }, account: { ...account, language, claims } };
}

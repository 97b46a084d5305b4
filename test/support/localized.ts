/** Names and labels of tests, so that a further language needs no line in any of them. */
import { inEveryLanguage, type Localized } from '../../src/domain/account/languages.ts';

export function localized(nl: string, en = nl): Localized {
  return inEveryLanguage((language) => (language === 'nl' ? nl : en));
}

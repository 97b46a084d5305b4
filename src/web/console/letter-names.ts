/** What each email is called on lists of the console. Its subject would need its data, which has names and addresses. */
import { messagesOf, type Translate } from '../../../locales/index.ts';
import type { EmailTemplate } from '../../domain/account/emails.ts';
import type { Language } from '../../domain/account/languages.ts';
import type { Without } from '../audit-in-words.ts';

/** An email without its name does not compile. */
type LetterName = `letters.${Without<EmailTemplate, '-'>}`;
const keyOf = (template: string) => `letters.${template.replaceAll('-', '_')}` as LetterName;

/** One that another version wrote keeps the name of its template. */
export function letterName(template: string, { t, language }: { t: Translate; language: Language }): string {
  const key = keyOf(template);
  return Object.hasOwn(messagesOf(language), key) ? t(key) : template;
}

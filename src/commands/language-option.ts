/** `--language`: in which language a command tells what people read on pages and in emails. */
import { Option } from 'commander';
import type { Translate } from '../../locales/index.ts';
import { type Language, languageIds } from '../domain/account/languages.ts';

/** What technicians read. */
export const LIBRARY_LANGUAGE = 'en';

export const languageOption = () =>
  new Option('--language <language>', 'in which language').choices(languageIds).default(LIBRARY_LANGUAGE);

/** The sentences of a language; loaded only where they are told. */
export async function sentencesIn(language: Language): Promise<Translate> {
  const { createTranslations } = await import('../../locales/index.ts');
  return createTranslations()(language);
}

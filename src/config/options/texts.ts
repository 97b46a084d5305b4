/** Texts of the configuration in the languages of the pages. */
import { z } from 'zod';
import { type Language, languageIds } from '../../domain/account/languages.ts';

/** That the default language is there is for faults.ts: which one that is stands elsewhere in the file. */
export const localized = () => z.strictObject(textByLanguage);
const text = z.string().min(1).exactOptional();
const textByLanguage = Object.fromEntries(languageIds.map((id) => [id, text])) as Record<Language, typeof text>;
export const localizedText = `texts by language (${languageIds.join(', ')}), in the default language at least`;

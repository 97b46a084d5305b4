/** The languages of pages and emails, said once. A line here and a folder in locales/ add one: docs/translating.md. */

export const languages = [
  { id: 'nl', tag: 'nl-BE', name: 'Nederlands', formerly: 'n' },
  { id: 'en', tag: 'en-GB', name: 'English', formerly: 'e' },
] as const satisfies readonly LanguageEntry[];

type LanguageEntry = {
  /** ISO 639 code in small letters: folder in locales/, `?lang=`, `lang=""`, `ui_locales`, claim `locale`, column of feeds */
  id: string;
  /** BCP 47 tag by which dates are written */
  tag: string;
  /** as its speakers call it */
  name: string;
  /** the value of `?lang=` on pages of before Pedel, which old letters and bookmarks hold */
  formerly?: string;
};

export type Language = (typeof languages)[number]['id'];
/** One text in every language. */
export type Localized = Record<Language, string>;

export const languageIds: Language[] = languages.map(({ id }) => id);

/** By its id or its former name, in capitals or not; undefined: no language of ours. */
export function languageNamed(value: unknown): Language | undefined {
  if (typeof value !== 'string') return undefined;
  const name = value.toLowerCase();
  const entries: readonly (LanguageEntry & { id: Language })[] = languages;
  return entries.find(({ id, formerly }) => name === id || name === formerly)?.id;
}

/** The language of a tag (`nl-BE`, `nl_BE`, `NL`); undefined: no language of ours. */
export function languageOfTag(tag: string): Language | undefined {
  return languageNamed(tag.split(/[-_]/)[0]);
}

/** The tag for `Intl`. */
export function tagOf(language: Language): string {
  return languages.find(({ id }) => id === language)?.tag ?? language;
}

export function inEveryLanguage(text: (language: Language) => string): Localized {
  return Object.fromEntries(languageIds.map((id) => [id, text(id)])) as Localized;
}

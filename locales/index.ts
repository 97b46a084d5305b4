/** Translates every sentence that a person reads into every known language: `t('room.key', values)`. */
import i18next from 'i18next';
import { type Language, languageIds } from '../src/domain/account/languages.ts';
import type { MessageKey, Messages } from './messages.ts';

export type { MessageKey };
/** Values are inserted unescaped, because views escape what they print. */
export type Translate = (key: MessageKey, values?: Record<string, string | number>) => string;

/** On pages a line must not end in “e-”. A browser breaks after a hyphen, unless this invisible character follows. */
const WORD_JOINER = '\u2060';

const flat = (rooms: Messages): Record<string, string> =>
  Object.fromEntries(
    Object.entries(rooms).flatMap(([room, messages]) =>
      Object.entries(messages).map(([key, message]) => [
        `${room}.${key}`,
        room === 'mail' ? message : message.replaceAll(/\be-(?=mail)/gi, `$&${WORD_JOINER}`),
      ]),
    ),
  );

// The list alone decides, so that a new language needs no line here.
const messages = new Map<Language, Record<string, string>>();
for (const id of languageIds) {
  const folder = (await import(`./${id}/index.ts`)) as { default: Messages };
  messages.set(id, flat(folder.default));
}

/** All messages of a language under their full keys, for tests that compare languages. */
export function messagesOf(language: Language): Record<string, string> {
  return messages.get(language) ?? {};
}

/**
 * One translator per language, made once in the composition.
 * @throws TypeError for an unknown language or a missing key, so that a page never shows a bare key
 */
export function createTranslations(): (language: Language) => Translate {
  const i18n = i18next.createInstance({
    resources: Object.fromEntries([...messages].map(([id, translation]) => [id, { translation }])),
    supportedLngs: languageIds,
    fallbackLng: false,
    keySeparator: false,
    nsSeparator: false,
    initAsync: false,
    interpolation: { escapeValue: false },
  });
  i18n.init();
  const known = messagesOf('en');
  const translators = new Map(
    languageIds.map((language): [Language, Translate] => {
      const translate = i18n.getFixedT(language);
      /** Sentences without values: looking one up takes as long as filling in the view around it. */
      const fixed = new Map<MessageKey, string>();
      return [
        language,
        (key, values) => {
          const ready = values === undefined ? fixed.get(key) : undefined;
          if (ready !== undefined) return ready;
          if (!(key in known) && !(`${key}_other` in known)) throw new TypeError(`no message is called ${key}`);
          const sentence = translate(key, values ?? {});
          if (values === undefined) fixed.set(key, sentence);
          return sentence;
        },
      ];
    }),
  );
  return (language) => {
    const translator = translators.get(language);
    if (translator === undefined) throw new TypeError(`there are no messages in the language ${language}`);
    return translator;
  };
}

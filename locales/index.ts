/** Translates every sentence that a person reads into every known language: `t('room.key', values)`. */
import { createRequire } from 'node:module';
import i18next from 'i18next';
import { type Language, languageIds } from '../src/domain/account/languages.ts';
import type { MessageKey, Messages } from './messages.ts';

export type { MessageKey };
/** Values are inserted unescaped, because views escape what they print. */
export type Translate = (key: MessageKey, values?: Record<string, string | number>) => string;

/** On pages a line must not end in “e-”. A browser breaks after a hyphen, unless this invisible character follows. */
const WORD_JOINER = '\u2060';

const require = createRequire(import.meta.url);

/** The messages of a room under their full keys, from the file that is named after it. @throws Error if there is none */
function readRoom(language: Language, room: string): Record<string, string> {
  const file = `./${language}/${room.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`;
  const messages = (require(file) as Record<string, Record<string, string>>)[room] ?? {};
  return Object.fromEntries(
    Object.entries(messages).map(([key, message]) => [
      `${room}.${key}`,
      room === 'mail' ? message : message.replaceAll(/\be-(?=mail)/gi, `$&${WORD_JOINER}`),
    ]),
  );
}

/** Loads every room of every language, so that nobody waits for one, and none comes from the files of a later version. */
export async function loadLanguages(): Promise<void> {
  for (const id of languageIds) await import(`./${id}/index.ts`);
}

/** All messages of a language under their full keys, for tests that compare languages. */
export function messagesOf(language: Language): Record<string, string> {
  const { default: rooms } = require(`./${language}/index.ts`) as { default: Messages };
  return Object.assign({}, ...Object.keys(rooms).map((room) => readRoom(language, room)));
}

/**
 * One translator per language, made once in the composition. A room's sentences are loaded with the first of them, because a
 * node starts with a few, and applications never read the others.
 * @throws TypeError for an unknown language or a missing key, Error for a missing room, so that a page never shows a bare key
 */
export function createTranslations(): (language: Language) => Translate {
  const i18n = i18next.createInstance({
    resources: Object.fromEntries(languageIds.map((id) => [id, { translation: {} }])),
    supportedLngs: languageIds,
    fallbackLng: false,
    keySeparator: false,
    nsSeparator: false,
    initAsync: false,
    interpolation: { escapeValue: false },
  });
  i18n.init();
  const rooms = new Map<string, Record<string, string>>();
  /** The English messages of the room of this key, once those of all languages are at hand. */
  function roomOf(key: string): Record<string, string> {
    const name = key.slice(0, key.indexOf('.'));
    const loaded = rooms.get(name);
    if (loaded !== undefined) return loaded;
    for (const id of languageIds) i18n.addResources(id, 'translation', readRoom(id, name));
    const english = readRoom('en', name);
    rooms.set(name, english);
    return english;
  }
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
          const known = roomOf(key);
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

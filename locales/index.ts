/** Every sentence a person reads, in both languages: `t('room.key', values)`. The compiler finds a key that nl lacks. */
import i18next from 'i18next';
import type { Language } from '../src/domain/account/account.ts';
import { account as accountEn } from './en/account.ts';
import { activation as activationEn } from './en/activation.ts';
import { mail as mailEn } from './en/mail.ts';
import { pages as pagesEn } from './en/pages.ts';
import { signIn as signInEn } from './en/signIn.ts';
import { account as accountNl } from './nl/account.ts';
import { activation as activationNl } from './nl/activation.ts';
import { mail as mailNl } from './nl/mail.ts';
import { pages as pagesNl } from './nl/pages.ts';
import { signIn as signInNl } from './nl/signIn.ts';

const en = { pages: pagesEn, signIn: signInEn, activation: activationEn, account: accountEn, mail: mailEn };
const nl: { [Room in keyof typeof en]: Record<keyof (typeof en)[Room], string> } = {
  pages: pagesNl,
  signIn: signInNl,
  activation: activationNl,
  account: accountNl,
  mail: mailNl,
};

/** `left_one` and `left_other` are asked for as `left` with a `count`. */
type Base<Key> = Key extends `${infer Stem}_one` | `${infer Stem}_other` ? Stem : Key;
export type MessageKey = {
  [Room in keyof typeof en & string]: `${Room}.${Base<keyof (typeof en)[Room] & string>}`;
}[keyof typeof en & string];
/** Values are put in unescaped: views escape what they print. */
export type Translate = (key: MessageKey, values?: Record<string, string | number>) => string;

const flat = (rooms: Record<string, Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(rooms).flatMap(([room, messages]) =>
      Object.entries(messages).map(([key, message]) => [`${room}.${key}`, message]),
    ),
  );

/** All messages of a language under their full keys, for tests that compare them. */
export function messagesOf(language: Language): Record<string, string> {
  return flat(language === 'nl' ? nl : en);
}

/** One translator per language; made once, in the composition. @throws where a key is missing: a page never shows one */
export function createTranslations(): (language: Language) => Translate {
  const i18n = i18next.createInstance({
    resources: { nl: { translation: flat(nl) }, en: { translation: flat(en) } },
    supportedLngs: ['nl', 'en'],
    fallbackLng: false,
    keySeparator: false,
    nsSeparator: false,
    initAsync: false,
    interpolation: { escapeValue: false },
  });
  i18n.init();
  const known = messagesOf('en');
  const inLanguage = (language: Language): Translate => {
    const translate = i18n.getFixedT(language);
    return (key, values) => {
      if (!(key in known) && !(`${key}_other` in known)) throw new TypeError(`no message is called ${key}`);
      return translate(key, values ?? {});
    };
  };
  const both = { nl: inLanguage('nl'), en: inLanguage('en') };
  return (language) => both[language];
}

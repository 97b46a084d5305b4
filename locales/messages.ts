/** The type of a language's messages: the keys of English, and plural forms that English does not have. */
import type en from './en/index.ts';

type Rooms = typeof en;

/** `left_one` and `left_other` are requested as `left` with a `count`. */
type Base<Key> = Key extends `${infer Stem}_one` | `${infer Stem}_other` ? Stem : Key;
type Counted<Key> = Key extends `${infer Stem}_other` ? Stem : never;
/** CLDR plural categories that English does not have. i18next chooses one by the language and the count. */
type MoreForms<Key> = `${Counted<Key>}_${'zero' | 'two' | 'few' | 'many'}`;

/** The default export of a language's folder. A missing or misspelt key does not compile. */
export type Messages = {
  [Room in keyof Rooms]: Record<keyof Rooms[Room], string> & Partial<Record<MoreForms<keyof Rooms[Room]>, string>>;
};

export type MessageKey = {
  [Room in keyof Rooms & string]: `${Room}.${Base<keyof Rooms[Room] & string>}`;
}[keyof Rooms & string];

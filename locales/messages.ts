/** What every language says: English's keys, and further plural forms where a language has more than English. */
import type en from './en/index.ts';

type Rooms = typeof en;

/** `left_one` and `left_other` are asked for as `left` with a `count`. */
type Base<Key> = Key extends `${infer Stem}_one` | `${infer Stem}_other` ? Stem : Key;
type Counted<Key> = Key extends `${infer Stem}_other` ? Stem : never;
/** CLDR's names for plural forms that English does not have; i18next chooses by the language and the count */
type MoreForms<Key> = `${Counted<Key>}_${'zero' | 'two' | 'few' | 'many'}`;

/** The default export of a language's folder: a key too few or misspelt does not compile. */
export type Messages = {
  [Room in keyof Rooms]: Record<keyof Rooms[Room], string> & Partial<Record<MoreForms<keyof Rooms[Room]>, string>>;
};

export type MessageKey = {
  [Room in keyof Rooms & string]: `${Room}.${Base<keyof Rooms[Room] & string>}`;
}[keyof Rooms & string];

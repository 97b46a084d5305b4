/** What a member of the registry is, and the kinds of value that many of them take. */
import { z } from 'zod';
import type { JsonValue } from '../../../json-value.ts';

export type ClientMember<Schema extends z.ZodType = z.ZodType> = {
  /** An issue of code `custom` has its own remedy. The remedy of all others is to give what is `expected`. */
  schema: Schema;
  /** One sentence: what the member does. */
  help: string;
  /** What is accepted; it continues the word "give". */
  expected: string;
  example: JsonValue;
  /** The value if a registration does not name the member. */
  default?: JsonValue;
  /** The default in words, if it is not one value. With neither, there is no default. */
  otherwise?: string;
  /** `operator`: only `pedel clients apply` may set it, never a registration by the client itself (rule 15). */
  setBy: 'anyone' | 'operator';
  /** It contains, or may contain by mistake, a value that screens and logs must not repeat. */
  secret?: true;
};

export const loopbackHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

const TEXT_LENGTH = 2000;
export const LIST_LENGTH = 100;
export const DAY = 86_400;
/** The upper bound of an age: a longer one would be no limit. */
export const LONGEST_SECONDS = 400 * DAY;

export const text = z.string().min(1).max(TEXT_LENGTH);
export const yesOrNo = z.boolean();
export const list = <Item extends z.ZodType>(item: Item) => z.array(item).max(LIST_LENGTH);
export const textThat = (accepts: (value: string) => boolean) => text.refine(accepts, { error: '' });
export const https = web((value) => URL.parse(value)?.protocol === 'https:');
const webAddress = web((value) => {
  const url = URL.parse(value);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && loopbackHosts.has(url.hostname));
});

function web(accepts: (value: string) => boolean) {
  return textThat(accepts).superRefine((value, context) => {
    const message = writtenFault(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

/** The remedy for an address that people read as leading elsewhere, or browsers complete in their own way. */
export function writtenFault(address: string): string | undefined {
  const url = URL.parse(address);
  if (url === null) return undefined;
  if (url.username !== '' || url.password !== '') return 'remove the user and password before the @';
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  if (!isWeb || /^https?:\/\/[^\s\\/.][^\s\\]*$/i.test(address)) return undefined;
  return 'write it in full, without spaces and backslashes: https://app.example.edu/back';
}

export const words = {
  text: `a text of at most ${TEXT_LENGTH} characters`,
  webAddress: 'an https address (http only for localhost)',
  https: 'an https address',
  yesOrNo: 'true or false',
  oneOf: (values: readonly string[]) => (values.length === 1 ? `"${values[0]}"` : `one of ${values.join(', ')}`),
  listed: (values: readonly string[]) => values.join(', '),
  listOf: (values: readonly string[]) => `a list out of ${values.join(', ')}`,
  seconds: (least: number, most: number) => `a whole number of seconds, ${least} to ${most}`,
};

/** A member that a client may also set itself. */
export function member<Schema extends z.ZodType>(
  schema: Schema,
  expected: string,
  rest: Omit<ClientMember, 'schema' | 'expected' | 'setBy'>,
): ClientMember<Schema> {
  return { schema, expected, setBy: 'anyone', ...rest };
}

export function operatorMember<Schema extends z.ZodType>(
  ...given: Parameters<typeof member<Schema>>
): ClientMember<Schema> {
  return { ...member(...given), setBy: 'operator' };
}

type Rest = Parameters<typeof member>[2];
export const ofText = (rest: Rest) => member(text, words.text, rest);
export const ofWebAddress = (rest: Rest) => member(webAddress, words.webAddress, rest);
export const ofYesOrNo = (rest: Omit<Rest, 'example'>) =>
  member(yesOrNo, words.yesOrNo, { example: true, default: false, ...rest });
export const ofOne = <const Values extends readonly [string, ...string[]]>(values: Values, rest: Rest) =>
  member(z.enum(values), words.oneOf(values), rest);

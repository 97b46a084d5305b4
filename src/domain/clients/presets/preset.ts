/** What a preset of the catalogue is: how one product is registered, and what its administrator types on the other side. */
import { z } from 'zod';
import { type Language, languageIds } from '../../account/languages.ts';
import { type Ask, askNames, asks, askWords, given, placeholdersIn } from './placeholders.ts';
import { isQuoted, type SnippetLanguage, snippetLanguageIds } from './snippet-languages.ts';

/** Text of people; English is what a language without a text shows. */
export type PresetText = { en: string } & { [Other in Language]?: string | undefined };
const sentence = z.string().trim().min(1).max(600);
const others = Object.fromEntries(languageIds.map((id) => [id, sentence.optional()])) as Record<
  Language,
  z.ZodOptional<typeof sentence>
>;
const presetText = z.strictObject({ ...others, en: sentence });

/** Where the facts of a preset come from. */
const evidenceKinds = [
  /** the product signed somebody in at Pedel */
  'run',
  /** its own source or manual was read */
  'source',
  /** somebody else's page names tested versions */
  'third-party',
  /** none of these: general knowledge */
  'unverified',
] as const;
export type Evidence = (typeof evidenceKinds)[number];
type Verified = {
  by: Evidence;
  version?: string | undefined;
  'version#nl'?: string | undefined;
  date: string;
  source: string;
};

/** Faults that several products have; each has its sentence in `locales`. */
const presetFaults = ['idTokenClaims', 'unencodedSecret', 'resourceSent', 'verifiedEmailOnly'] as const;

const line = z.string().min(1).max(500);
const askRecord = z.partialRecord(
  z.enum(askNames),
  z.union([z.strictObject({ example: line }), z.strictObject({ default: line })]),
);
const snippetSchema = z.strictObject({
  /** where it goes: a file or a shell, as its administrator calls it */
  file: line,
  language: z.enum(snippetLanguageIds),
  /** of several: when this one */
  when: presetText.optional(),
  text: z.string().min(1).max(10_000),
});
const metadataSchema = z.record(z.string(), z.json());
/** What to type where, under the product's own names. */
const fieldsSchema = z.array(z.strictObject({ name: line, value: z.string().min(1).max(1000) })).default([]);
const snippetsSchema = z.array(snippetSchema).max(10).default([]);

const shape = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/),
  name: z.string().trim().min(1).max(80),
  /** where the name is words and no product's own */
  'name#nl': z.string().trim().min(1).max(80).optional(),
  /** what else somebody would search for */
  also: z.array(line).max(20).default([]),
  /** of the kinds that end the list, for what the catalogue does not have: its place among them */
  generic: z.int().min(1).max(99).optional(),
  /** SAML only: the preset of the bridge */
  through: z.string().optional(),
  verified: z.strictObject({
    by: z.enum(evidenceKinds),
    version: line.optional(),
    /** where it is more than a number and a name */
    'version#nl': line.optional(),
    date: z.iso.date(),
    source: line,
  }),
  /** what of it nobody has seen work */
  unverified: presetText.optional(),
  asks: askRecord.default({}),
  metadata: metadataSchema.optional(),
  faults: z.array(z.enum(presetFaults)).default([]),
  notes: z.array(presetText).max(20).default([]),
  /** which page of the product has the fields */
  form: line.optional(),
  fields: fieldsSchema,
  snippets: snippetsSchema,
  /**
   * of a product that can prove who it is with a key of its own (private_key_jwt): what is typed then, in place of fields and
   * snippets. `first: false`: the product needs files or code besides, so a secret is proposed first. `jwks_uri`: where it
   * publishes its keys by itself. `notes`, `unverified`: as above, for this
   */
  keys: z
    .strictObject({
      first: z.literal(false).optional(),
      jwks_uri: line.optional(),
      unverified: presetText.optional(),
      notes: z.array(presetText).max(10).default([]),
      fields: fieldsSchema,
      snippets: snippetsSchema,
    })
    .optional(),
});
type Shape = z.output<typeof shape>;
export type Preset = Omit<Shape, 'also' | 'verified' | 'unverified' | 'notes' | 'keys'> & {
  also: string[];
  verified: Verified;
  unverified?: PresetText | undefined;
  notes: PresetText[];
  keys?: PresetKeys | undefined;
};
export type PresetKeys = Pick<Shape, 'fields' | 'snippets'> & {
  first?: false | undefined;
  jwks_uri?: string | undefined;
  unverified?: PresetText | undefined;
  notes: PresetText[];
};

type Refuse = (path: PropertyKey[], message: string, line?: number) => void;

/** A file of the catalogue. Issues of code `custom` have their own remedy; `params.line` counts within a text, from 0. */
export const presetSchema = shape.superRefine((preset, context) => {
  const refuse: Refuse = (path, message, at) =>
    context.addIssue({ code: 'custom', path, message, params: at === undefined ? {} : { line: at } });
  if ((preset.through === undefined) === (preset.metadata === undefined))
    refuse(['metadata'], 'give metadata, or the preset of the bridge that it goes through');
  askFaults(preset, refuse);
  const known: readonly string[] = [...given, ...Object.keys(preset.asks)];
  for (const [path, text, language] of textsOf(preset))
    textFaults(text, known, language, (message, at) => refuse(path, message, at));
}) as z.ZodType<Preset>;

function askFaults(preset: Shape, refuse: Refuse) {
  for (const [name, ask] of Object.entries(preset.asks) as [Ask, { example: string } | { default: string }][]) {
    const [kind, value] = Object.entries(ask)[0] ?? ['', ''];
    if (!asks[name](value)) refuse(['asks', name, kind], `give ${askWords[name]}`);
  }
}

function textFaults(
  text: string,
  known: readonly string[],
  language: SnippetLanguage | undefined,
  refuse: (message: string, line: number) => void,
) {
  for (const { name, line: at, before } of placeholdersIn(text)) {
    if (!known.includes(name))
      refuse(`correct {${name}}: there are ${known.map((each) => `{${each}}`).join(', ')}`, at);
    else if (language !== undefined && !isQuoted(before, language))
      refuse(`put {${name}} between the quotes of ${language}, so that no value can end the text`, at);
  }
}

/** Every text in which placeholders are filled, with its place in the file. */
type PlacedText = [path: PropertyKey[], text: string, language?: SnippetLanguage];
function textsOf({ metadata = {}, keys, ...preset }: Shape): PlacedText[] {
  const otherSide = ({ fields, snippets }: Pick<Shape, 'fields' | 'snippets'>, at: PropertyKey[]): PlacedText[] => [
    ...fields.map(({ value }, index): PlacedText => [[...at, 'fields', index, 'value'], value]),
    ...snippets.map(({ text, language }, index): PlacedText => [[...at, 'snippets', index, 'text'], text, language]),
  ];
  return [
    ...stringsIn(metadata, ['metadata']),
    ...otherSide(preset, []),
    ...(keys === undefined ? [] : otherSide(keys, ['keys'])),
    ...(keys?.jwks_uri === undefined ? [] : [[['keys', 'jwks_uri'], keys.jwks_uri] as PlacedText]),
  ];
}

function stringsIn(value: unknown, path: PropertyKey[]): [PropertyKey[], string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  const steps: [PropertyKey, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  // names too: `pedel_service_resources` is keyed by the address of an API
  return steps.flatMap(([step, part]) => [
    ...(typeof step === 'string' ? stringsIn(step, path) : []),
    ...stringsIn(part, [...path, step]),
  ]);
}

/** In the order of the list: products by name, then the kinds for everything else. */
export function inListOrder(presets: readonly Preset[]): Preset[] {
  const place = ({ generic = 0 }: Preset) => generic;
  return presets.toSorted((a, b) => place(a) - place(b) || a.name.toLowerCase().localeCompare(b.name.toLowerCase()));
}

/** As people of a language call it. */
export const presetName = (preset: Pick<Preset, 'name' | 'name#nl'>, language: Language): string =>
  preset[`name#${language}` as 'name#nl'] ?? preset.name;

/** With which version it was seen to work, in a language; undefined: none is known. */
export const versionIn = (verified: Verified, language: Language): string | undefined =>
  verified[`version#${language}` as 'version#nl'] ?? verified.version;

/** The text in a language, else in English. */
export const textIn = (text: PresetText, language: Language): string => text[language] ?? text.en;

/** Those in whose id, name or other words it is found. */
export function searchPresets<Some extends Pick<Preset, 'id' | 'name' | 'also'>>(
  presets: readonly Some[],
  words: string,
): Some[] {
  const wanted = words.toLowerCase();
  return presets.filter(({ id, name, also }) =>
    [id, name, ...also].some((each) => each.toLowerCase().includes(wanted)),
  );
}

/** Fills a preset for one application: the registration that `pedel clients apply` takes, and what the other side types. */
import type { JsonValue } from '../../json-value.ts';
import { type MetadataFault, readClientMetadata } from '../metadata/client-metadata.ts';
import { type Ask, addressesOf, asks, askWords, filled, isPlainId, type Values } from './placeholders.ts';
import type { Preset } from './preset.ts';
import { type SnippetLanguage, written } from './snippet-languages.ts';

export type Answers = Partial<Record<Ask, string>> & {
  /** absent: the id of the preset */
  clientId?: string | undefined;
  /** the name that people read; absent: the preset's */
  name?: string | undefined;
};

/** `issuer`: scheme, host and port. `provider`: how people know the association. */
export type Provider = { issuer: string; provider: string };

export type FilledSnippet = { file: string; language: SnippetLanguage; when?: Preset['notes'][number]; text: string };
export type Rendered = {
  registration: Record<string, JsonValue>;
  fields: { name: string; value: string }[];
  snippets: FilledSnippet[];
};

/** `missing`: nobody answered it. `refused`: an answer that is not taken. `unwritable`: a value that a snippet cannot hold. */
export type AnswerFault =
  | { kind: 'missing'; ask: Ask; expected: string }
  | { kind: 'refused'; ask: Ask | 'client-id' | 'name'; expected: string }
  | { kind: 'not-asked'; ask: Ask }
  | { kind: 'unwritable'; placeholder: string; language: SnippetLanguage };

/** What stands where a secret is not known yet. */
export const SECRET_UNKNOWN = 'THE-SECRET-SHOWN-WHEN-IT-IS-REGISTERED';

/**
 * Checks and completes what was answered: an address loses the slash at its end, and defaults fill what is left out.
 * @param examples take the examples of the preset where an answer is missing, to show what it looks like
 */
export function readAnswers(preset: Preset, answers: Answers, examples: boolean): Values | AnswerFault[] {
  const faults: AnswerFault[] = [];
  const values: Partial<Record<Ask, string>> = {};
  for (const [ask, settings] of Object.entries(preset.asks) as [Ask, { example?: string; default?: string }][]) {
    const answer = answers[ask]?.trim() ?? settings.default ?? (examples ? settings.example : undefined);
    const value = ask === 'address' ? answer?.replace(/\/+$/, '') : answer;
    if (value === undefined) faults.push({ kind: 'missing', ask, expected: askWords[ask] });
    else if (!asks[ask](value)) faults.push({ kind: 'refused', ask, expected: askWords[ask] });
    else values[ask] = value;
  }
  for (const ask of Object.keys(asks) as Ask[])
    if (answers[ask] !== undefined && preset.asks[ask] === undefined) faults.push({ kind: 'not-asked', ask });
  const { clientId = preset.id, name = preset.name } = answers;
  if (!isPlainId(clientId))
    faults.push({ kind: 'refused', ask: 'client-id', expected: 'letters, digits, - and _, 200 at most' });
  if (name.trim() === '' || name.length > 200 || /\p{Cc}/u.test(name))
    faults.push({ kind: 'refused', ask: 'name', expected: 'a name of at most 200 characters in one line' });
  if (faults.length > 0) return faults;
  return { ...values, client_id: clientId, name, client_secret: '', provider: '', ...addressesOf('http://localhost') };
}

/**
 * The registration and the other side's texts of a preset that has metadata.
 * @param secret absent: words that say where it will be
 */
export function render(
  preset: Preset,
  answers: Answers,
  { issuer, provider }: Provider,
  { secret, examples = false }: { secret?: string | undefined; examples?: boolean } = {},
): Rendered | { faults: AnswerFault[] } {
  const read = readAnswers(preset, answers, examples);
  if (Array.isArray(read)) return { faults: read };
  const values = { ...read, ...addressesOf(issuer), provider, client_secret: secret ?? SECRET_UNKNOWN };
  const faults: AnswerFault[] = [];
  const snippets = preset.snippets.map(({ file, language, when, text }): FilledSnippet => {
    const valueFor = (name: string) => {
      const value = values[name as keyof Values];
      const inLanguage = value === undefined ? undefined : written(value, language);
      if (value !== undefined && inLanguage === undefined)
        faults.push({ kind: 'unwritable', placeholder: name, language });
      return inLanguage;
    };
    return { file, language, ...(when === undefined ? {} : { when }), text: filled(text, valueFor) };
  });
  if (faults.length > 0) return { faults };
  const plain = (text: string) => filled(text, (name) => values[name as keyof Values]);
  const metadata = deeply(preset.metadata ?? {}, plain) as Record<string, JsonValue>;
  return {
    registration: { client_id: values.client_id, client_name: values.name, ...metadata },
    fields: preset.fields.map(({ name, value }) => ({ name, value: plain(value) })),
    snippets,
  };
}

/** What would be refused of the registration of a preset, with its own examples. Empty: nothing. */
export function registrationFaults(preset: Preset): MetadataFault[] {
  if (preset.metadata === undefined) return [];
  const rendered = render(preset, {}, { issuer: 'https://idp.example.edu', provider: 'Example' }, { examples: true });
  if ('faults' in rendered) return []; // the schema has told them
  const read = readClientMetadata(rendered.registration);
  return 'faults' in read ? read.faults : [];
}

function deeply(value: JsonValue, change: (text: string) => string): JsonValue {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((each) => deeply(each, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) => (part === undefined ? [] : [[change(name), deeply(part, change)]])),
  );
}

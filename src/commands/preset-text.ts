/** A preset in words, for the terminal: what it registers, what the other side types, its faults, and how sure that is. */
import type { Translate } from '../../locales/index.ts';
import type { Listed } from '../config/catalogue.ts';
import type { Language } from '../domain/account/languages.ts';
import { textIn, versionIn } from '../domain/clients/presets/preset.ts';
import type { FilledSnippet, Rendered } from '../domain/clients/presets/preset-rendering.ts';
import { printable } from './terminal.ts';

/** In which words: `say` translates to `language`. */
export type Words = { say: Translate; language: Language };

/** What is known of a preset, and how: one line, and a second one of what nobody has seen work. */
export function evidenceText({ verified, unverified }: Listed, { say, language }: Words): string[] {
  const { by, date, source } = verified;
  const version = versionIn(verified, language);
  const known = [say(`catalogue.evidence_${by}`), version, date].filter((each) => each !== undefined).join(', ');
  return [
    `${say('catalogue.heading_evidence')}: ${known} (${source})`,
    ...(unverified === undefined ? [] : [`${say('catalogue.heading_unverified')}: ${textIn(unverified, language)}`]),
  ];
}

/** Its faults in words, then what else its administrator has to know. */
export function notesText({ faults, notes }: Listed, { say, language }: Words): string[] {
  return [...faults.map((fault) => say(`catalogue.fault_${fault}`)), ...notes.map((note) => textIn(note, language))];
}

/** What the other side types: the fields of its form, and each snippet under the name of its file. */
export function otherSideText({ form }: Listed, { fields, snippets }: Rendered, words: Words): string {
  const width = Math.max(0, ...fields.map(({ name }) => name.length));
  const lines = [
    ...(form === undefined ? [] : [`  ${form}`]),
    ...fields.map(({ name, value }) => `    ${name.padEnd(width)}  ${value}`),
    ...snippets.flatMap((snippet) => [
      `  ${titleOf(snippet, words)}`,
      '',
      ...snippet.text
        .trimEnd()
        .split('\n')
        .map((line) => `    ${line}`.trimEnd()),
      '',
    ]),
  ];
  return lines.map(printable).join('\n').trimEnd();
}

/** The file of a snippet, and of several when it is this one. */
export const titleOf = ({ file, when }: FilledSnippet, { language }: Words): string =>
  when === undefined ? file : `${file} (${textIn(when, language)})`;

/** The whole of a preset. `rendered` absent: it goes through another one. */
export function presetText(preset: Listed, rendered: Rendered | undefined, examples: string[], words: Words): string {
  const { say } = words;
  const parts = [
    [`${preset.name}  (${preset.id})`, ...evidenceText(preset, words).map((line) => `  ${line}`)]
      .map(printable)
      .join('\n'),
  ];
  if (preset.through !== undefined)
    parts.push(`${say('catalogue.heading_through')}: pedel presets show ${preset.through}`);
  if (rendered !== undefined) {
    const registration = JSON.stringify(rendered.registration, null, 2).replace(/^/gm, '  ');
    parts.push(`${say('catalogue.heading_registered')}\n${printableLines(registration)}`);
    const there = otherSideText(preset, rendered, words);
    if (there !== '') parts.push(`${say('catalogue.heading_there')}\n${there}`);
  }
  const notes = notesText(preset, words);
  if (notes.length > 0)
    parts.push([say('catalogue.heading_notes'), ...notes.map((note) => `  - ${printable(note)}`)].join('\n'));
  if (examples.length > 0) parts.push(say('catalogue.examples_shown', { names: examples.join(', ') }));
  return `${parts.join('\n\n')}\n`;
}

const printableLines = (text: string) => text.split('\n').map(printable).join('\n');

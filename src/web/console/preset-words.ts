/** A preset of the catalogue in words: how sure it is, and what the people of the application have to know. */
import type { MessageKey, Translate } from '../../../locales/index.ts';
import type { Language } from '../../domain/account/languages.ts';
import { type Preset, textIn, versionIn } from '../../domain/clients/presets/preset.ts';

type Words = { t: Translate; language: Language };

/** One short line, for a list: "Run with version 17". */
export function evidenceLine({ verified, through }: Preset, { t, language }: Words): string {
  if (through !== undefined) return t('console.evidence_through');
  const { by } = verified;
  const version = versionIn(verified, language);
  const key = `console.evidence_${by === 'third-party' ? 'others' : by}` satisfies MessageKey;
  return version === undefined ? t(key) : `${t(key)}, ${version}`;
}

/** Its faults, then its notes. */
export function notesOf({ faults, notes }: Preset, { t, language }: Words): string[] {
  return [...faults.map((fault) => t(`catalogue.fault_${fault}`)), ...notes.map((note) => textIn(note, language))];
}

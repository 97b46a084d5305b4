/** What the catalogue says of a product, for the tests that run it: so that what is shown to operators is what was seen to work. */
import { fileURLToPath } from 'node:url';
import { readCatalogue } from '../../src/config/catalogue.ts';
import type { Preset } from '../../src/domain/clients/presets/preset.ts';
import { byItsKey } from '../../src/domain/clients/presets/preset-keys.ts';
import { type Answers, type Rendered, render } from '../../src/domain/clients/presets/preset-rendering.ts';

const folder = fileURLToPath(new URL('../../catalogue', import.meta.url));

/** @throws Error where there is no such preset, or an answer is not taken */
export const ofPreset = (id: string, answers: Answers, issuer: string, secret: string): Rendered =>
  filled(presetOf(id), answers, issuer, secret);

/** Of one that proves who it is with a key of its own. */
export const ofKeyPreset = (id: string, answers: Answers, issuer: string): Rendered =>
  filled(byItsKey(presetOf(id)), answers, issuer);

function presetOf(id: string): Preset {
  const preset = readCatalogue(folder).presets.find((each) => each.id === id);
  if (preset === undefined) throw new Error(`there is no preset ${id}`);
  return preset;
}

function filled(preset: Preset, answers: Answers, issuer: string, secret?: string): Rendered {
  const rendered = render(preset, answers, { issuer, provider: 'Pedel' }, { secret });
  if ('faults' in rendered) throw new Error(JSON.stringify(rendered.faults));
  return rendered;
}

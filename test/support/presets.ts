/** What the catalogue says of a product, for the tests that run it: so that what is shown to operators is what was seen to work. */
import { fileURLToPath } from 'node:url';
import { readCatalogue } from '../../src/config/catalogue.ts';
import { type Answers, type Rendered, render } from '../../src/domain/clients/presets/preset-rendering.ts';

const folder = fileURLToPath(new URL('../../catalogue', import.meta.url));

/** @throws Error where there is no such preset, or an answer is not taken */
export function ofPreset(id: string, answers: Answers, issuer: string, secret: string): Rendered {
  const preset = readCatalogue(folder).presets.find((each) => each.id === id);
  if (preset === undefined) throw new Error(`there is no preset ${id}`);
  const rendered = render(preset, answers, { issuer, provider: 'Pedel' }, { secret });
  if ('faults' in rendered) throw new Error(JSON.stringify(rendered.faults));
  return rendered;
}

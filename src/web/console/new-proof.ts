/** How an application that is being registered proves who it is: with a key first where its product takes one. */
import type { Translate } from '../../../locales/index.ts';
import type { Language } from '../../domain/account/languages.ts';
import { type SecretLife, secretLives, USUAL_LIFE } from '../../domain/clients/client-secrets.ts';
import type { Preset } from '../../domain/clients/presets/preset.ts';
import { byItsKey } from '../../domain/clients/presets/preset-keys.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import type { Views } from '../../http/views.ts';
import { getsSecret, readSecret } from './new-answers.ts';
import { proofForm, readKeyChoice, repeated, type Way } from './proof.ts';

type Registration = Record<string, JsonValue>;
type Shown = NonNullable<Views['console/new-check']['proof']>;

/**
 * The preset for the way that was chosen; a key is the first choice where the product takes one without more. `given` absent:
 * nothing is chosen yet.
 */
export function chosenPreset(preset: Preset, given: Record<string, string> | undefined): { preset: Preset; by: Way } {
  const chosen = given?.proof ?? (preset.keys?.first === false ? 'secret' : 'key');
  const by = preset.keys !== undefined && chosen !== 'secret' ? 'key' : 'secret';
  return { preset: by === 'key' ? byItsKey(preset) : preset, by };
}

/** The members that it adds to the registration, and the first secret. `errors`: at their fields, with the sentence above them. */
export type NewProof =
  | { members: Registration; secret?: { name: string; life: SecretLife } }
  | { error: string; errors: Record<string, string> };

export function readNewProof(
  registration: Registration,
  by: Way,
  given: Record<string, string>,
  { t, language }: { t: Translate; language: Language },
): NewProof {
  if (by === 'key') {
    const { jwks_uri, keys } = given;
    const read = readKeyChoice(proofForm.parse({ proof: by, jwks_uri, keys }), { t, language });
    return read.kind === 'refused'
      ? { error: t('clientKeys.refused'), errors: read.errors }
      : { members: read.members };
  }
  if (!getsSecret(registration)) return { members: {} };
  const secret = readSecret(given);
  return secret === undefined
    ? { error: t('console.first_secret_refused'), errors: { secret_name: t('console.secret_name_refused_beside') } }
    : { members: {}, secret };
}

/** What the form shows of it. Undefined: it proves nothing (a public client). */
export function shownProof(
  preset: Preset,
  registration: Registration,
  given: Record<string, string> | undefined,
  t: Translate,
): Shown | undefined {
  const { by } = chosenPreset(preset, given);
  if (by === 'secret' && !getsSecret(registration)) return undefined;
  const known = typeof registration.jwks_uri === 'string' ? registration.jwks_uri : '';
  return {
    choice: preset.keys !== undefined,
    by,
    address: given?.jwks_uri ?? known,
    keys: repeated(given?.keys ?? ''),
    name: given?.secret_name ?? t('console.first_secret'),
    life: given?.secret_life ?? USUAL_LIFE,
    lives: secretLives,
  };
}

/** What the choice above them says is not told again in a line of its own. */
export const isOfProof = (member: string): boolean =>
  ['token_endpoint_auth_method', 'jwks_uri', 'jwks'].includes(member);

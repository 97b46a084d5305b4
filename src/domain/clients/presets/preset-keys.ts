/** A preset for an application that proves who it is with a key of its own, in place of a secret. */
import type { Preset } from './preset.ts';

/** Its registration and the words of the other side then. One that cannot stays as it is. */
export function byItsKey<Some extends Preset>(preset: Some): Some {
  const { keys, metadata, notes, unverified } = preset;
  if (keys === undefined || metadata === undefined) return preset;
  return {
    ...preset,
    metadata: {
      ...metadata,
      token_endpoint_auth_method: 'private_key_jwt',
      ...(keys.jwks_uri === undefined ? {} : { jwks_uri: keys.jwks_uri }),
    },
    fields: keys.fields,
    snippets: keys.snippets,
    notes: [...notes, ...keys.notes],
    unverified: keys.unverified ?? unverified,
  };
}

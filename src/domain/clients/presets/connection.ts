/** What the people of an application type on its side, under the names that its own pages have, where a preset knows them. */
import type { ClientRecord } from '../../ports/clients.ts';
import { addressesOf, askNames } from './placeholders.ts';
import type { Preset } from './preset.ts';
import { byItsKey } from './preset-keys.ts';
import { type Answers, type FilledSnippet, type Provider, render, SECRET_UNKNOWN } from './preset-rendering.ts';

/** `isSecret`: its value is the secret, or stands where the secret goes (`SECRET_UNKNOWN`). */
export type ConnectionField = { name: string; value: string; isSecret: boolean };
/** `preset` absent: it was registered without one, so the names are those of the standards. */
export type Connection<Some extends Preset = Preset> = {
  preset?: Some;
  fields: ConnectionField[];
  snippets: FilledSnippet[];
};

/** With what a preset was filled for this application; undefined: with none. */
export function presetOf({ origin }: Pick<ClientRecord, 'origin'>): { id: string; answers: Answers } | undefined {
  if (origin?.kind !== 'added' || origin.preset === undefined) return undefined;
  const { answers = {} } = origin;
  return {
    id: origin.preset,
    answers: Object.fromEntries(askNames.flatMap((ask) => (answers[ask] === undefined ? [] : [[ask, answers[ask]]]))),
  };
}

/** @param secret known only where it was just made */
export function connectionOf<Some extends Preset>(
  record: Pick<ClientRecord, 'id' | 'metadata' | 'secrets' | 'origin'>,
  presets: readonly Some[],
  provider: Provider,
  secret?: string,
): Connection<Some> {
  const made = presetOf(record);
  const found = presets.find(({ id }) => id === made?.id);
  const byKey = record.metadata.token_endpoint_auth_method === 'private_key_jwt';
  const preset = found === undefined || !byKey ? found : byItsKey(found);
  const name = typeof record.metadata.client_name === 'string' ? record.metadata.client_name : record.id;
  const answers = { ...made?.answers, clientId: record.id, name };
  const rendered = preset?.metadata === undefined ? undefined : render(preset, answers, provider, { secret });
  const known = secret ?? SECRET_UNKNOWN;
  const asField = (field: { name: string; value: string }) => ({ ...field, isSecret: field.value === known });
  // a preset that has changed since may ask what nobody answered, and one without `keys` knows the words for a secret alone
  if (preset === undefined || rendered === undefined || 'faults' in rendered || (byKey && preset.keys === undefined))
    return { fields: plainFields(record, provider, known).map(asField), snippets: [] };
  const { fields, snippets } = rendered;
  const enough =
    fields.length > 0 ? fields : plainFields(record, provider, known).slice(0, record.secrets.length === 0 ? 1 : 2);
  return { preset, fields: enough.map(asField), snippets };
}

function plainFields(
  { id, secrets, metadata }: Pick<ClientRecord, 'id' | 'secrets' | 'metadata'>,
  { issuer }: Provider,
  secret: string,
) {
  const { discovery, authorization_endpoint, token_endpoint, userinfo_endpoint, jwks_uri } = addressesOf(issuer);
  return [
    { name: 'Client ID', value: id },
    ...(secrets.length === 0 ? [] : [{ name: 'Client secret', value: secret }]),
    ...(metadata.token_endpoint_auth_method === 'private_key_jwt'
      ? [
          { name: 'Client authentication', value: 'private_key_jwt' },
          { name: 'Audience of the assertion (aud)', value: issuer },
        ]
      : []),
    { name: 'Issuer', value: issuer },
    { name: 'Discovery', value: discovery },
    { name: 'Authorization endpoint', value: authorization_endpoint },
    { name: 'Token endpoint', value: token_endpoint },
    { name: 'Userinfo endpoint', value: userinfo_endpoint },
    { name: 'JWKS', value: jwks_uri },
  ];
}

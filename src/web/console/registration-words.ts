/** Why each line of a registration is there, and what is wrong with one, in words. */
import { faultIn } from '../../../locales/faults.ts';
import type { MessageKey, Translate } from '../../../locales/index.ts';
import type { Language } from '../../domain/account/languages.ts';
import type { MetadataFault } from '../../domain/clients/metadata/client-metadata.ts';
import type { Preset } from '../../domain/clients/presets/preset.ts';
import { faultsAt } from './edit-form.ts';

const reasons: Readonly<Record<string, MessageKey>> = {
  client_name: 'console.why_client_name',
  redirect_uris: 'console.why_redirect_uris',
  post_logout_redirect_uris: 'console.why_post_logout',
  backchannel_logout_uri: 'console.why_backchannel',
  client_uri: 'console.why_client_uri',
  contacts: 'console.why_contacts',
  scope: 'console.why_scope',
  pedel_bundle: 'console.why_bundle',
  'pedel_purpose#nl': 'console.why_purpose',
  'pedel_purpose#en': 'console.why_purpose',
  token_endpoint_auth_method: 'console.why_auth_method',
  pedel_require_pkce: 'console.why_pkce',
  pedel_id_token_claims: 'console.why_id_token',
};

export function reasonOf(member: string, { name, generic }: Preset, t: Translate): string {
  const key = reasons[member] ?? (generic === undefined ? 'console.why_product' : 'console.why_kind');
  return t(key, { name });
}

/** With the names of the standards, for who knows the other side. */
export function faultSentence({ member, value, remedy }: MetadataFault, language: Language): string {
  return `${member}${value === undefined ? '' : ` ${JSON.stringify(value)}`}: ${faultIn(language, remedy)}`;
}

/** The same under the names of the fields, which begin with `prefix`. What has no field stands above the form, as all do. */
export function atFields(faults: readonly MetadataFault[], prefix: string, language: Language): Record<string, string> {
  const { errors } = faultsAt(faults, new Set(faults.map(({ member }) => member)), language);
  const named = Object.entries(errors).map(([member, said]) => [
    member === 'client_id' ? member : prefix + member,
    said,
  ]);
  return Object.fromEntries(named);
}

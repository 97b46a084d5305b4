/** How an application proves who it is, as a form asks it: with a key of its own, by an address or pasted, or with a secret. */
import { z } from 'zod';
import { faultIn } from '../../../locales/faults.ts';
import type { Translate } from '../../../locales/index.ts';
import type { Language } from '../../domain/account/languages.ts';
import { looksPrivate, type PastedFault, readPasted } from '../../domain/clients/keys/pasted-keys.ts';
import { memberFault } from '../../domain/clients/metadata/client-metadata.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';

const PRIVATE_KEY_JWT = 'private_key_jwt';
const ways = ['key', 'secret'] as const;
export type Way = (typeof ways)[number];

/** What the form brings: which way, and for a key one of the two others. */
export const proofForm = z.object({
  proof: z.enum(ways).catch('secret'),
  jwks_uri: z.string().trim().max(2000).default(''),
  keys: z.string().max(60_000).default(''),
});
export type ProofTyped = z.output<typeof proofForm>;

export type ProofRead =
  /** `members`: of the registration */
  { kind: 'key'; members: Record<string, JsonValue> } | { kind: 'refused'; errors: Record<string, string> };

type Words = { t: Translate; language: Language };

/** Reads a choice for a key. The faults are told at their fields. */
export function readKeyChoice({ jwks_uri: uri, keys: pasted }: ProofTyped, { t, language }: Words): ProofRead {
  const text = pasted.trim();
  if (uri === '' && text === '') return { kind: 'refused', errors: { jwks_uri: t('clientKeys.neither') } };
  if (uri !== '' && text !== '') return { kind: 'refused', errors: { keys: t('clientKeys.both') } };
  if (uri !== '') {
    const fault = memberFault('jwks_uri', uri);
    if (fault !== undefined) return { kind: 'refused', errors: { jwks_uri: faultIn(language, fault.remedy) } };
    return { kind: 'key', members: { token_endpoint_auth_method: PRIVATE_KEY_JWT, jwks_uri: uri } };
  }
  const read = readPasted(text);
  if ('faults' in read) return { kind: 'refused', errors: { keys: faultsOfKeys(read.faults, { t, language }) } };
  const jwks = { keys: read.keys } as unknown as JsonValue;
  return { kind: 'key', members: { token_endpoint_auth_method: PRIVATE_KEY_JWT, jwks } };
}

export const faultsOfKeys = (faults: readonly PastedFault[], { t, language }: Words): string =>
  faults
    .map(({ remedy, place }) => {
      const said = faultIn(language, remedy);
      const sentence = `${said.slice(0, 1).toUpperCase()}${said.slice(1)}`;
      return place === undefined ? sentence : t('clientKeys.fault_at', { place, fault: sentence });
    })
    .join('. ');

/** What was pasted, to be corrected; nothing where it may be private. */
export const repeated = (pasted: string): string => (looksPrivate(pasted) ? '' : pasted);

/** `none`: it keeps neither. */
export const provenNow = (record: Pick<ClientRecord, 'metadata' | 'secrets'>): Way | 'none' =>
  provesByKey(record) ? 'key' : record.secrets.length > 0 ? 'secret' : 'none';

export const provesByKey = ({ metadata }: Pick<ClientRecord, 'metadata'>): boolean =>
  metadata.token_endpoint_auth_method === PRIVATE_KEY_JWT || metadata.pedel_profile === 'fapi2';

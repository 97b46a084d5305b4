/** The keys of an application as pages show them: under which name each is known, of which kind it is, and when it was seen last. */
import { faultIn } from '../../../locales/faults.ts';
import type { Language } from '../../domain/account/languages.ts';
import { kindOfKey, nameOfKey, type PublicKey, thumbprintOf, useOfKey } from '../../domain/clients/keys/client-keys.ts';
import type { ClientUses } from '../../domain/ports/client-uses.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import type { KeysShown } from '../../http/views/console-applications.ts';
import { fetchKeys } from '../../use-cases/clients/fetch-keys.ts';
import { applicationPath } from './application.ts';
import { provesByKey } from './proof.ts';

/** `thumbprint`: in the address of its page. `hour`: epoch ms at which the hour of its last use began. */
export type KeyInUse = { key: PublicKey; name: string; thumbprint: string; hour: number | undefined };

/** What it is registered with: none where it publishes them. */
export const ownKeys = ({ metadata }: Pick<ClientRecord, 'metadata'>): PublicKey[] =>
  ((metadata.jwks ?? {}) as { keys?: PublicKey[] }).keys ?? [];

export async function keysInUse(
  record: Pick<ClientRecord, 'id' | 'metadata'>,
  keys: readonly PublicKey[],
  clientUses: Pick<ClientUses, 'of'>,
): Promise<KeyInUse[]> {
  const hours = new Map((await clientUses.of([record.id])).map(({ of, hour }) => [of, hour]));
  return keys.map((key) => {
    const name = nameOfKey(key);
    return { key, name, thumbprint: thumbprintOf(key), hour: hours.get(useOfKey(name)) };
  });
}

/** Undefined: it proves itself otherwise. */
export async function keysShown(
  record: Pick<ClientRecord, 'id' | 'metadata'>,
  clientUses: Pick<ClientUses, 'of'>,
): Promise<KeysShown | undefined> {
  if (!provesByKey(record)) return undefined;
  const { jwks_uri: address } = record.metadata;
  const used = await clientUses.of([record.id]);
  const seen = used.filter(({ of }) => of.startsWith('key ')).map(({ hour }) => hour);
  return {
    path: applicationPath(record.id, 'keys'),
    address: typeof address === 'string' ? address : undefined,
    rows: (await keysInUse(record, ownKeys(record), clientUses)).map(({ key, name, thumbprint, hour }) => ({
      href: keyPath(record.id, thumbprint),
      name,
      kind: kindInWords(key),
      hour,
    })),
    hour: seen.length === 0 ? undefined : Math.max(...seen),
  };
}

/** What an address answers now: the names of its keys, or why the application could not sign in by them. */
export async function publishedAt(address: string, outgoing: Parameters<typeof fetchKeys>[1], language: Language) {
  const found = await fetchKeys(address, outgoing);
  return 'fault' in found
    ? { fault: faultIn(language, found.fault), names: [] }
    : { fault: undefined, names: found.keys.map(nameOfKey) };
}

export const keyPath = (client: string, thumbprint: string): string =>
  `${applicationPath(client, 'keys')}/${thumbprint}`;

export function kindInWords(key: PublicKey): string {
  const kind = kindOfKey(key);
  return 'bits' in kind ? `RSA, ${kind.bits} bits` : `${kind.type}, ${kind.curve}`;
}

/** Public keys of an application from a file, as `pedel clients add` and `edit` take them. */
import { readFileSync } from 'node:fs';
import { readPasted } from '../domain/clients/keys/pasted-keys.ts';
import type { JsonValue } from '../domain/json-value.ts';
import { CommandFault, printable } from './terminal.ts';

export const KEYS_HELP = 'a file with its public keys (a JWK set, a JWK, or PEM), or - for standard input';

/** The members of a registration that signs in by them. @throws CommandFault naming the file and every fault */
export function membersByKeys(file: string): Record<string, JsonValue> {
  const read = readPasted(textOf(file));
  if ('keys' in read)
    return {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: read.keys } as unknown as JsonValue,
    };
  const lines = read.faults.map(({ place, remedy }) => `  ${place === undefined ? '' : `key ${place}: `}${remedy}`);
  throw new CommandFault(`${printable(file)}:\n${lines.map(printable).join('\n')}`);
}

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new CommandFault(`${printable(file)}: ${printable((error as Error).message)}`);
  }
}

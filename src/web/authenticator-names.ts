/**
 * What an authenticator is called: "iCloud Keychain", "YubiKey 5 Series". By its AAGUID, which nothing attests, so it is a name for
 * its owner and decides nothing.
 */
import { readFile } from 'node:fs/promises';

let names: Promise<Map<string, string>> | undefined;

/** Undefined: the authenticator does not say what it is, or the list does not know it. Read once, when first asked for. */
export async function authenticatorName(aaguid: string | undefined): Promise<string | undefined> {
  if (aaguid === undefined) return undefined;
  names ??= read();
  return (await names).get(aaguid.toLowerCase());
}

async function read(): Promise<Map<string, string>> {
  const text = await readFile(new URL('authenticator-names.json', import.meta.url), 'utf8');
  return new Map(Object.entries((JSON.parse(text) as { names: Record<string, string> }).names));
}

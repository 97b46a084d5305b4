/**
 * Decides whether an address that came in a request may be added to a registration by one click. Strangers choose such
 * addresses, and whoever has the address gets what people sign in with: so only a registered host may have another one.
 */
import { memberFault } from '../metadata/client-metadata.ts';
import { addressDifference, isOfRegisteredHost } from './address-difference.ts';
import type { Refusal } from './refusal.ts';
import { ofAddresses } from './refusal-words.ts';

/** Members of a registration, which need not be valid. */
type Registered = Readonly<Record<string, unknown>>;

export type AddressFault = 'not-an-address' | 'registered-already' | 'host-not-registered' | 'not-acceptable';

export function redirectUrisOf({ redirect_uris: uris }: Registered): string[] {
  return Array.isArray(uris) ? uris.filter((uri) => typeof uri === 'string') : [];
}

/** Why this address may not be added to the redirect URIs by one click; undefined: it may. */
export function addressFault(uri: string, registered: Registered): AddressFault | undefined {
  const url = URL.parse(uri);
  // as it stands in the store: a cut one, or one with characters replaced, is another address
  if (url === null || /[\u2026\uFFFD\s]/.test(uri) || url.username !== '' || url.password !== '' || url.hash !== '')
    return 'not-an-address';
  const uris = redirectUrisOf(registered);
  if (uris.includes(uri)) return 'registered-already';
  const ofScheme = uris.filter((each) => URL.parse(each)?.protocol === url.protocol);
  if (!isOfRegisteredHost(uri, ofScheme)) return 'host-not-registered';
  return memberFault('redirect_uris', [...uris, uri]) === undefined ? undefined : 'not-acceptable';
}

/** The address of this refusal that may be added; undefined: there is none. */
export function addableAddress(refusal: Refusal, registered: Registered): string | undefined {
  if (refusal.code !== 'redirect-uri-unregistered') return undefined;
  return addressFault(refusal.got, registered) === undefined ? refusal.got : undefined;
}

/** Whether the address that came is of another host than the one that is expected. */
export function isOfForeignHost(refusal: Refusal): boolean {
  if (!('expected' in refusal) || !ofAddresses.has(refusal.code) || refusal.expected === '') return false;
  const { got, expected } = refusal;
  return addressDifference(got, expected).parts.length > 0 && !isOfRegisteredHost(got, [expected]);
}

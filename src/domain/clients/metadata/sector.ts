/** In which sector a client knows people, if its subjects are pairwise (OpenID Connect Core 8.1); it stays for ever. */
import { loopbackHosts } from './members/member.ts';

/** The members of a registration that decide by which `sub` people are known, as stored. */
export type SubjectMembers = {
  subject_type?: unknown;
  pedel_sector?: unknown;
  sector_identifier_uri?: unknown;
  redirect_uris?: unknown;
  response_types?: unknown;
  grant_types?: unknown;
};
export type Subject = { type: 'public' } | { type: 'pairwise'; sector: string | undefined };

/**
 * `sector`: `pedel_sector`; else the host of `sector_identifier_uri`, or of the first of `redirect_uris`. Undefined: nobody
 * signs in to it, and it shares no sector.
 */
export function subjectOf(members: SubjectMembers): Subject {
  const { subject_type: type, pedel_sector: sector, sector_identifier_uri: uri } = members;
  if (type !== 'pairwise') return { type: 'public' };
  if (typeof sector === 'string') return { type: 'pairwise', sector };
  if (typeof uri === 'string') return { type: 'pairwise', sector: hostOf(uri) };
  return { type: 'pairwise', sector: signsIn(members) ? hostsOf(members)[0] : undefined };
}

/** Whether people sign in to it: by the browser, or on another device (RFC 8628). */
export function signsIn({ response_types: responses, grant_types: grants }: SubjectMembers): boolean {
  if (!Array.isArray(responses) || responses.length > 0) return true;
  return Array.isArray(grants) && grants.includes('urn:ietf:params:oauth:grant-type:device_code');
}

/**
 * The sector that a new registration is given, so that no later change of its addresses changes who people are to it: its
 * one host, or its own id where it has several, or none of its own (a scheme, an address of the machine).
 */
export function newSector(id: string, members: SubjectMembers): string {
  const [host = '', ...others] = new Set(hostsOf(members));
  const own = others.length === 0 && host !== '' && !loopbackHosts.has(host.replace(/:\d+$/, ''));
  return own ? host : `client/${id}`;
}

function hostsOf({ redirect_uris: uris }: SubjectMembers): string[] {
  return (Array.isArray(uris) ? uris : []).map((uri) => hostOf(String(uri)) ?? '');
}

const hostOf = (uri: string) => URL.parse(uri)?.host;

/**
 * The sector to store with a registration, so that what changes since changes nobody. Undefined: nothing is to be stored.
 * `before`: as it was stored; absent: it is new.
 */
export function sectorToKeep(
  id: string,
  members: SubjectMembers,
  before: SubjectMembers | undefined,
): string | undefined {
  const { subject_type: type, pedel_sector: named, sector_identifier_uri: uri } = members;
  if (type !== 'pairwise' || named !== undefined || uri !== undefined || !signsIn(members)) return undefined;
  const known = before === undefined ? undefined : subjectOf(before);
  if (known?.type !== 'pairwise') return newSector(id, members);
  if (before?.pedel_sector === undefined && new Set(hostsOf(members)).size < 2 && isSame(known, subjectOf(members)))
    return undefined; // of a version that did not store it: it follows from the address, which is the same
  return known.sector;
}

/** Whether people are known by the same `sub` in both. */
export function isSame(one: Subject, other: Subject): boolean {
  if (one.type === 'public' || other.type === 'public') return one.type === other.type;
  return one.sector === other.sector;
}

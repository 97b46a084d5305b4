/** Says where two addresses differ, and which of several registered ones was probably meant. */

/** The parts in which two addresses can differ; `slash`, `case`, `encoding` and `space` are smaller ones of the path. */
const addressParts = [
  'scheme',
  'host',
  'port',
  'path',
  'slash',
  'case',
  'encoding',
  'space',
  'query',
  'whole',
] as const;
export type AddressPart = (typeof addressParts)[number];

/** Offsets of what differs, in UTF-16 units: `[from, before]`, empty where one address only has less. */
type Marks = [from: number, before: number];
export type AddressDifference = { parts: AddressPart[]; got: Marks; expected: Marks };

/** How far apart a difference makes two addresses: a wrong slash is nearer than another host. */
const weights: Record<AddressPart, number> = {
  space: 1,
  slash: 1,
  case: 1,
  encoding: 1,
  query: 2,
  scheme: 2,
  port: 3,
  path: 5,
  host: 20,
  whole: 50,
};

/** The registered address that is nearest to the one that came. Undefined: none is registered. */
export function likeliest(got: string, registered: readonly string[]): string | undefined {
  const far = (expected: string) => {
    const { parts, got: marks } = addressDifference(got, expected);
    const weight = parts.reduce((sum, part) => sum + weights[part], 0);
    return weight + (marks[1] - marks[0]) / 1e4; // of equally far ones, the one with more in common
  };
  return registered.toSorted((one, other) => far(one) - far(other))[0];
}

/** Whether a registered address has the same host: only then is adding this one no more than a correction. */
export function isOfRegisteredHost(got: string, registered: readonly string[]): boolean {
  const host = URL.parse(got)?.hostname;
  return host !== undefined && host !== '' && registered.some((each) => URL.parse(each)?.hostname === host);
}

/** `got`: as it is stored, so without the values of its query. Equal addresses differ in no part. */
export function addressDifference(got: string, expected: string): AddressDifference {
  return { parts: partsOf(got, withoutQueryValues(expected)), ...marksOf(got, expected) };
}

function partsOf(got: string, expected: string): AddressPart[] {
  if (got === expected) return [];
  if (got.trim() !== got && got.trim() === expected.trim()) return ['space'];
  const [one, other] = [URL.parse(got.trim()), URL.parse(expected.trim())];
  if (one === null || other === null) return [decoded(got) === expected ? 'encoding' : 'whole'];
  const parts: AddressPart[] = [];
  if (one.protocol !== other.protocol) parts.push('scheme');
  if (one.hostname !== other.hostname) parts.push('host');
  if (one.port !== other.port) parts.push('port');
  const path = pathPart(one.pathname, other.pathname);
  if (path !== undefined) parts.push(path);
  if (one.search !== other.search || one.hash !== other.hash) parts.push('query');
  // the same address to a browser, but compared as it is written (RFC 6749, 3.1.2.3)
  if (parts.length === 0) parts.push(got.toLowerCase() === expected.toLowerCase() ? 'case' : withSlash(got, expected));
  return parts;
}

function pathPart(one: string, other: string): AddressPart | undefined {
  if (one === other) return undefined;
  if (one.replace(/\/$/, '') === other.replace(/\/$/, '')) return 'slash';
  if (one.toLowerCase() === other.toLowerCase()) return 'case';
  return decoded(one) === decoded(other) ? 'encoding' : 'path';
}

const withSlash = (got: string, expected: string): AddressPart =>
  got.replace(/\/$/, '') === expected.replace(/\/$/, '') ? 'slash' : 'whole';

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const withoutQueryValues = (address: string) =>
  address.replace(/\?([^#]*)/, (_, query: string) => `?${query.replace(/=[^&]*/g, '=…')}`);

/** What is left of both between what they begin and end with together. */
function marksOf(got: string, expected: string): { got: Marks; expected: Marks } {
  const shorter = Math.min(got.length, expected.length);
  let from = 0;
  while (from < shorter && got[from] === expected[from]) from += 1;
  let back = 0;
  while (back < shorter - from && got.at(-1 - back) === expected.at(-1 - back)) back += 1;
  return { got: [from, got.length - back], expected: [from, expected.length - back] };
}

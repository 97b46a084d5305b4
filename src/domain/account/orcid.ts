/** Reads an ORCID iD, in any form that people write, and checks its last character. */

/**
 * The iD as ORCID displays it, `https://orcid.org/0000-0002-1825-0097`; undefined: it is none.
 *
 * Source: "Structure of the ORCID Identifier" (support.orcid.org): sixteen characters, the last one a checksum by ISO/IEC
 * 7064, MOD 11-2, where X stands for ten.
 */
export function readOrcid(written: string): string | undefined {
  const [, id] = /^(?:(?:https?:\/\/)?(?:www\.)?orcid\.org\/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])\/?$/i.exec(written) ?? [];
  if (id === undefined) return undefined;
  const characters = id.toUpperCase().replaceAll('-', '');
  const sum = [...characters.slice(0, 15)].reduce((total, digit) => (total + Number(digit)) * 2, 0);
  const check = (12 - (sum % 11)) % 11;
  return characters.endsWith(check === 10 ? 'X' : String(check)) ? `https://orcid.org/${id.toUpperCase()}` : undefined;
}

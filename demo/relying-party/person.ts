/** What the applications read from the claims: user numbers, roles, names. */
import type { UserInfoResponse } from 'openid-client';

export type Standing = { role: string; institution: string };

const numberPattern = /^[a-z]\d{7}$/;
/** Claims that name a person by user number: one value or several. */
const numberClaims = ['preferred_username', 'eduperson_principal_name', 'schac_personal_unique_code', 'user_numbers'];

const list = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === 'string');

/** All user numbers, the one in use first. */
export function numbersOf(claims: UserInfoResponse): string[] {
  const values = numberClaims.flatMap((claim) => list(claims[claim]));
  // r0123456, r0123456@example.org or urn:schac:personalUniqueCode:…:r0123456
  const numbers = values.map((value) => value.toLowerCase().replace(/@.*$|^urn:.*:/g, ''));
  return [...new Set(numbers.filter((number) => numberPattern.test(number)))];
}

/** Roles with their institution's domain, e.g. student at vives.be. */
export function standingsOf(claims: UserInfoResponse): Standing[] {
  const scoped = list(claims.eduperson_scoped_affiliation).map((value) => {
    const [role = '', institution = ''] = value.toLowerCase().split('@');
    return { role, institution };
  });
  const plain = list(claims.eduperson_affiliation).map((role) => ({ role: role.toLowerCase(), institution: '' }));
  return scoped.length > 0 ? scoped : plain;
}

export const teaches = (standings: Standing[]) =>
  standings.some(({ role }) => ['staff', 'faculty', 'employee'].includes(role));
export const studies = (standings: Standing[]) => standings.find(({ role }) => role === 'student');

const institutionNames: [ending: string, name: string][] = [
  ['vives.be', 'VIVES University of Applied Sciences'],
  ['alum.kuleuven.be', 'Alumni KU Leuven'],
  ['kuleuven.be', 'KU Leuven'],
];
export function institutionName(domain: string): string {
  return institutionNames.find(([ending]) => domain === ending || domain.endsWith(`.${ending}`))?.[1] ?? domain;
}

export function fullName(claims: UserInfoResponse): string {
  const parts = [claims.given_name, claims.family_name].filter(Boolean).join(' ');
  return claims.name ?? (parts || numbersOf(claims)[0] || 'you');
}

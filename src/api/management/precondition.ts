/** Which version of an object a request is about: strong ETags (`"r7"`), so that no change overwrites one that nobody saw. */
import { Refused } from './problem.ts';

export const etagOf = (revision: number): string => `"r${revision}"`;

/** Revisions of `If-Match`; `any` for `*`. */
export type IfMatch = 'any' | readonly number[];

/** @throws Refused `precondition-required`, `malformed` */
export function readIfMatch(header: string): IfMatch {
  if (header === '') throw new Refused('precondition-required');
  if (header.trim() === '*') return 'any';
  const tags = header.split(',').map((tag) => tag.trim());
  if (!tags.every((tag) => /^(W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/.test(tag))) {
    const remedy = 'send the ETag as it came, quotes included: "r7"';
    throw new Refused('malformed', {
      errors: [{ parameter: 'If-Match', code: 'if-match', detail: 'it is no list of ETags', remedy }],
    });
  }
  // a weak tag never matches (RFC 9110, 13.1.1)
  return tags.flatMap((tag) => {
    const revision = /^"r(\d{1,15})"$/.exec(tag)?.[1];
    return revision === undefined ? [] : [Number(revision)];
  });
}

/** The revision that is changed. @throws Refused `stale` */
export function matched(ifMatch: IfMatch, current: number): number {
  if (ifMatch !== 'any' && !ifMatch.includes(current)) throw stale(current);
  return current;
}

/** @param current the revision now, where it is known */
export function stale(current?: number): Refused {
  const now = current === undefined ? {} : { detail: `its ETag is now ${etagOf(current)}` };
  return new Refused('stale', { ...now, ...(current === undefined ? {} : { headers: { ETag: etagOf(current) } }) });
}

/** Whether what the visitor has is what it is now (RFC 9110, 13.1.2: weak comparison). */
export function isKnown(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));
}

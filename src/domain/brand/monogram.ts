/** What stands for a logo that is missing: letters of the name, and a hue that stays with the id. */
const HUES = 8;

/** The initials of the first and the last word; of one word its first two letters ("To"). */
export function monogramOf(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  const [first = '', last] = [words[0], words.length > 1 ? words.at(-1) : undefined];
  const letters = (word: string, count: number) => [...word].slice(0, count).join('');
  if (last === undefined) return letters(first, 1).toUpperCase() + letters(first, 2).slice(letters(first, 1).length);
  return (letters(first, 1) + letters(last, 1)).toUpperCase();
}

/** 0 to 7, the same for the same id (FNV-1a); the style sheet has a class `h0` … `h7` for each. */
export function hueOf(id: string): number {
  let hash = 0x811c9dc5;
  for (const character of id) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return ((hash ^ (hash >>> 16)) >>> 0) % HUES;
}

/** Takes the seeds of authenticator apps out of a record that is to be mended: its file has them, and nothing else needs them (rule 25). */
import { SEED_LEFT_OUT, seedColumns, UNREAD } from '../../domain/feed/feed-columns.ts';
import type { FeedKind } from './feed-text.ts';

type Original = string[] | string;

/** For a row whose cells are shifted, so that none is known by its column. */
const CELL_LIKE_A_SEED = /^(?:otpauth:.*|[0-9a-f]{20,}|[A-Z2-7]{16,}=*)$/is;
const KEY_URI = /otpauth:[^\s"]*/gi;

/**
 * @param header of a CSV
 * @param columnOf our name of a column of the file
 */
export function seedBlanker(
  kind: FeedKind,
  header: readonly string[],
  columnOf: (name: string) => string,
): (original: Original) => Original {
  const isSeed = (name: string) => seedColumns.includes(columnOf(name));
  const seeds = header.map(isSeed);
  return (original) => {
    if (Array.isArray(original)) {
      if (!seeds.includes(true)) return original;
      const shifted = original.length !== header.length;
      const holds = (cell: string, index: number) =>
        shifted ? CELL_LIKE_A_SEED.test(cell.trim()) : seeds[index] && cell.trim() !== '';
      return original.map((cell, index) => (holds(cell, index) ? SEED_LEFT_OUT : cell));
    }
    if (kind === 'ldif')
      return original
        .replace(/^([A-Za-z0-9.;_-]+):.*$/gm, (line, name: string) =>
          isSeed(name.replace(/;.*$/, '')) ? `${name}: ${SEED_LEFT_OUT}` : line,
        )
        .replace(KEY_URI, SEED_LEFT_OUT);
    return withoutMembers(original, isSeed);
  };
}

function withoutMembers(text: string, isSeed: (name: string) => boolean): string {
  let found = false;
  try {
    const blanked = JSON.stringify(JSON.parse(text), (name, member) => {
      if (name === UNREAD && typeof member === 'string') {
        const blank = withoutMembers(member, isSeed);
        found ||= blank !== member;
        return blank;
      }
      if (!isSeed(name) || member === '' || member === null) return member;
      found = true;
      return SEED_LEFT_OUT;
    });
    return found ? blanked : text;
  } catch {
    // no JSON: what stands where a seed would
    const blanked = text.replace(/"([^"]*)"\s*:\s*"[^"]*"?/g, (member, name: string) =>
      isSeed(name) ? `"${name}":"${SEED_LEFT_OUT}"` : member,
    );
    return blanked.replace(KEY_URI, SEED_LEFT_OUT);
  }
}

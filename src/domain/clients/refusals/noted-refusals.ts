/**
 * Refusals in the memory of one node until they are written: bounded, whatever strangers send (rule 30). A process that is
 * killed loses those of its last seconds.
 */
import {
  asFurther,
  clientOf,
  MOST_AN_HOUR,
  MOST_OF_ANYBODY,
  type NotedRefusal,
  refusalId,
  together,
} from './refusal.ts';

/** Different ones at a time, and as many that are only counted. About 300 kB. */
const MOST = 200;
/** Ids of those that were noted last, by which one that happens again is known. About 500 kB. */
const REMEMBERED = 5000;

export type NotedRefusals = {
  /** False: there is no room, and it is forgotten. */
  add(noted: NotedRefusal): boolean;
  /** Whether it was noted lately. */
  isKnown(noted: NotedRefusal): boolean;
  /** All of them, oldest first, which are no longer here. */
  take(): NotedRefusal[];
};

export function createNotedRefusals(most = MOST, remembered = REMEMBERED): NotedRefusals {
  let waiting = new Map<string, NotedRefusal>();
  let ofClient = new Map<string | undefined, number>();
  const lately = new Set<string>();

  function remember(id: string): void {
    lately.delete(id);
    lately.add(id);
    const [oldest] = lately.size > remembered ? lately : [];
    if (oldest !== undefined) lately.delete(oldest);
  }

  function put(noted: NotedRefusal, room: boolean): boolean {
    const id = refusalId(noted);
    const before = waiting.get(id);
    if (before === undefined && !room) return false;
    waiting.set(id, before === undefined ? noted : together(before, noted));
    remember(id);
    return true;
  }

  return {
    add(noted) {
      const client = clientOf(noted);
      const many = ofClient.get(client) ?? 0;
      const isNew = !waiting.has(refusalId(noted));
      // strangers leave places to those who have proven who they are
      const [ofAll, ofOne] = noted.proven ? [most, MOST_AN_HOUR] : [0.75 * most, MOST_OF_ANYBODY];
      if (put(noted, waiting.size < ofAll && many < ofOne)) {
        if (isNew) ofClient.set(client, many + 1);
        return true;
      }
      return put(asFurther(noted), waiting.size < 2 * most);
    },
    isKnown: (noted) => lately.has(refusalId(noted)),
    take() {
      const taken = [...waiting.values()];
      waiting = new Map();
      ofClient = new Map();
      return taken;
    },
  };
}

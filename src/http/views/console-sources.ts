/** What the console's pages about sources are given. Times in epoch ms. */
import type { Badge } from '../console-heading.ts';

/** `people`: over SCIM. */
type Facts = {
  id: string;
  organisations: string;
  full: boolean;
  latest: { at: number; people: { name: string; count: number }[] } | undefined;
  people: number;
};

export type ConsoleSourceViews = {
  'console/sources': { rows: (Facts & { href: string; state: Badge; tokens: number })[] };
  /** `made`: a token, shown this once. `have`: ids of the tokens, sent along so that a form sent twice makes one. */
  'console/source': Facts & {
    path: string;
    upload: string | undefined;
    state: Badge;
    held: boolean;
    closed: number;
    most: number;
    releasedUntil: number | undefined;
    tokens: { id: string; createdAt: number }[];
    have: string;
    tokensFull: boolean;
    mayChange: boolean;
    made: string | undefined;
    typed: { people: string; reason: string };
    done: string | undefined;
  };
};

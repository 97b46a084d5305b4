/** What the console's pages about imports are given. Times in epoch ms. */
import type { ImportCounts } from '../../domain/ports/imports.ts';
import type { Badge } from '../console-heading.ts';

/** `lang`: the language of `text`, where that is not the page's. */
export type SaidOfFeed = { text: string; lang: string | undefined };

export type ConsoleImportViews = {
  'console/imports': {
    sources: { id: string; organisations: string; full: boolean; upload: string | undefined }[];
    rows: { href: string; source: string; at: number; by: string; comesTo: string | undefined; state: Badge }[];
  };
  /** `reason`: what is wrong with the file. `most`: megabytes. */
  'console/import-new': {
    path: string;
    organisations: string;
    full: boolean;
    credentials: boolean;
    most: number;
    reason: SaidOfFeed | undefined;
  };
  'console/import': {
    path: string;
    state: 'planning' | 'not-planned' | 'planned' | 'applying' | 'broken-off' | 'applied' | 'superseded';
    badge: Badge;
    run: { done: string; total: string | undefined; reading: boolean; fault: SaidOfFeed | undefined } | undefined;
    facts: { at: number; by: string; appliedAt: number | undefined };
    counts: ImportCounts | undefined;
    comesTo: string | undefined;
    refusedLater: number;
    suspended: { lines: number[]; people: number } | undefined;
    alarms: string[];
    mayApply: boolean;
    /** where the same source takes another file */
    upload: string | undefined;
    /** absent: only the counts are for this reader */
    report:
      | {
          kind: string;
          kinds: { href: string; label: string; current: boolean }[];
          rows: {
            lines: string;
            person?: string | undefined;
            account?: string | undefined;
            refused?: { column: string | undefined; value: string | undefined; reason: SaidOfFeed };
            changes: { field: string; from: string; to: string }[];
            notes: SaidOfFeed[];
            accessEnds?: number | undefined;
          }[];
          next: string | undefined;
          download: string;
          refused: string | undefined;
        }
      | undefined;
  };
};

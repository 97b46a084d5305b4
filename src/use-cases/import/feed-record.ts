/** What every way to write a feed is read into. */

/**
 * One record as it stands: `rows` of it, one for each affiliation (column -> text), or why it has none. `original`: what the
 * quarantine gives back: the cells of a CSV, the text of others. `key`: the person, where that is known.
 */
export type FeedRecord = { line: number; original: string[] | string } & (
  | { rows: Record<string, string>[]; fault?: undefined }
  | { rows?: undefined; fault: string; column?: string; key?: string }
);

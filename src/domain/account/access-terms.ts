/** How affiliations end, and what an organisation says of each kind of end; what follows is in ../lifecycle/access-rules.ts. */

/**
 * `expired`, on its planned day; `completed`, because its purpose was reached; `discontinued`, before that; `withdrawn`, at
 * the second in which a source says so.
 */
export const endKinds = ['expired', 'completed', 'discontinued', 'withdrawn'] as const;
export type EndKind = (typeof endKinds)[number];

/**
 * Of the affiliations of one role. After an end: `PnD`, n days longer, or `MM-DD`, until the first such day on or after it.
 * A kind that is not listed counts as `expired`, and that as `P0D`.
 */
export type RoleRules = {
  /** `PnD` before the first day; absent: from that day */
  opens?: string;
  expired?: string;
  completed?: string;
  discontinued?: string;
  /** after the last access (ISO 8601 duration) or `forever`; absent: forever */
  retain?: string;
};
/** By role; `default` for those that are not listed. */
export type AccessRules = Record<string, RoleRules>;

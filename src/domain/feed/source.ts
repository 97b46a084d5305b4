/** A source of people as configured: what it may say, so that nothing crosses into an organisation that is not its own. */
import type { Account } from '../account/account.ts';
import type { IdentityLevel } from './fed-records.ts';
import type { DateFormat } from './feed-cell.ts';

export type Source = {
  /** with the person's key it identifies a person, so it never changes */
  id: string;
  /** the organisations whose affiliations it gives */
  organisations: string[];
  /** patterns of the user numbers that it may name: `#` is a digit, as in `r#######` */
  numbers: string[];
  /** domains of the institution addresses that it may give, with what lies below them */
  domains: string[];
  /** the groups that it may name, `*` at the end for whatever follows, as in `ict-*`; absent: none */
  groups?: string[];
  /** the entitlements that it may give, written as the groups are; absent: none */
  entitlements?: string[];
  /** whether it may give password hashes, which activate accounts */
  credentials: boolean;
  /** how far it proofs who a person is; `none`: nothing is claimed */
  identity: IdentityLevel | 'none';
  /** each file names everybody: whoever is not in it has gone, as `absent` says. Absent: files name some */
  full?: boolean;
  absent?: Absence;
  /** what its files call the columns: their name -> a column of the feed, or `ignore` */
  columns?: Record<string, string>;
  dates?: DateFormat;
  /** of files without a byte order mark; absent: UTF-8 */
  encoding?: 'utf-8' | 'windows-1252';
  safeguard?: Safeguard;
};

/**
 * What becomes of the affiliations of people whom a full feed names no more: an end of this kind today, after which the rules
 * of the organisation count; `withdrawn`: this second.
 */
export const absences = ['discontinued', 'expired', 'withdrawn'] as const;
export type Absence = (typeof absences)[number];

/**
 * What stops an import before its first write. `lose`: the share (%) of the open accounts of an organisation that may lose
 * access, or `least` accounts where that is more; `shrink`: the share (%) by which a full feed may have become shorter.
 */
export type Safeguard = { lose: number; least: number; shrink: number };
export const SAFEGUARD: Safeguard = { lose: 5, least: 25, shrink: 20 };

/** What the files of the source call a column of the feed. */
export const nameOfColumn = ({ columns = {} }: Pick<Source, 'columns'>, column: string): string =>
  Object.entries(columns).find(([, target]) => target === column)?.[0] ?? column;

/** Whether the source may name this user number (lower case). */
export function isNumberOf({ numbers }: Source, number: string): boolean {
  return numbers.some(
    (pattern) =>
      pattern.length === number.length &&
      [...pattern].every((each, index) => (each === '#' ? /\d/.test(number[index] ?? '') : each === number[index])),
  );
}

/** Whether the source may give this institution address (lower case). */
export function isAddressOf({ domains }: Source, address: string): boolean {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return domains.some((own) => domain === own || domain.endsWith(`.${own}`));
}

/** Whether one of the patterns, with `*` at the end for whatever follows, fits the name of a group or an entitlement. */
export function isAllowedValue(patterns: readonly string[], value: string): boolean {
  return patterns.some((each) => (each.endsWith('*') ? value.startsWith(each.slice(0, -1)) : value === each));
}

/**
 * The other sources of this account whose word this source does not change: those that place the person at an
 * organisation which is not its own. It still says everything about its own organisations.
 */
export function sourcesBeyond({ id, organisations }: Source, { feeds, affiliations }: Account): string[] {
  return feeds
    .map(({ source }) => source)
    .filter(
      (other) =>
        other !== id &&
        affiliations.some(({ source, organisation }) => source === other && !organisations.includes(organisation)),
    );
}

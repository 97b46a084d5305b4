/** Makes one statement of all rows of a person, the same in whatever order they stand. */
import type { Organisation } from '../account/organisation.ts';
import type { SealedTotp } from './fed-totp.ts';
import { type StatedValue, statedValues, tooManyValues } from './feed-groups.ts';
import { type FeedRow, ownerOfDomain, type Refusal, type StatedAffiliation } from './feed-row.ts';

/** Everything that one file says of one person. */
export type Statement = {
  key: string;
  lines: number[];
  /** false where a row of this person, or of an unknown one, was refused: then nothing is taken away */
  complete: boolean;
  /** user numbers, sorted; those of the column `number` first */
  numbers: string[];
  mainNumber: string;
  /** absent: the file has no such column */
  emails?: string[];
  /** column -> value; '': the source says that there is none */
  values: Record<string, string>;
  affiliations: StatedAffiliation[];
  /** of which it says all affiliations, though there be none; absent: only those that `affiliations` name */
  organisations?: string[];
  /** with the affiliation in whose row each stands; absent: the file has no such column */
  groups?: StatedValue[];
  entitlements?: StatedValue[];
  passwordHash?: string;
  /** the seed of an authenticator app, sealed for no account yet */
  totp?: SealedTotp;
  /** why a second step that was given is not taken */
  totpLeft?: string;
  /** why a hash that was given is not taken; the person is invited */
  hashLeft?: string;
};

/** The rows of one person as one statement. Rows that contradict each other are refused, whichever comes first. */
export function statementOf(
  rows: FeedRow[],
  complete: boolean,
  organisations: Organisation[],
): { statement: Statement } | { refusals: Refusal[] } {
  const values: Record<string, string> = {};
  const refusals: Refusal[] = [];
  const saidIn = new Map<string, number>();
  let passwordHash: string | undefined;
  let totp: SealedTotp | undefined;
  const lines = rows.map(({ line }) => line);
  const contradiction = (column: string, line: number, before: number) => {
    refusals.push({
      line,
      column,
      reason: `differs from line ${before}, which is about the same person: correct one of them`,
    });
  };
  for (const { line, values: said, passwordHash: hash, sealedTotp } of rows) {
    for (const [column, value] of Object.entries(said)) {
      if (value !== '' && values[column] && values[column] !== value)
        contradiction(column, line, saidIn.get(column) ?? 0);
      if (value === '' || values[column]) values[column] ??= '';
      else {
        values[column] = value;
        saidIn.set(column, line);
      }
    }
    if (sealedTotp !== undefined && totp !== undefined && sealedTotp.mac !== totp.mac)
      contradiction('totp', line, saidIn.get('totp') ?? 0);
    else if (sealedTotp !== undefined) {
      totp = sealedTotp;
      saidIn.set('totp', line);
    }
    if (hash !== undefined && passwordHash !== undefined && hash !== passwordHash) {
      contradiction('password_hash', line, saidIn.get('password_hash') ?? 0);
    } else if (hash !== undefined) {
      passwordHash = hash;
      saidIn.set('password_hash', line);
    }
  }
  refusals.push(...tooManyValues(rows));
  if (refusals.length > 0) return { refusals };

  const left = rows.find(({ totpLeft }) => totpLeft !== undefined)?.totpLeft;
  const leftHash = rows.find(({ hashLeft }) => hashLeft !== undefined)?.hashLeft;
  const main = unique(rows.flatMap(({ number }) => (number === '' ? [] : [number]))).sort();
  const others = unique(rows.flatMap(({ otherNumbers }) => otherNumbers)).sort();
  const emails = unique(rows.flatMap(({ email }) => (email === undefined || email === '' ? [] : [email])));
  const rank = (email: string) => organisations.findIndex(({ id }) => id === ownerOfDomain(email, organisations)?.id);
  const hasEmails = rows.some(({ email }) => email !== undefined);
  return {
    statement: {
      key: rows[0]?.key ?? '',
      lines,
      complete,
      numbers: unique([...main, ...others]),
      mainNumber: main[0] ?? '',
      ...(hasEmails ? { emails: emails.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)) } : {}),
      values,
      affiliations: canonical(rows.map(({ affiliation }) => affiliation)),
      ...statedValues(rows),
      ...(passwordHash === undefined ? {} : { passwordHash }),
      ...(totp === undefined ? {} : { totp }),
      ...(totp !== undefined || left === undefined ? {} : { totpLeft: left }),
      ...(passwordHash !== undefined || leftHash === undefined ? {} : { hashLeft: leftHash }),
    },
  };
}

/** The affiliations in a fixed order, each once, so that the same ones are always the same list. */
export function canonical(affiliations: StatedAffiliation[]): StatedAffiliation[] {
  const texts = affiliations.map(({ organisation, role, from, until, endedOn, endReason, end }) =>
    JSON.stringify({ organisation, role, from, until, endedOn, endReason, end }),
  );
  return unique(texts)
    .sort()
    .map((text) => JSON.parse(text) as StatedAffiliation);
}

const unique = <Value>(values: Value[]): Value[] => [...new Set(values)];

/** Each faulty file gets one clear line: where, what, why, and what to do about it. What is whole in it goes in. */
import { randomBytes } from 'node:crypto';
import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { feedSentenceIn } from '../../locales/feed-sentences.ts';
import type { Account } from '../../src/domain/account/account.ts';
import { createDryRunAccounts } from '../../src/use-cases/import/dry-run.ts';
import { UnreadableFeed } from '../../src/use-cases/import/feed-text.ts';
import { importPeople } from '../../src/use-cases/import/import-people.ts';
import { textOf } from '../../src/use-cases/import/report.ts';
import { csvSource, organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';

const folder = fileURLToPath(new URL('faulty-feeds', import.meta.url));
const nobody = async () => undefined;
const sealer = sealerUnder('a secret of thirty-two characters or more');

/**
 * What is said of a file: why it cannot be read, or what is refused in it. `reasons`: the sentences alone. `taken`: the lines
 * that went in, of `accounts`. `aside`: the lines of the file to mend.
 */
async function resultOf(file: string) {
  const dryRun = createDryRunAccounts({
    findById: nobody,
    findByLogin: nobody,
    findHolder: nobody,
    findByFeedKey: nobody,
    fedBy: async () => ({ accounts: [] }),
    insert: async () => {},
    replace: async () => true,
  });
  const accounts: Account[] = [];
  const result = {
    said: [] as string[],
    reasons: [] as string[],
    taken: [] as number[],
    people: [] as string[],
    aside: [] as number[],
  };
  try {
    await importPeople({
      input: createReadStream(join(folder, file)),
      source: csvSource,
      organisations,
      defaultLanguage: 'nl',
      invitationSeconds: 3600,
      accounts: {
        ...dryRun,
        async insert(account) {
          accounts.push(account);
          await dryRun.insert(account);
        },
      },
      sealer,
      now: () => Date.UTC(2026, 9, 1),
      randomBytes,
      tell: async (event) => {
        if (event.outcome === 'suspended') return;
        if (event.outcome === 'refused') {
          result.said.push(textOf(event));
          result.reasons.push(event.reason);
        } else {
          result.taken.push(...event.lines);
          result.people.push(event.person);
        }
      },
      quarantine: async (refused) => {
        result.aside.push(...[...refused.quarantine()].map(({ line }) => line));
      },
      withCredentials: true,
      foreignHash: async () => {},
      progress: () => {},
    });
  } catch (error) {
    if (!(error instanceof UnreadableFeed)) throw error;
    result.said.push(error.message);
    result.reasons.push(error.message);
  } finally {
    dryRun.close();
  }
  return { ...result, accounts };
}

const HEADER = 'the first line does not name the columns of a feed:\n  - ';
const NUMBER = 'must be a letter and seven digits, such as r0123456';
const DAY_NUMBER = 'is the number that a spreadsheet keeps for a date: give the column the format YYYY-MM-DD';
const FORMULA = 'is what a spreadsheet shows where a formula fails: correct the formula, or enter the value itself';
const NARROW = 'is what a spreadsheet shows where a column is too narrow: widen it, and save the file again';
const MADE_NUMBER = 'was made a number by a spreadsheet: give the column the format Text, and enter it again';
const TOO_MANY =
  'line 3: refused: has 8 cells instead of 7: enclose a cell that holds a separator in quotation marks, or delete what is too much';
// biome-ignore format: a list of words
const formulaErrors = [
  '#N/A', '#N/B', '#NAAM?', '#NAME?', '#REF!', '#VERW!', '#VALUE!', '#WAARDE!', '#DIV/0!', '#DEEL/0!', '#NUM!', '#GETAL!',
  '#NULL!', '#LEEG!',
];
const DAY = 'if all its days are written so, set dates:';

/** File -> its line. `…` stands for any text, and itself. */
const expected: Record<string, string> = {
  'blank-lines.csv': 'the file is empty: export it again',
  'changes.ldif': 'line 2: refused: is a change record: export the entries themselves (ldapsearch -LLL, slapcat)',
  'column-narrow.csv': `line 3: refused: given_name "########" ${NARROW} (person p2)\nline 3: refused: until "#####" ${NARROW} (person p2)`,
  'column-twice.csv': `${HEADER}the column "until" is there twice: delete one`,
  'compressed.csv.gz': 'this is compressed (gzip): unpack it first, for example gunzip -c FILE | pedel people import -',
  'contradiction.csv':
    'line 4: refused: given_name differs from line 3, which is about the same person: correct one of them (person p2)',
  'date-ambiguous.csv': `line 3: refused: until "03/04/2027" must be a date, YYYY-MM-DD; ${DAY} dd/mm/yyyy or mm/dd/yyyy for source "csv" (person p2)`,
  'date-day-fraction.csv': `line 3: refused: until "46691.0" ${DAY_NUMBER} (person p2)\nline 4: refused: until "46691,5" ${DAY_NUMBER} (person p3)\nline 5: refused: birthdate "36526" ${DAY_NUMBER} (person p4)`,
  'date-day-number.csv': `line 3: refused: until "46691" ${DAY_NUMBER} (person p2)`,
  'date-impossible.csv':
    'line 3: refused: until "2027-02-30" is no day of the calendar (yyyy-mm-dd): correct the date (person p2)',
  'date-short-year.csv':
    'line 3: refused: until "31/10/27" has a year of two digits: give the column the format YYYY-MM-DD (person p2)',
  'date-slashes.csv': `line 3: refused: until "31/10/2027" must be a date, YYYY-MM-DD; ${DAY} dd/mm/yyyy for source "csv" (person p2)`,
  'date-word.csv': 'line 3: refused: until "31 okt 2027" must be a date, YYYY-MM-DD, such as 2027-10-31 (person p2)',
  'dutch-header.csv': `${HEADER}the columns "number", "given_name", "family_name" are missing: add them, or map them in columns of the source\n  - the columns "nummer", "voornaam", "naam" are unknown: leave out what is not needed, map it in columns of the source, or use person, …`,
  'empty.csv': 'the file is empty: export it again',
  'export.xml': 'this is XML, which is not read: ask for the list as CSV or JSON lines',
  'foreign-address.csv':
    'line 2: refused: email "an@gmail.example" is of no organisation of the association: an address from outside belongs into personal_email (person p2)',
  'formula-error-credentials.csv': `line 3: refused: password_hash ${FORMULA} (person p2)\nline 3: refused: totp ${FORMULA} (person p2)\nline 3: refused: totp_digits "#VERW!" ${FORMULA} (person p2)`,
  'formula-error-key.csv': `line 3: refused: person "#N/A" ${FORMULA}\nline 4: refused: person "#N/A" ${FORMULA}`,
  'formula-errors.csv': formulaErrors
    .map((each, index) => `line ${index + 3}: refused: given_name "${each}" ${FORMULA} (person p${index + 2})`)
    .join('\n'),
  'json-list.csv':
    "this is one JSON list: write a person a line, for example with jq -c '.[]' FILE | pedel people import -",
  'latin-1.csv':
    'line 3: refused: given_name "Zo\uFFFD" holds bytes that are not UTF-8: save the file as UTF-8, or set encoding: windows-1252 for this source (person p2)',
  'list.pdf': 'this is a PDF: ask for the list as CSV',
  'member-in-affiliation.jsonl':
    'line 1: refused: affiliations[0].phone is said of the person: write it beside affiliations, not within (person p1)',
  'mojibake.csv':
    'line 3: refused: given_name "ZoÃ«" was UTF-8 that a program took for windows-1252 ("Ã©" for "é"): export it again, as UTF-8 throughout (person p2)',
  'name-too-long.csv':
    'line 3: refused: given_name "…" is too long (101 characters): shorten it to 100 at most (person p2)',
  'nameless-column.csv': `${HEADER}column 8 has no name: give it one, or delete it`,
  'no-affiliations.jsonl':
    'line 1: refused: affiliations must be a list with one object for each role: [{"organisation": "…", "role": "…"}] (person p1)',
  'no-entry.ldif': 'line 2: refused: is no entry: begin each with dn:, and end it with a blank line',
  'no-header.csv': `${HEADER}it holds none of their names: write person,number,given_name,family_name,organisation,role above the rows, or map the names in columns of the source`,
  'no-json.jsonl':
    'line 2: refused: is no JSON: write each person as one object on one line, in double quotes throughout',
  'no-number.csv': 'line 3: refused: number is empty: fill it in (person p2)',
  'no-person.csv': 'line 3: refused: person is empty: fill it in',
  'null-byte.csv': 'line 3: refused: given_name "A\uFFFDn" holds a null byte: enter it again (person p2)',
  'number-cut.csv': `line 3: refused: number "r2" lacks digits (did a spreadsheet cut zeros?): ${NUMBER} (person p2)`,
  'number-of-two.csv':
    'line 3: refused: number r0000002 is claimed by person p3 of this file as well: correct one of them (person p2)\nline 4: refused: number r0000002 is claimed by person p2 of this file as well: correct one of them (person p3)',
  'number-rounded.csv': `line 3: refused: person "3E+11" ${MADE_NUMBER}\nline 4: refused: person "3E+11" ${MADE_NUMBER}`,
  'number-scientific.csv': `line 3: refused: person "3.2E+10" ${MADE_NUMBER}`,
  'number-without-letter.csv': `line 3: refused: number "0000002" lacks its letter: ${NUMBER} (person p2)`,
  'old-workbook.xls':
    'this is a workbook of a spreadsheet (.xls), not a CSV: open it, choose "Save as" and "CSV UTF-8" in the spreadsheet, and import that file',
  'open-quote.csv':
    'line 3: refused: a quotation mark opened here is never closed, so nothing from here on could be read: close it, or double it within a cell',
  'password-itself.csv': 'line 2: refused: password_hash must be a hash: …, never the password itself (person p2)',
  'pipes.csv': 'the columns are separated by |: save the file with commas, semicolons or tabs between them',
  'role-of-two.csv':
    'line 4: refused: role "prof" must be one of student, staff, employee, faculty, alumnus, affiliate, member, guest (person p2)',
  'sep-pipe.csv': 'the columns are separated by |: save the file with commas, semicolons or tabs between them',
  'sign-in-page.csv': 'this is a web page: did the download ask for a sign-in? Save the list itself',
  'stray-quote.csv':
    'line 3: refused: family_name " "Maes"" begins with a quotation mark: enclose the whole cell, or nothing, and double quotes within it (person p2)',
  'too-few-cells.csv':
    'line 3: refused: has 3 cells instead of 7: add the missing separators, or join the lines that a line break made of one',
  'too-many-cells.csv': TOO_MANY,
  'turned-key.jsonl': 'line 1: refused: voornaam is unknown: leave it out, or use one of person, …address.country',
  'turned-writing.csv':
    'line 3: refused: given_name "\uFFFDnA" holds an invisible character that changes the direction of writing: enter it again (person p2)',
  'two-addresses.csv':
    'line 2: refused: email "an@vives.be; an@student.vives.be" holds several addresses: give one (person p2)',
  'unknown-member.jsonl': 'line 1: refused: voornaam is unknown: leave it out, or use one of person, … (person p1)',
  'unknown-organisation.csv': 'line 3: refused: organisation "oxford" must be one of kuleuven, vives, alum (person p2)',
  'unknown-role.csv':
    'line 3: refused: role "prof" must be one of student, staff, employee, faculty, alumnus, affiliate, member, guest (person p2)',
  'unquoted-comma.csv': TOO_MANY,
  'until-before-from.csv':
    'line 2: refused: until "2026-01-01" is before the beginning (2026-09-01): correct one of them (person p2)',
  'workbook.xlsx':
    'this is a workbook of a spreadsheet (.xlsx, .ods) or a zip archive, not a CSV: open it, choose "Save as" and "CSV UTF-8" in the spreadsheet, and import that file',
};

/**
 * The lines that go in, and those in the file to mend, of each that can be read and has others than 2 and 3. What follows an open
 * quotation mark is read as one cell.
 */
const parted: Record<string, [taken: number[], aside: number[]]> = {
  'changes.ldif': [[4], [2]],
  'contradiction.csv': [[2], [3, 4]],
  'date-day-fraction.csv': [[2], [3, 4, 5]],
  'foreign-address.csv': [[3], [2]],
  'formula-error-key.csv': [[2], [3, 4]],
  'formula-errors.csv': [[2], formulaErrors.map((_, index) => index + 3)],
  'member-in-affiliation.jsonl': [[2], [1]],
  'no-affiliations.jsonl': [[2], [1]],
  'no-entry.ldif': [[4], [2]],
  'no-json.jsonl': [[1], [2]],
  'number-of-two.csv': [[2], [3, 4]],
  'number-rounded.csv': [[2], [3, 4]],
  'password-itself.csv': [[3], [2]],
  // the other role of the person goes in, and is in the file to mend, which replaces all that was said of the person
  'role-of-two.csv': [
    [2, 3, 5],
    [3, 4],
  ],
  'turned-key.jsonl': [[2], [1]],
  'two-addresses.csv': [[3], [2]],
  'unknown-member.jsonl': [[2], [1]],
  'until-before-from.csv': [[3], [2]],
};
const isRead = (file: string) => expected[file]?.startsWith('line ') === true;

const feeds = readdirSync(folder).sort();

test.each(feeds)('%s: says where, what, why and what to do', async (file) => {
  const pattern = (expected[file] ?? 'a line is missing here')
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^\n]*');
  const { said, reasons } = await resultOf(file);
  expect(said.join('\n')).toMatch(new RegExp(`^${pattern}$`));
  for (const reason of reasons) {
    const dutch = feedSentenceIn('nl', reason);
    expect(dutch).not.toBe(reason);
    expect(dutch).toMatch(/: |moet /); // before the remedy
  }
});

test.each(feeds)('%s: loses nothing, and does nothing by half', async (file) => {
  const { taken, aside, people, accounts } = await resultOf(file);
  expect([taken, aside]).toEqual(isRead(file) ? (parted[file] ?? [[2], [3]]) : [[], []]);
  expect(accounts.map(({ feeds: [feed] }) => feed?.key)).toEqual(people);
  expect(accounts.flatMap(({ affiliations }) => affiliations)).toHaveLength(taken.length);
});

test('there are forty files at least', () => {
  expect(Object.keys(expected).length).toBeGreaterThanOrEqual(40);
});

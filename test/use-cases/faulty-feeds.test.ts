/** Each faulty file gets one clear line: where, what, why, and what to do about it. */
import { randomBytes } from 'node:crypto';
import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { createDryRunAccounts } from '../../src/use-cases/import/dry-run.ts';
import { UnreadableFeed } from '../../src/use-cases/import/feed-text.ts';
import { importPeople } from '../../src/use-cases/import/import-people.ts';
import { textOf } from '../../src/use-cases/import/report.ts';
import { csvSource, organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';

const folder = fileURLToPath(new URL('faulty-feeds', import.meta.url));
const nobody = async () => undefined;
const sealer = sealerUnder('a secret of thirty-two characters or more');

/** What is said of a file: why it cannot be read, or what is refused in it. */
async function saidOf(file: string): Promise<string[]> {
  const accounts = createDryRunAccounts({
    findById: nobody,
    findByLogin: nobody,
    findHolder: nobody,
    findByFeedKey: nobody,
    fedBy: async () => ({ accounts: [] }),
    insert: async () => {},
    replace: async () => true,
  });
  const said: string[] = [];
  try {
    await importPeople({
      input: createReadStream(join(folder, file)),
      source: csvSource,
      organisations,
      defaultLanguage: 'nl',
      invitationSeconds: 3600,
      accounts,
      sealer,
      now: () => Date.UTC(2026, 9, 1),
      randomBytes,
      tell: async (event) => {
        if (event.outcome === 'refused') said.push(textOf(event));
      },
      withCredentials: true,
      foreignHash: async () => {},
      progress: () => {},
    });
  } catch (error) {
    if (!(error instanceof UnreadableFeed)) throw error;
    said.push(error.message);
  } finally {
    accounts.close();
  }
  return said;
}

const HEADER = 'the first line does not name the columns of a feed:\n  - ';
const NUMBER = 'must be a letter and seven digits, such as r0123456';
const DAY = 'if all its days are written so, set dates:';

/** File -> its line. `…` stands for any text, and itself. */
const expected: Record<string, string> = {
  'blank-lines.csv': 'the file is empty',
  'changes.ldif': 'line 2: refused: is a change record: export the entries themselves (ldapsearch -LLL, slapcat)',
  'column-twice.csv': `${HEADER}the column "until" is there twice: delete one`,
  'compressed.csv.gz': 'this is compressed (gzip): unpack it first, for example gunzip -c FILE | pedel people import -',
  'contradiction.csv':
    'line 4: refused: given_name differs from line 3, which is about the same person: correct one of them (person p2)',
  'date-ambiguous.csv': `line 3: refused: until "03/04/2027" must be a date, YYYY-MM-DD; ${DAY} dd/mm/yyyy or mm/dd/yyyy for source "csv" (person p2)`,
  'date-day-number.csv':
    'line 3: refused: until "46691" is the number that a spreadsheet keeps for a date: give the column the format YYYY-MM-DD (person p2)',
  'date-impossible.csv': 'line 3: refused: until "2027-02-30" is no day of the calendar (yyyy-mm-dd) (person p2)',
  'date-short-year.csv':
    'line 3: refused: until "31/10/27" has a year of two digits: give the column the format YYYY-MM-DD (person p2)',
  'date-slashes.csv': `line 3: refused: until "31/10/2027" must be a date, YYYY-MM-DD; ${DAY} dd/mm/yyyy for source "csv" (person p2)`,
  'date-word.csv': 'line 3: refused: until "31 okt 2027" must be a date, YYYY-MM-DD, such as 2027-10-31 (person p2)',
  'dutch-header.csv': `${HEADER}the columns "number", "given_name", "family_name" are missing\n  - the columns "nummer", "voornaam", "naam" are unknown: leave out what is not needed, map it in columns of the source, or use person, …`,
  'empty.csv': 'the file is empty',
  'export.xml': 'this is XML, which is not read: ask for the list as CSV or JSON lines',
  'foreign-address.csv':
    'line 2: refused: email "an@gmail.example" is of no organisation of the association: an address from outside belongs into personal_email (person p2)',
  'json-list.csv':
    "this is one JSON list: write a person a line, for example with jq -c '.[]' FILE | pedel people import -",
  'latin-1.csv':
    'line 3: refused: given_name "Zo\uFFFD" holds bytes that are not UTF-8: save the file as UTF-8, or set encoding: windows-1252 for this source (person p2)',
  'list.pdf': 'this is a PDF: ask for the list as CSV',
  'member-in-affiliation.jsonl':
    'line 1: refused: affiliations[0].phone is said of the person: write it beside affiliations, not within (person p1)',
  'mojibake.csv':
    'line 3: refused: given_name "ZoÃ«" was UTF-8 that a program took for windows-1252 ("Ã©" for "é"): export it again, as UTF-8 throughout (person p2)',
  'name-too-long.csv': 'line 3: refused: given_name "…" is too long: 101 characters, at most 100 (person p2)',
  'nameless-column.csv': `${HEADER}column 8 has no name: give it one, or delete it`,
  'no-affiliations.jsonl':
    'line 1: refused: affiliations must be a list with one object for each role: [{"organisation": "…", "role": "…"}] (person p1)',
  'no-entry.ldif': 'line 2: refused: is no entry: each begins with dn: and ends with a blank line',
  'no-header.csv': `${HEADER}it holds none of their names: write person,number,given_name,family_name,organisation,role above the rows, or map the names in columns of the source`,
  'no-json.jsonl':
    'line 2: refused: is no JSON: write each person as one object on one line, in double quotes throughout',
  'no-number.csv': 'line 3: refused: number must not be empty (person p2)',
  'no-person.csv': 'line 3: refused: person must not be empty',
  'null-byte.csv': 'line 3: refused: given_name "A\uFFFDn" holds a null byte: enter it again (person p2)',
  'number-cut.csv': `line 3: refused: number "r2" lacks digits (did a spreadsheet cut zeros?): ${NUMBER} (person p2)`,
  'number-of-two.csv':
    'line 3: refused: number r0000002 is claimed by person p3 of this file as well: correct one of them (person p2)\nline 4: refused: number r0000002 is claimed by person p2 of this file as well: correct one of them (person p3)',
  'number-scientific.csv':
    'line 3: refused: person "3.2E+10" was made a number by a spreadsheet: give the column the format Text, and enter it again',
  'number-without-letter.csv': `line 3: refused: number "0000002" lacks its letter: ${NUMBER} (person p2)`,
  'old-workbook.xls':
    'this is a workbook of a spreadsheet (.xls), not a CSV: open it, choose "Save as" and "CSV UTF-8" in the spreadsheet, and import that file',
  'open-quote.csv':
    'line 3: refused: a quotation mark opened here is never closed, so nothing from here on could be read: close it, or double it within a cell',
  'password-itself.csv': 'line 2: refused: password_hash must be a hash: …, never the password itself (person p2)',
  'pipes.csv': 'the columns are separated by |: save the file with commas, semicolons or tabs between them',
  'sep-pipe.csv': 'the columns are separated by |: save the file with commas, semicolons or tabs between them',
  'sign-in-page.csv': 'this is a web page: did the download ask for a sign-in? Save the list itself',
  'stray-quote.csv':
    'line 3: refused: family_name " "Maes"" begins with a quotation mark: enclose the whole cell, or nothing, and double quotes within it (person p2)',
  'too-few-cells.csv': 'line 3: refused: has 3 columns instead of 7 (is a separator or quotation mark missing?)',
  'too-many-cells.csv': 'line 3: refused: has 8 columns instead of 7 (is a separator or quotation mark missing?)',
  'turned-key.jsonl': 'line 1: refused: voornaam is unknown: leave it out, or use one of person, …address.country',
  'turned-writing.csv':
    'line 3: refused: given_name "\uFFFDnA" holds an invisible character that changes the direction of writing: enter it again (person p2)',
  'two-addresses.csv':
    'line 2: refused: email "an@vives.be; an@student.vives.be" holds several addresses: give one (person p2)',
  'unknown-member.jsonl': 'line 1: refused: voornaam is unknown: leave it out, or use one of person, … (person p1)',
  'unknown-organisation.csv': 'line 3: refused: organisation "oxford" must be one of kuleuven, vives, alum (person p2)',
  'unknown-role.csv':
    'line 3: refused: role "prof" must be one of student, staff, employee, faculty, alumnus, affiliate, member, guest (person p2)',
  'unquoted-comma.csv': 'line 3: refused: has 8 columns instead of 7 (is a separator or quotation mark missing?)',
  'until-before-from.csv':
    'line 2: refused: until "2026-01-01" is before the beginning (2026-09-01): correct one of them (person p2)',
  'workbook.xlsx':
    'this is a workbook of a spreadsheet (.xlsx, .ods) or a zip archive, not a CSV: open it, choose "Save as" and "CSV UTF-8" in the spreadsheet, and import that file',
};

test.each(readdirSync(folder).sort())('%s', async (file) => {
  const pattern = (expected[file] ?? 'a line is missing here')
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^\n]*');
  expect((await saidOf(file)).join('\n')).toMatch(new RegExp(`^${pattern}$`));
});

test('there are forty files at least', () => {
  expect(Object.keys(expected).length).toBeGreaterThanOrEqual(40);
});

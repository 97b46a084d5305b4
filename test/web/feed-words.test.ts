/** What is said of rows and files is told in the language of the page, and no sentence of the sources is without words. */
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { feedSentenceIn, feedTables } from '../../locales/feed-sentences.ts';

/** The sources without comments, each text in one piece, with `x` for its values. */
const sources = [
  'src/domain/feed/{differing-ends,feed,feed-cell,feed-columns,feed-entries,feed-fields,feed-groups,feed-refusal,feed-row,feed-statement,fed-totp}.ts',
  'src/domain/{account/groups,passwords/foreign-hash,passwords/foreign-scheme,lifecycle/reserved-names}.ts',
  'src/use-cases/import/{bring-in,import-people,feed-records,feed-text,json-records,ldif-records,run-import,text-lines,upload}.ts',
  'src/{importing/process,http/body-time}.ts',
]
  .flatMap((pattern) => globSync(pattern))
  .map((file) => readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ''))
  .join('\n');
const literals = [...sources.matchAll(/(['"`])((?:\\.|(?!\1)[^\\\n])+)\1/g)].map(([, , text = '']) =>
  text.replaceAll(/\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/g, 'x').replaceAll(/\\(['"`])/g, '$1'),
);
const isEnglish = (sentence: string) => feedSentenceIn('nl', sentence) === sentence;

test('every sentence about a row, a person or a file has words in Dutch', () => {
  const words = [
    ...['is', 'was', 'has', 'holds', 'lacks', 'must', 'cannot', 'begins', 'belongs', 'belonged', 'differs', 'needs'],
    ...['stands', 'source', 'numbers and', 'a number', 'a quotation', 'this', 'the', 'choose', 'column', 'line', 'it'],
    ...['no password', 'not', 'invited', 'access', 'closed', 'joined', 'something'],
  ];
  const begins = new RegExp(`^(?:x )?(?:${words.join('|')})\\b`);
  /** Begun in one text and ended in another. */
  const parts = /chooses a password:$|\$\{/;
  const sentences = literals.filter((text) => begins.test(text) && / /.test(text) && !parts.test(text));
  expect(sentences.length).toBeGreaterThan(90);
  expect(sentences.filter(isEnglish)).toEqual([]);
});

test('no words are kept for a sentence that is no longer in the sources', () => {
  const all = sources.replaceAll("\\'", "'");
  for (const table of Object.values(feedTables)) {
    const stale = table.flatMap(([from]) =>
      from
        .split(/\{\+?\}/)
        .filter((piece) => piece.trim().length > 3 && !all.includes(piece.trim()))
        .map((piece) => `${from}: ${piece}`),
    );
    expect(stale).toEqual([]);
  }
});

test('names and values stay as they are, and what has no words stays English', () => {
  const said = (sentence: string) => feedSentenceIn('nl', sentence);
  expect(said('must be one of staff, student')).toBe('moet een van deze zijn: staff, student');
  expect(said('must be a time zone such as Europe/Brussels')).toBe('moet een tijdzone zoals Europe/Brussels zijn');
  expect(
    said('is not a group that source "sap" may give (ict-*): leave it out, or add it to groups of the source'),
  ).toBe(
    'is geen groep van bron “sap”, die alleen deze mag geven: ict-*; laat ze weg, of voeg ze toe aan groups van de bron',
  );
  expect(
    said(
      'must be a date, YYYY-MM-DD; if all its days are written so, set dates: dd/mm/yyyy or mm/dd/yyyy for source "a"',
    ),
  ).toBe(
    'moet een datum zijn, YYYY-MM-DD; zijn alle dagen zo geschreven, stel dan dates: dd/mm/yyyy of mm/dd/yyyy in voor bron “a”',
  );
  expect(said('the second step is not taken: no password is taken with it; the person sets one up')).toBe(
    'de tweede stap wordt niet overgenomen: er wordt geen wachtwoord mee overgenomen; de persoon stelt er zelf een in',
  );
  expect(
    said('the first line does not name the columns of a feed:\n  - the column "until" is there twice: delete one'),
  ).toBe(
    'de eerste regel noemt niet de kolommen die nodig zijn:\n  - de kolom "until" staat er twee keer: verwijder er een',
  );
  expect(
    said(
      'r0000001 belongs to the account of source "sap" (person 4711), with another date of birth: an administrator may join them',
    ),
  ).toBe(
    'r0000001 is van het account van bron “sap” (persoon 4711), met een andere geboortedatum: een beheerder kan ze samenvoegen',
  );
  expect(said('joined with the account of source "sap" (person 1) by number r0000001')).toBe(
    'samengevoegd met het account van bron “sap” (persoon 1) door nummer r0000001',
  );
  expect(
    said(
      'the end of student at vives differs: none in source "csv" (person 1), 2027-10-31 (expired) in source "hr" (person 2); the longer access counts',
    ),
  ).toBe(
    'het einde van student bij vives verschilt: geen volgens bron “csv” (persoon 1), 2027-10-31 (expired) volgens bron “hr” (persoon 2); de langste toegang telt',
  );
  expect(said('something of a later version')).toBe('something of a later version');
  expect(feedSentenceIn('en', 'is empty: fill it in')).toBe('is empty: fill it in');
  expect(
    said(
      `${'{}'.repeat(20_000)} is of an organisation at which this person has no role: give its role as well, or leave the address out`,
    ),
  ).toContain('geen rol');
});

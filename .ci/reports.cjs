// What .ci/run reads from the reports that jest writes (--json): which files to ask once more, and what all parts counted.
//   failed REPORT         the files that failed, one a line, where they are few enough to be a matter of the machine
//   merge REPORT AGAIN    puts the second run of some files in the place of the first, and notes what only passed then
//   sum FOLDER STATUS     names what failed and what passed only at its second try, each with how its reason begins (a log of
//                         which only the end is kept says what broke), then `N passed, N failed[, N skipped]`
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { stripVTControlCharacters } = require('node:util');

/** More files than this do not fail by chance. */
const FEW = 2;

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const faulty = ({ testResults }) => testResults.filter(({ status }) => status === 'failed');
const nameOf = ({ name }) => name.replace(/^.*\/test\//, 'test/');

/** Lines of a reason, and characters of a line. */
const TOLD = 16;
const LONGEST = 200;

/** The beginning of why something failed, indented, without colours. */
function reason(message = '') {
  if (message === '') return '';
  const lines = stripVTControlCharacters(message).split('\n');
  return lines
    .slice(0, TOLD)
    .map((line) => `\n      ${line.slice(0, LONGEST)}`)
    .join('');
}

/** A line for each wanted test of a file, with why it failed. */
const told = (file, wanted) =>
  file.assertionResults
    .filter(wanted)
    .map(({ fullName, failureMessages }) => `${nameOf(file)}: ${fullName}${reason(failureMessages?.join('\n'))}`);

/** What failed in a file; the file itself where it could not be run. */
function failures(file) {
  if (file.status !== 'failed') return [];
  if (file.assertionResults.length === 0) return [`${nameOf(file)}: could not be run${reason(file.message)}`];
  return told(file, ({ status }) => status === 'failed');
}

/** What jest counts as failed: tests, and files that could not be run. */
const counts = ({ testResults }) => {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const having = (status) => tests.filter((test) => test.status === status).length;
  return {
    passed: having('passed'),
    failed:
      having('failed') +
      testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0).length,
    skipped: having('pending'),
  };
};

function failed(report) {
  const files = faulty(read(report)).map(({ name }) => name);
  if (files.length > 0 && files.length <= FEW) console.log(files.join('\n'));
}

function merge(report, again) {
  const [first, second] = [read(report), read(again)];
  const unstable = faulty(first).flatMap(failures);
  const anew = new Map(second.testResults.map((file) => [file.name, file]));
  const testResults = first.testResults.map((file) => anew.get(file.name) ?? file);
  writeFileSync(report, JSON.stringify({ testResults, unstable }));
}

function sum(folder, status) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const report = read(`${folder}/${file}`);
    for (const [kind, count] of Object.entries(counts(report))) total[kind] += count;
    const late = report.testResults.flatMap((result) =>
      told(result, (test) => test.status === 'passed' && test.invocations > 1),
    );
    for (const line of [...(report.unstable ?? []), ...late]) console.log(`!!  DID NOT PASS AT ITS FIRST TRY: ${line}`);
    for (const line of report.testResults.flatMap(failures)) console.log(`!!  FAILED: ${line}`);
  }
  if (status !== '0' && total.failed === 0) total.failed = 1; // a part that is not counted in tests
  console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
}

const [command, ...operands] = process.argv.slice(2);
({ failed, merge, sum })[command](...operands);

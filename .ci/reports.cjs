// What .ci/run reads from the reports that jest writes (--json): which files to ask once more, and what all parts counted.
//   failed REPORT         the files that failed, one a line, where they are few enough to be a matter of the machine
//   merge REPORT AGAIN    puts the second run of some files in the place of the first, and notes what only passed then
//   sum FOLDER STATUS     names what passed only at its second try, then `N passed, N failed[, N skipped]`
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');

/** More files than this do not fail by chance. */
const FEW = 2;

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const faulty = ({ testResults }) => testResults.filter(({ status }) => status === 'failed');
const titles = ({ name, assertionResults }, wanted) =>
  assertionResults.filter(wanted).map(({ fullName }) => `${name.replace(/^.*\/test\//, 'test/')}: ${fullName}`);

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
  const unstable = faulty(first).flatMap((file) => titles(file, ({ status }) => status === 'failed'));
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
      titles(result, (test) => test.status === 'passed' && test.invocations > 1),
    );
    for (const title of [...(report.unstable ?? []), ...late])
      console.log(`!!  DID NOT PASS AT ITS FIRST TRY: ${title}`);
  }
  if (status !== '0' && total.failed === 0) total.failed = 1; // a part that is not counted in tests
  console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
}

const [command, ...operands] = process.argv.slice(2);
({ failed, merge, sum })[command](...operands);

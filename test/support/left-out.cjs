// Says at the very end, loudly, what was left out because the machine lacks something; with CI=true that is a failure.
const { browser, mongodb } = require('./needs.cjs');

const wanted = [
  {
    what: 'a browser',
    missing: browser === undefined,
    tests: /\/test\/(e2e\/|web\/(look|activate-look|passkey|enrolment)\.)/,
    words: [
      'NOT TESTED: every story in a browser (test/e2e, some of test/web). No Chromium was found.',
      'Install one (Debian: apt-get install chromium) or name it in PEDEL_TEST_BROWSER.',
    ],
  },
  {
    what: 'a MongoDB',
    missing: mongodb === undefined,
    tests: /\/test\/storage\/mongodb/,
    words: [
      'NOT TESTED: MongoDB (test/storage/mongodb*). No server was found.',
      'Name one in PEDEL_TEST_MONGODB, install mongod, or make one for tests:',
      'python3 -m venv .venv-mongodb && .venv-mongodb/bin/pip install secantusdb==0.7.0b3',
    ],
  },
];

module.exports = class LeftOut {
  onRunComplete(_, results) {
    for (const { missing, tests, words } of wanted)
      if (missing && results.testResults.some(({ testFilePath }) => tests.test(testFilePath)))
        console.error(`\n${words.map((line) => `!!  ${line}\n`).join('')}`);
  }

  getLastError() {
    const lacking = wanted.filter(({ missing }) => missing).map(({ what }) => what);
    return process.env.CI === 'true' && lacking.length > 0
      ? new Error(`CI=true needs ${lacking.join(' and ')}`)
      : undefined;
  }
};

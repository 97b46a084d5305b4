// Says at the very end, loudly, what was left out because the machine lacks something; with CI=true that is a failure.
const { apache, browser, mongodb, quickMongodb } = require('./needs.cjs');

const wanted = [
  {
    what: 'a browser',
    missing: browser === undefined,
    tests: /\/test\/(e2e\/|web\/(look|activate-look|passkey|enrolment)\.)/,
    words: [
      'NOT TESTED: every story in a browser (test/e2e, some of test/web). No Chromium was found.',
      'Install one (Debian: apt-get install chromium-headless-shell) or name it in PEDEL_TEST_BROWSER.',
    ],
  },
  {
    what: 'a MongoDB',
    missing: mongodb === undefined,
    tests: /\/test\/(storage\/mongodb|(web|oidc|attack|jobs|product|e2e)\/)/,
    words: [
      'NOT TESTED: MongoDB (test/storage/mongodb*), and every other story on it with several nodes. No server was found.',
      'Name one in PEDEL_TEST_MONGODB, install mongod, or make one for tests:',
      'python3 -m venv .venv-mongodb && .venv-mongodb/bin/pip install secantusdb==0.7.0b3',
    ],
  },
  {
    what: 'a MongoDB that is quick enough for races',
    missing: quickMongodb === undefined,
    tests: /\/test\/storage\/mongodb-races/,
    words: [
      'NOT TESTED: many rounds of each race on MongoDB (test/storage/mongodb-races*). No quick server was found.',
      'Name a replica set in PEDEL_TEST_MONGODB, or install a JDK and Maven and fetch one that is in memory:',
      'mvn --file test/support/memory-mongodb/pom.xml dependency:copy-dependencies -DoutputDirectory="$PWD/.memory-mongodb"',
    ],
  },
  {
    what: 'Apache with mod_auth_openidc and libfaketime',
    missing: apache === undefined,
    tests: /\/test\/product\/key-rotation-apache\./,
    words: [
      'NOT TESTED: a change of signing keys before mod_auth_openidc (test/product/key-rotation-apache). Something is missing.',
      'Debian: apt-get install --no-install-recommends apache2 libapache2-mod-auth-openidc faketime',
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

// Says at the very end, loudly, what was left out because the machine lacks something; with CI=true that is a failure.
const {
  apache,
  applications,
  browser,
  haproxy,
  mongodb,
  nginx,
  openldap,
  php,
  quickMongodb,
  ruby,
  shell,
  systemdAnalyze,
} = require('./needs.cjs');

const MONGODB = [
  'Name a server in PEDEL_TEST_MONGODB, install mongod, or make one for tests:',
  'python3 -m venv .venv-mongodb && .venv-mongodb/bin/pip install secantusdb==0.7.0b3',
];
const QUICK_MONGODB = [
  'Name a replica set in PEDEL_TEST_MONGODB, or install a JDK and Maven and fetch one that is in memory:',
  'mvn --file test/support/memory-mongodb/pom.xml dependency:copy-dependencies -DoutputDirectory="$PWD/.memory-mongodb"',
];

/** `tests`: the files that need it. */
const wanted = [
  {
    what: 'a browser',
    missing: browser === undefined,
    tests:
      /\/test\/(e2e\/|applications\/newcomer\.|mail\/look\.|web\/(look|activate-look|passkey|enrolment|console-secrets)\.)/,
    words: [
      'NOT TESTED: every story in a browser (test/e2e, some of test/web, test/mail/look). No Chromium was found.',
      'Install one (Debian: apt-get install chromium-headless-shell) or name it in PEDEL_TEST_BROWSER.',
    ],
  },
  {
    what: 'a MongoDB',
    missing: mongodb === undefined,
    parts: ['mongodb', 'chaos'],
    tests: /./,
    words: ['NOT TESTED: MongoDB. No server was found.', ...MONGODB],
  },
  {
    what: 'a MongoDB that is quick enough for races',
    missing: quickMongodb === undefined,
    tests: /\/test\/(storage\/mongodb-races|chaos\/killed-acts-mongodb|year\/mongodb)/,
    words: [
      'NOT TESTED: many rounds of each race, acts that are killed, and a year, on MongoDB (test/storage/mongodb-races*, test/chaos, test/year). No quick server was found.',
      ...QUICK_MONGODB,
    ],
  },
  {
    what: 'Apache with mod_auth_openidc and libfaketime',
    missing: apache === undefined,
    tests: /\/test\/(nodes\/key-rotation-apache|applications\/newcomer)\./,
    words: [
      'NOT TESTED: a change of signing keys before mod_auth_openidc (test/nodes/key-rotation-apache), and a newcomer who connects',
      'one (test/applications/newcomer). Something is missing.',
      'Debian: apt-get install --no-install-recommends apache2 libapache2-mod-auth-openidc faketime',
    ],
  },
  ...[
    ['oauth2-proxy', applications.oauth2Proxy],
    ['go-oidc', applications.verifier, 'kubernetes'],
    ['x/oauth2', applications.device, 'device'],
    ['Authlib', applications.authlib, 'authlib(-api)?'],
    ['JupyterHub', applications.jupyterhub],
    ['Schemathesis', applications.schemathesis, 'management-api'],
    ['scim-sanity', applications.scimSanity],
    ['scim2-cli', applications.scim2, 'scim2'],
    ['Dovecot', applications.dovecot],
    ['Roundcube', applications.roundcube, 'newcomer'],
    ['SATOSA', applications.satosa, 'newcomer'],
    ['Spring', applications.spring, 'newcomer'],
  ].map(([name, found, file = name.toLowerCase()]) => ({
    what: name,
    missing: found === undefined,
    tests: new RegExp(`/test/applications/${file}\\.`),
    words: [
      `NOT TESTED: ${name} as an application (test/applications/${file}). It was not found.`,
      {
        Dovecot: 'Debian: apt-get install --no-install-recommends dovecot-core dovecot-imapd',
        Roundcube:
          'Debian: apt-get install --no-install-recommends roundcube-core roundcube-sqlite3 php-cli php-sqlite3',
      }[name] ?? 'Run test/applications/install, which needs Go, Python, npm, a JDK with Maven, and xmlsec1.',
    ],
  })),
  ...[
    ['PHP', php, 'php-cli'],
    ['Ruby', ruby, 'ruby'],
  ].map(([language, found, name]) => ({
    what: language,
    missing: found === undefined,
    loudOnly: name === 'ruby', // nothing else needs it, and .ci/run installs none
    tests: /\/test\/commands\/presets\./,
    words: [
      `NOT TESTED: whether the ${language} texts of the catalogue can be read by ${language} (test/commands/presets). It was not found.`,
      `Debian: apt-get install --no-install-recommends ${name}`,
    ],
  })),
  {
    what: 'openssl and curl',
    missing: !shell,
    tests: /\/test\/snippets\/(?!claims|contributing)/,
    words: [
      'NOT TESTED: the lines and samples of the documents (test/snippets). openssl or curl was not found.',
      'Debian: apt-get install openssl curl',
    ],
  },
  ...[
    {
      program: 'nginx',
      found: nginx,
      package: 'nginx',
      file: 'examples/nginx.conf',
      test: /\/snippets\/balancers\./,
    },
    {
      program: 'HAProxy',
      found: haproxy,
      package: 'haproxy',
      file: 'examples/haproxy.cfg',
      test: /\/snippets\/balancers\./,
    },
    {
      program: 'OpenLDAP (slapd, ldapsearch)',
      found: openldap,
      package: 'slapd ldap-utils',
      file: 'the ldapsearch of docs/migration.md',
      test: /\/snippets\/migration\./,
    },
    {
      program: 'systemd-analyze',
      found: systemdAnalyze,
      package: 'systemd',
      file: 'examples/pedel.service',
      test: /\/snippets\/examples\./,
    },
  ].map(({ program, found, package: name, file, test }) => ({
    what: program,
    missing: found === undefined,
    tests: test,
    words: [
      `NOT TESTED: ${file}. ${program} was not found.`,
      `Debian: apt-get install --no-install-recommends ${name}`,
    ],
  })),
];

const part = process.env.PEDEL_TEST_PART ?? 'sqlite';
const needed = wanted.filter(({ parts }) => parts === undefined || parts.includes(part));

module.exports = class LeftOut {
  lacking = [];

  onRunComplete(_, results) {
    const ran = (tests) => results.testResults.some(({ testFilePath }) => tests.test(testFilePath));
    const missing = needed.filter((each) => each.missing && ran(each.tests));
    this.lacking = missing.filter(({ loudOnly }) => loudOnly !== true).map(({ what }) => what);
    for (const { words } of missing) console.error(`\n${words.map((line) => `!!  ${line}\n`).join('')}`);
    if (part === 'sqlite' && results.numTotalTestSuites > 50)
      console.error(
        'Not part of npm test: documents, applications of others, several nodes, MongoDB, races, chaos. npm run test:all has them.',
      );
  }

  getLastError() {
    return process.env.CI === 'true' && this.lacking.length > 0
      ? new Error(`CI=true needs ${this.lacking.join(' and ')}`)
      : undefined;
  }
};

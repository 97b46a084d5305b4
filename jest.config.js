// The tests, in parts: `npm test` is what needs no second database and breaks no machine; PEDEL_TEST_PART names another
// (the `test:…` scripts of package.json). docs/testing.md says what each part is for and what it costs.
//
// Tests run the sources as production does: types stripped by Node, nothing compiled.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const { mongodb } = createRequire(import.meta.url)('./test/support/needs.cjs');

// each Pedel that a test starts is a process of its own: compiled once, not some hundred times
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/pedel-tests', import.meta.url));

const common = {
  testEnvironment: 'node',
  testRunner: '<rootDir>/test/support/one-realm.cjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/strip-types.cjs' },
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
};
const files = (names) => names.map((name) => `<rootDir>/test/${name}.test.ts`);
const without = (names) => ['/node_modules/', ...names.map((name) => `/test/${name}`)];

/** Several nodes on one storage; they break, replace or cut off their nodes or their database. */
const ofNodes = ['nodes/many-nodes', 'nodes/rolling-upgrade', 'nodes/secret-change', 'nodes/key-rotation-apache'];

const parts = {
  /** `npm test` */
  sqlite: {
    testMatch: files(['**/*']),
    testPathIgnorePatterns: without([
      'applications/',
      'chaos/',
      'year/',
      'nodes/',
      'snippets/(?!claims)',
      'commands/without-dev',
      'release',
      'storage/mongodb',
      'commands/storage-on-mongodb',
    ]),
    globals: { pedelTests: { backend: 'sqlite', nodes: 1, rounds: 5 } },
  },

  /** What README, docs, CONTRIBUTING and examples say, run as it is written; the installation without development packages. */
  documents: {
    testMatch: files(['snippets/*', 'commands/without-dev', 'release']),
    globals: { pedelTests: { backend: 'sqlite', nodes: 1 } },
  },

  /** Applications of others, each fetched as it is and set up as its manual says. */
  applications: {
    testMatch: files(['applications/*']),
    globals: { pedelTests: { backend: 'sqlite', nodes: 1 } },
  },

  /** Several processes on one SQLite file. */
  nodes: {
    testMatch: files([...ofNodes, 'nodes/import-node-killed', 'nodes/drain', 'nodes/key-rotation']),
    globals: { pedelTests: { backend: 'sqlite', nodes: 1 } },
  },

  /** What depends on the database, on MongoDB with three nodes. */
  mongodb: {
    testMatch: files([
      'storage/mongodb{,-open,-faults,-search,-upgrades}', // the contract and the adapter
      'commands/storage-on-mongodb',
      'jobs/{account-expiry,audit-pruning,erasures,client-expiry,due-accounts,effects,fencing,halfway-sign-ins,heartbeat,key-rotation,letters,secret-warnings,waiting-invitations,wrap}', // leases
      'oidc/{client-expiry,client-secrets,clients,ends,keys,logout,replay,revocation,session,trial,withdrawal}', // the library's records
      'product/parallel',
      'api/{imports,merging,requests,scim-users,sources}',
      'attack/thieves',
      'importing/importing',
      'applications/management-api',
      'use-cases/{applied-rules,client-lists,clients,merge}',
      'web/{console-imports,console-sources,desk,fed-totp}',
      'e2e/{activation-link,campus,sign-out}',
      ...ofNodes,
      'nodes/{database-away,partition}',
    ]),
    globals: { pedelTests: { backend: 'mongodb', nodes: 3 } },
    globalSetup: '<rootDir>/test/support/mongodb-of-this-run.mjs',
    globalTeardown: '<rootDir>/test/support/mongodb-of-this-run-ends.mjs',
  },

  /** Each race two hundred times over; what goes wrong once in a hundred times is wrong. */
  races: {
    testMatch: files(['storage/sqlite', 'storage/mongodb-{races-*,stand-in}']),
    globals: { pedelTests: { backend: 'sqlite', nodes: 1, rounds: 200 } },
  },

  /** Nodes and databases die while people do what people do, and while a year passes. */
  chaos: { testMatch: files(['chaos/*', 'year/*']) },

  /** The stories in a browser, each in the language in which `npm test` does not tell it. */
  languages: {
    testMatch: files(['e2e/*']),
    globals: { pedelTests: { backend: 'sqlite', nodes: 1, otherLanguage: true } },
  },
};

const name = process.env.PEDEL_TEST_PART ?? 'sqlite';
const part = parts[name];
if (part === undefined) throw new Error(`PEDEL_TEST_PART is one of ${Object.keys(parts).join(', ')}`);
if (name === 'mongodb' && mongodb === undefined) {
  delete part.globalSetup; // each file says that it is left out, and the reporter says how to get a server
  delete part.globalTeardown;
}

export default {
  projects: [{ ...common, displayName: name, ...part }],
  maxWorkers: 3, // on two cores: many stories wait, for the next step of an authenticator app or for a time limit
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  testTimeout: 240_000, // against hanging, no promise: the machine may be a busy one
  reporters: [
    'default',
    '<rootDir>/test/support/run-folder.cjs',
    '<rootDir>/test/support/left-out.cjs',
    '<rootDir>/test/support/second-try.cjs',
    '<rootDir>/test/support/ends-in-time.cjs',
  ],
};

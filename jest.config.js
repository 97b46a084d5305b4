// Tests run the sources as production does: types stripped by Node, nothing compiled.
// Twice: on SQLite with one node, and, where a MongoDB can be had, on it with several (docs/decisions/tests-on-both.md).
// `npm test -- test/web --selectProjects=sqlite` runs the first alone, for a folder or a file.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const { mongodb } = createRequire(import.meta.url)('./test/support/needs.cjs');

// each Pedel that a test starts is a process of its own: compiled once, not some hundred times
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/pedel-tests', import.meta.url));

const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/strip-types.cjs' },
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
};

/** Every file runs in both projects, unless it says here why not. */
const leftOut = {
  sqlite: ['product/database-away', 'product/partition'], // SQLite is nowhere else
  // lets days pass in seconds, for which a database for tests is too slow; jobs/letters has the same worker on it
  // takes hundreds of guesses, and hundreds of sign-ins: web/guessing and product/key-rotation-apache are told on both
  mongodb: ['jobs/outbox', 'attack/strangers', 'product/key-rotation'],
};
const without = (files) => ['/node_modules/', ...files.map((file) => `/test/${file}\\.`)];

const sqlite = {
  ...common,
  displayName: 'sqlite',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: without(leftOut.sqlite),
  globals: { pedelTests: { backend: 'sqlite', nodes: 1 } },
};

const onMongodb = {
  ...common,
  displayName: 'mongodb',
  testMatch: ['web', 'oidc', 'attack', 'jobs', 'product', 'e2e'].map((room) => `<rootDir>/test/${room}/**/*.test.ts`),
  testPathIgnorePatterns: without(leftOut.mongodb),
  globals: { pedelTests: { backend: 'mongodb', nodes: 3 } },
  setupFilesAfterEnv: ['<rootDir>/test/support/once-more.cjs'],
  globalSetup: '<rootDir>/test/support/mongodb-of-this-run.mjs',
  globalTeardown: '<rootDir>/test/support/mongodb-of-this-run-ends.mjs',
};

export default {
  projects: mongodb === undefined ? [sqlite] : [sqlite, onMongodb],
  maxWorkers: 2,
  testTimeout: 240_000, // against hanging, no promise: the MongoDB for tests may be a slow one, and the machine a busy one
  reporters: ['default', '<rootDir>/test/support/left-out.cjs'],
};

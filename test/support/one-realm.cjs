// Runs each test file with the modules of this process, as production does, and not in a context of its own. jest would
// load and compile all of Pedel and its libraries anew for every file, which cost more than most tests do. The price: what a
// module keeps, all files of one worker share, so a file leaves nothing behind (docs/testing.md). A file that replaces a
// module runs as jest has it.
const { readFileSync } = require('node:fs');
const { registerHooks } = require('node:module');
const { pathToFileURL } = require('node:url');
const { default: circus } = require('jest-circus/runner');

const ours = pathToFileURL(require.resolve('./jest-globals.mjs')).href;
const tests = new URL('../', ours).href;
let file = 0;
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@jest/globals') return { url: ours, format: 'module', shortCircuit: true };
    const found = next(specifier, context);
    // each file has its own of what is under test/: helpers keep what they opened, and register hooks of the file
    return found.url.startsWith(tests) && /\.m?ts$/.test(found.url)
      ? { ...found, url: `${found.url}?file=${file}` }
      : found;
  },
});

/** The symbols of the global object under which jest-circus keeps what belongs to one file. */
const kept = /^(JEST_STATE_SYMBOL|EVENT_HANDLERS|TEST_TIMEOUT_SYMBOL|LOG_ERRORS_BEFORE_RETRY|RETRY_|WAIT_BEFORE_RETRY)/;

module.exports = async (globalConfig, config, environment, runtime, testPath, send) => {
  if (readFileSync(testPath, 'utf8').includes('jest.unstable_mockModule'))
    return circus(globalConfig, config, environment, runtime, testPath, send);

  file += 1;
  const { provide } = await import(ours);
  const mocks = new environment.moduleMocker.constructor(globalThis);
  const timers = new environment.fakeTimersModern.constructor({ config, global: globalThis });
  const jest = {
    spyOn: mocks.spyOn.bind(mocks),
    restoreAllMocks: () => mocks.restoreAllMocks(),
    useFakeTimers: (options) => void timers.useFakeTimers(options),
    useRealTimers: () => void timers.useRealTimers(),
    setSystemTime: (now) => timers.setSystemTime(now),
    advanceTimersByTimeAsync: (ms) => timers.advanceTimersByTimeAsync(ms),
    setTimeout(ms) {
      globalThis[Symbol.for('TEST_TIMEOUT_SYMBOL')] = ms;
    },
    retryTimes(times, { logErrorsBeforeRetry = false } = {}) {
      globalThis[Symbol.for('RETRY_TIMES')] = times;
      globalThis[Symbol.for('LOG_ERRORS_BEFORE_RETRY')] = logErrorsBeforeRetry;
    },
  };
  const { console } = globalThis;
  Object.assign(globalThis, config.globals, { console: environment.global.console });
  const shared = {
    requireInternalModule(path) {
      delete require.cache[path];
      return require(path);
    },
    requireModule: (path) => require(path),
    setGlobalsForRuntime: (globals) => provide({ ...globals, jest }),
    unstable_shouldLoadAsEsm: () => true,
    unstable_importModule: (path) => import(pathToFileURL(path).href),
    enterTestCode() {},
    leaveTestCode() {},
  };
  const realm = { global: globalThis, handleTestEvent: environment.handleTestEvent?.bind(environment) };
  try {
    return await circus(globalConfig, config, realm, shared, testPath, send);
  } finally {
    timers.useRealTimers();
    mocks.restoreAllMocks();
    for (const key of Object.getOwnPropertySymbols(globalThis)) if (kept.test(key.description)) delete globalThis[key];
    globalThis.console = console;
  }
};

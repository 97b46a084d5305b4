// Several nodes on a MongoDB for tests, and a browser, on two cores: what is late once is tried once more, and the first
// failure is shown. Not so what must never fail, not once in a thousand times: test/storage, test/chaos, and the stories in
// which nodes are replaced under visitors.
const { testPath } = expect.getState();
if (!/\/product\/(rolling-upgrade|secret-change|drain|many-nodes)\./.test(testPath))
  jest.retryTimes(1, { logErrorsBeforeRetry: true });

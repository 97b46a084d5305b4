// Several nodes on a MongoDB for tests, and a browser, on two cores: what is late once is tried once more, and the first
// failure is shown. What must never fail, not once in a thousand times, is in test/storage and test/chaos, which are not.
jest.retryTimes(1, { logErrorsBeforeRetry: true });

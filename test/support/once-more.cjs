// Several nodes on a MongoDB for tests, and a browser, on two cores: what is late once is tried once more, and the first
// failure is shown. Not so what must never fail, not once in a thousand times: test/storage, test/chaos, and the stories of
// test/product, in which nodes and the database end and come back.
if (!expect.getState().testPath.includes('/test/product/')) jest.retryTimes(1, { logErrorsBeforeRetry: true });

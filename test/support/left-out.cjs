// Says at the very end, loudly, what was left out because the machine lacks something; with CI=true that is a failure.
const { browser } = require('./needs.cjs');

module.exports = class LeftOut {
  onRunComplete(_, results) {
    if (browser !== undefined || !results.testResults.some(({ testFilePath }) => testFilePath.includes('/test/e2e/')))
      return;
    console.error(
      '\n!!  NOT TESTED: every story in a browser (test/e2e). No Chromium was found.\n' +
        '!!  Install one (Debian: apt-get install chromium) or name it in PEDEL_TEST_BROWSER.\n',
    );
  }

  getLastError() {
    return process.env.CI === 'true' && browser === undefined ? new Error('CI=true needs a browser') : undefined;
  }
};

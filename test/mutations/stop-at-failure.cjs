// After the first test that fails the others of its file are skipped: one is enough to know that a mutation was noticed.
const { TestEnvironment } = require('jest-environment-node');

module.exports = class StopAtFailure extends TestEnvironment {
  failed = false;

  handleTestEvent(event) {
    if (event.name === 'test_fn_failure' || event.name === 'hook_failure') this.failed = true;
    if (event.name === 'test_start' && this.failed) event.test.mode = 'skip';
  }
};

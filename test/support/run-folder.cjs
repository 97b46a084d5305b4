// A folder for what the workers of one run tell each other (PEDEL_TEST_RUN), gone when the run ends.
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

module.exports = class RunFolder {
  onRunStart() {
    this.folder = mkdtempSync(join(tmpdir(), 'pedel-tests-'));
    process.env.PEDEL_TEST_RUN = this.folder;
  }

  onRunComplete() {
    rmSync(this.folder, { recursive: true, force: true });
  }
};

// What the tests need of the machine besides Node, and whether it is here. Read by the tests and by the closing reporter.
const { existsSync } = require('node:fs');
const { delimiter, join } = require('node:path');

const onPath = (name) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));

/** Path of a Chromium, or undefined. PEDEL_TEST_BROWSER names one that is not on the PATH. */
const browser =
  process.env.PEDEL_TEST_BROWSER ?? ['chromium', 'chromium-browser', 'google-chrome'].map(onPath).find(Boolean);

module.exports = { browser };

// Turns TypeScript into JavaScript for jest with the very function that Node itself uses when it runs a .ts file.
const { stripTypeScriptTypes } = require('node:module');

module.exports = {
  process: (source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }),
};

// Lets jest read TypeScript with Node's own type stripping: positions stay, so stack traces stay true.
const { stripTypeScriptTypes } = require('node:module');

module.exports = { process: (source) => ({ code: stripTypeScriptTypes(source) }) };

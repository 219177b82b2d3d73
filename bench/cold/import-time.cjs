// Imports one bundle in a process of its own and prints how many milliseconds that took, as Lambda's first invocation
// would wait for it.
const [, , bundle] = process.argv;
const started = process.hrtime.bigint();
const { handler } = require(bundle);
const took = process.hrtime.bigint() - started;
if (typeof handler !== 'function') throw new Error(`${bundle} exports no handler`);
process.stdout.write(String(Number(took) / 1e6));
// Some functions begin to connect while they are imported, and would wait for a network that is not there.
process.exit(0);

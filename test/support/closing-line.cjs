const { writeSync } = require('node:fs');

const PlantedWatch = require('./planted-watch.cjs');

// The last line of a run, in the form that any runner can read: how many passed and failed.
// It watches what the run writes, too: jest takes one list of reporters, and what is found counts as failed.
module.exports = class ClosingLine extends PlantedWatch {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites }) {
    // A suite that could not even start has no failed tests of its own, but the run has failed.
    const failed = numFailedTests + numRuntimeErrorTestSuites + (this.found > 0 ? 1 : 0);
    const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
    const leak = this.getLastError();
    if (leak) process.stderr.write(`FAIL ${leak.message}\n`);
    // At exit, so that nothing comes behind it.
    process.once('exit', () => writeSync(1, `${numPassedTests} passed, ${failed} failed${skipped}\n`));
  }
};

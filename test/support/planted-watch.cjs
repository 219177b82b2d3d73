const { PLANTED, PLANTED_DIGITS, PLANTED_TEXTS } = require('./planted.ts');

/** What must not be written, in small letters; a test that fails prints what it compared, and so it counts too. */
const NEEDLES = [PLANTED.mark, ...PLANTED_TEXTS, ...PLANTED_DIGITS].map((text) => text.toLowerCase());
const LONGEST = Math.max(...NEEDLES.map((text) => text.length));

/**
 * Reads along with all that a run of the tests writes, whoever writes it: reporters, consoles, workers, child processes
 * that print through them. A run that writes something of what is planted as personal has failed.
 */
module.exports = class PlantedWatch {
  constructor() {
    this.found = 0;
    for (const stream of [process.stdout, process.stderr]) this.#readAlong(stream);
  }

  getLastError() {
    if (this.found > 0) return new Error(`planted personal data was written ${this.found} times; log no values`);
  }

  #readAlong(stream) {
    const write = stream.write.bind(stream);
    let tail = '';
    stream.write = (chunk, ...rest) => {
      const text = (tail + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'))).toLowerCase();
      // One that began in the piece before ends in this one; one that was whole there has been counted.
      this.found += NEEDLES.filter((needle) =>
        text.includes(needle, Math.max(0, tail.length - needle.length + 1)),
      ).length;
      tail = text.slice(-LONGEST);
      return write(chunk, ...rest);
    };
  }
};

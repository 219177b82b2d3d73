const { default: Sequencer } = require('@jest/test-sequencer');

/** What takes minutes is begun first, beside all that is short; what fills every processor by itself comes last. */
const PLACES = [/[\\/]test[\\/]system[\\/]system\.test\.ts$/, undefined, /[\\/]test[\\/]prove[\\/]prove\.test\.ts$/];
const REST = PLACES.indexOf(undefined);

const placeOf = ({ path }) => {
  const place = PLACES.findIndex((pattern) => pattern?.test(path));
  return place < 0 ? REST : place;
};

module.exports = class AssaySequencer extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((left, right) => placeOf(left) - placeOf(right));
  }
};

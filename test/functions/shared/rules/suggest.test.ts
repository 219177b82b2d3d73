import { expect, test } from '@jest/globals';

import { nearestName } from '#rules/suggest.ts';

const names = ['amount', 'country', 'currency', 'ip', 'lowercase'];

test.each([
  ['amount', 'amount'],
  ['AMOUNT', 'amount'],
  ['amout', 'amount'], // one deleted
  ['ammount', 'amount'], // one inserted
  ['amaunt', 'amount'], // one replaced
  ['maount', 'amount'], // neighbours swapped: one edit
  ['amuont_', 'amount'], // two edits in seven characters
  ['contry', 'country'],
  ['ia', 'ip'],
  ['xy', undefined], // two edits in two characters
  ['ammaunts', undefined], // three edits in eight characters
  ['low', 'lowercase'],
  ['lo', undefined], // too short to abbreviate
  ['merchant', undefined],
])('%s is taken for %s', (name, expected) => {
  expect(nearestName(name, names)).toBe(expected);
});

import { expect, test } from '@jest/globals';

import { showableName } from '#domain/field-problems.ts';
import { NameSchema, VariableNameSchema } from '#domain/names.ts';
import { aCatalog } from '../../../support/scoring.ts';

test.each(['constructor', '__proto__', 'prototype'])('%s names nothing', (name) => {
  expect(NameSchema.safeParse(name).success).toBe(false);
  expect(VariableNameSchema.safeParse(name).success).toBe(false);
});

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('a catalog has no %s', (name) => {
  const { catalog } = aCatalog();

  expect(catalog.eventType(name)).toBeUndefined();
  expect(catalog.detector(name)).toBeUndefined();
  expect(catalog.detector(name, 1)).toBeUndefined();
  expect(catalog.detectorsFor(name)).toEqual([]);
});

test.each([
  { name: 'amount', shown: 'amount' },
  { name: '4111111111111111', shown: '?' },
  { name: 'card_4111111111111111', shown: '?' },
  { name: 'ada@example.com', shown: '?' },
])('of the name $name, $shown is shown', ({ name, shown }) => {
  expect(showableName(name)).toBe(shown);
});

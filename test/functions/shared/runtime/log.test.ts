import { expect, test } from '@jest/globals';
import * as z from 'zod';

import { ServiceError } from '#domain/errors.ts';
import { describeError } from '#runtime/log.ts';

const CARD = '4111 1111 1111 1111';

test('an error is described by name, code, message and place', () => {
  const description = describeError(new ServiceError('conflict', 'the event is on record with other content'));

  expect(description).toMatchObject({
    name: 'ServiceError',
    code: 'conflict',
    message: 'the event is on record with other content',
  });
  expect(description.at?.[0]).toContain('log.test.ts');
});

test('a message of the JSON parser, which quotes the text, is left out', () => {
  let caught: unknown;
  try {
    JSON.parse(`${CARD} and more`);
  } catch (error) {
    caught = error;
  }

  expect(JSON.stringify(describeError(caught))).not.toContain('4111');
});

test('long runs of digits are masked, in causes too', () => {
  const description = describeError(new Error('outer', { cause: new Error(`inner ${CARD}`) }));

  expect(description.cause?.message).toBe('inner #');
});

test('a finding of zod is described by field, without the value', () => {
  const { error } = z.strictObject({ amount: z.number() }).safeParse({ amount: CARD });

  const description = describeError(error);

  expect(description.fields).toEqual([{ field: 'amount', problem: expect.stringContaining('expected number') }]);
  expect(JSON.stringify(description)).not.toContain('4111');
});

test('a chain of causes that loops comes to an end', () => {
  const error = new Error('loop');
  error.cause = error;

  expect(JSON.stringify(describeError(error)).length).toBeLessThan(20_000);
});

import { describe, expect, test } from '@jest/globals';
import { withinLimit } from '#local/lambda/mappings/batches.ts';
import { failedItems } from '#local/lambda/mappings/partial.ts';

const ids = new Set(['a', 'b', 'c']);

describe('what a function says of its batch', () => {
  test.each(['', 'null', '{}', '{"statusCode":200}', '{"batchItemFailures":null}', '{"batchItemFailures":[]}'])(
    'nothing said is success: %s',
    (payload) => {
      expect(failedItems(payload, ids)).toEqual(new Set());
    },
  );

  test('items that are named have failed, and no others', () => {
    const payload = '{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"c"},{"itemIdentifier":"b"}]}';

    expect(failedItems(payload, ids)).toEqual(new Set(['b', 'c']));
  });

  test.each([
    '{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"x"}]}',
    '{"batchItemFailures":[{"itemIdentifier":""}]}',
    '{"batchItemFailures":[{"itemIdentifier":null}]}',
    '{"batchItemFailures":[{"itemIdentifer":"b"}]}',
    '{"batchItemFailures":[{"itemIdentifier":1}]}',
    '{"batchItemFailures":[null]}',
    '{"batchItemFailures":["b"]}',
    '{"batchItemFailures":{"itemIdentifier":"b"}}',
    '{"batchItemFailures":"b"}',
    '["b"]',
    '"done"',
    '7',
    '{"batchItemFailures":[',
  ])('what cannot be understood fails the whole batch: %s', (payload) => {
    expect(failedItems(payload, ids)).toBe('all');
  });
});

test('a batch is cut where its event would be too large, in order, and a record never', () => {
  const records = ['x'.repeat(60), 'y'.repeat(60), 'z'.repeat(300)];

  // Each of the first two takes 63 bytes with quotes and comma, above the 100 of the envelope.
  expect(withinLimit(records, 226)).toEqual([[records[0], records[1]], [records[2]]]);
  expect(withinLimit(records, 225)).toEqual([[records[0]], [records[1]], [records[2]]]);
});

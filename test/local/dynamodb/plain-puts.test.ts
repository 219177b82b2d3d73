import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isPlainPuts } from '#local/dynamodb/plain-puts.ts';
import { requestOf } from '#local/dynamodb/requests.ts';

const put = (item: object, more: object = {}) => ({ Put: { TableName: 'events', Item: item, ...more } });
const body = (actions: readonly object[], more: object = {}) => ({ TransactItems: actions, ...more });

const plain = body(
  [
    put({ pk: { S: 'a' }, n: { N: '17' }, flag: { BOOL: false }, map: { M: { list: { L: [{ N: '-0.25' }] } } } }),
    put({ pk: { S: '' } }, { ConditionExpression: 'attribute_not_exists(pk)' }),
  ],
  { ClientRequestToken: 'token-1', ReturnConsumedCapacity: 'TOTAL' },
);

test('a transaction of texts, numbers and flags is plain', () => {
  expect(isPlainPuts(plain)).toBe(true);
});

test.each([
  ['no actions', body([])],
  ['101 actions', body(Array.from({ length: 101 }, () => put({})))],
  ['another action', body([{ Delete: { TableName: 'events', Key: {} } }])],
  ['two actions in one', body([{ ...put({}), Delete: { TableName: 'events', Key: {} } }])],
  ['no item', body([{ Put: { TableName: 'events' } }])],
  ['a short table name', body([{ Put: { TableName: 'ab', Item: {} } }])],
  ['a table name of other characters', body([{ Put: { TableName: 'a b c', Item: {} } }])],
  ['a member that nobody knows', body([put({}, { Expected: {} })])],
  ['names of attributes', body([put({}, { ExpressionAttributeNames: { '#a': 'a' } })])],
  ['a number that would be stored otherwise', body([put({ n: { N: '1.50' } })])],
  ['minus zero', body([put({ n: { N: '-0' } })])],
  ['a number with an exponent', body([put({ n: { N: '1e3' } })])],
  ['binary', body([put({ b: { B: 'AAAA' } })])],
  ['a set', body([put({ s: { SS: ['a'] } })])],
  ['two types', body([put({ s: { S: 'a', N: '1' } })])],
  ['no type', body([put({ s: {} })])],
  ['a text that is a number', body([put({ s: { S: 1 } })])],
  ['the one name that is no property', body([put(JSON.parse('{"__proto__":{"S":"a"}}'))])],
  ['deep nesting', body([put({ l: Array.from({ length: 9 }).reduce<object>((l) => ({ L: [l] }), { S: 'a' }) })])],
  ['an empty token', body([put({})], { ClientRequestToken: '' })],
  ['a long token', body([put({})], { ClientRequestToken: 'x'.repeat(37) })],
  ['an unknown wish', body([put({})], { ReturnConsumedCapacity: 'SOME' })],
])('one with %s is left to the check', (_, given) => {
  expect(isPlainPuts(given)).toBe(false);
});

/** Nearly always one thing, seldom another. */
const mostly = (usual: fc.Arbitrary<unknown>, other: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 19, arbitrary: usual }, { weight: 1, arbitrary: other });

const text = mostly(fc.string(), fc.constantFrom('events', 'ab', '__proto__', 'a.b-c_d')) as fc.Arbitrary<string>;
const number = mostly(
  fc.oneof(
    fc.integer().map(String),
    fc.integer({ min: -999_999, max: 999_999 }).map((cents) => String(cents / 100)),
  ),
  fc.constantFrom('01', '1.0', '0.5', '-0', '', '+1', '999999999999999.999999999999999', '1e21'),
);
const { value } = fc.letrec<{ value: object }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({ S: text }),
    fc.record({ N: number }),
    fc.record({ BOOL: fc.boolean() }),
    fc.record({ L: fc.array(tie('value'), { maxLength: 3 }) }),
    fc.record({ M: fc.dictionary(text, tie('value'), { maxKeys: 3 }) }),
    fc.record({ S: mostly(text, fc.jsonValue()) }),
    fc.record({ S: text, B: mostly(fc.constant(undefined), text) }),
  ),
}));
const action = fc.record(
  {
    Put: fc.record(
      {
        TableName: mostly(fc.constant('events'), fc.oneof(text, fc.jsonValue())),
        Item: mostly(fc.dictionary(text, value, { maxKeys: 4 }), fc.jsonValue()),
        ConditionExpression: mostly(text, fc.constant(null)),
        Unknown: mostly(fc.constant(undefined), text),
      },
      { requiredKeys: ['TableName', 'Item'] },
    ),
  },
  { requiredKeys: ['Put'] },
);

test('what is plain passes the check, which gives it back as it is', () => {
  let plainOnes = 0;
  fc.assert(
    fc.property(fc.array(action, { minLength: 1, maxLength: 3 }), (actions) => {
      // As it comes over the wire.
      const given = JSON.parse(JSON.stringify(body(actions)));
      if (!isPlainPuts(given)) return;
      plainOnes += 1;
      // Another member makes the check look closely, which then leaves it out.
      expect(requestOf('TransactWriteItems', { ...given, ReturnItemCollectionMetrics: null })).toEqual(given);
    }),
    { seed: 20_261_122, numRuns: 600 },
  );
  expect(plainOnes).toBeGreaterThan(60);
});

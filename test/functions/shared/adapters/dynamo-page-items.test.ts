import { readFileSync } from 'node:fs';

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { expect, test } from '@jest/globals';

import { pageExpiry, pageOf, pageUpdate, stillToSet } from '#adapters/dynamo-page-items.ts';
import type { PageMove } from '#features/history/state/types.ts';

const START_MS = Date.parse('2026-11-01T00:00:00.000Z');
const stamp = (minute: number, eventId = 'e-1') => ({ value: 'DE', atMs: START_MS + minute * 60_000, eventId });
const move: PageMove = {
  profile: '0123456789abcdef',
  entity: 'person:t1_cccccccccccccccccccccccc',
  startMs: START_MS,
  keepUntilMs: START_MS + 86_400_000 * 31,
  adds: new Map<string, number | bigint>([
    ['a0', 1],
    ['b0', -2],
    ['c11', 2n ** 60n],
  ]),
  marks: new Map([['d0', new Set([7, 255])]]),
  sets: new Map([
    ['e0', { to: 5, keeps: 'lower', was: undefined }],
    ['f0', { to: stamp(3), keeps: 'higher', was: undefined }],
  ]),
};

test('a move is one update: added to, set on condition, with its version and its end', () => {
  expect(pageUpdate('profiles', move, 1_900_000_000)).toEqual({
    Update: {
      TableName: 'profiles',
      Key: { pk: { S: '0123456789abcdef#person:t1_cccccccccccccccccccccccc' }, sk: { S: '0mvx2cqo0' } },
      UpdateExpression: 'SET v = :v, expiresAt = :expiresAt, e0 = :e0, f0 = :f0 ADD a0 :a0, b0 :b0, c11 :c11, d0 :d0',
      ConditionExpression: '(attribute_not_exists(e0) OR e0 > :e0) AND (attribute_not_exists(f0) OR f0 < :f0)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      ExpressionAttributeValues: {
        ':v': { N: '1' },
        ':expiresAt': { N: '1900000000' },
        ':a0': { N: '1' },
        ':b0': { N: '-2' },
        ':c11': { N: '1152921504606846976' },
        ':d0': { BS: [Uint8Array.of(7), Uint8Array.of(255)] },
        ':e0': { N: '5' },
        ':f0': { S: '0mvx2glk0 e-1 "DE"' },
      },
    },
  });
});

test('a move that only adds has no condition', () => {
  const { Update } = pageUpdate('profiles', { ...move, sets: new Map(), marks: new Map() }, 1);

  expect(Update).not.toHaveProperty('ConditionExpression');
  expect(Update).not.toHaveProperty('ReturnValuesOnConditionCheckFailure');
});

test('a page is read as it was written', () => {
  const item = {
    pk: { S: '0123456789abcdef#person:t1_c+terminal:t1_d#e' },
    sk: { S: '0mvx2cqo0' },
    v: { N: '1' },
    expiresAt: { N: '1900000000' },
    a0: { N: '12' },
    c11: { N: '1152921504606846976' },
    d0: { BS: [Uint8Array.of(255), Uint8Array.of(7)] },
    f0: { S: '0mvx2glk0 e-1 "a b"' },
  };

  expect(pageOf(item)).toEqual({
    profile: '0123456789abcdef',
    entity: 'person:t1_c+terminal:t1_d#e',
    startMs: START_MS,
    cells: new Map<string, unknown>([
      ['a0', 12],
      ['c11', 2n ** 60n],
      ['d0', new Set([7, 255])],
      ['f0', { value: 'a b', atMs: START_MS + 180_000, eventId: 'e-1' }],
    ]),
  });
});

test('a page that version 1 stored is still read as it was', () => {
  const item = JSON.parse(
    readFileSync(new URL('../../../fixtures/stored/v1/page-item.json', import.meta.url), 'utf8'),
  ) as Record<string, AttributeValue>;

  expect(pageOf(item)).toMatchObject({
    profile: '0123456789abcdef',
    startMs: START_MS,
    cells: new Map<string, unknown>([
      ['a9', 1],
      ['c9', 2n ** 64n + 1n],
      ['e9', 8_050],
      ['f9', { value: 'FR', atMs: START_MS + 180_000, eventId: 'stored-1' }],
    ]),
  });
});

test.each<{ is: string; item: Record<string, AttributeValue>; left: string[] }>([
  { is: 'a lower value', item: { e0: { N: '4' } }, left: ['f0'] },
  { is: 'the same value', item: { e0: { N: '5' } }, left: ['f0'] },
  { is: 'a higher value', item: { e0: { N: '6' } }, left: ['e0', 'f0'] },
  { is: 'a later stamp', item: { f0: { S: '0mvx2glk1 a 1' } }, left: ['e0'] },
  { is: 'an earlier stamp', item: { f0: { S: '0mvx2gljz z 1' } }, left: ['e0', 'f0'] },
  { is: 'a higher id at the same time', item: { f0: { S: '0mvx2glk0 e-10 1' } }, left: ['e0'] },
])('where the page has $is, only $left is left to set', ({ item, left }) => {
  const { sets, adds } = stillToSet(move, item);

  expect([...sets.keys()]).toEqual(left);
  expect(adds).toBe(move.adds);
});

test('ids where one begins the other stand in the same order as text and as stamps', () => {
  const textOf = (eventId: string) =>
    pageUpdate(
      'profiles',
      { ...move, sets: new Map([['f0', { to: stamp(0, eventId), keeps: 'higher', was: undefined }]]) },
      1,
    ).Update?.ExpressionAttributeValues?.[':f0']?.S ?? '';

  expect(textOf('e') < textOf('e!')).toBe(true);
  expect(textOf('e-1') < textOf('e-10')).toBe(true);
});

test('a page is kept from its commit for as long as it is needed from its start', () => {
  const years = Date.parse('2030-01-01T00:00:00.500Z');

  expect(pageExpiry(move, years)).toBe(Date.parse('2030-01-01T00:00:01.000Z') / 1_000 + 31 * 86_400);
});

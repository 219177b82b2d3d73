import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';
import { parse } from 'yaml';

import { TRANSFORM_NAMES } from '#domain/transforms/names.ts';
import { TRANSFORMS } from '#domain/transforms/transforms.ts';
import { MEASURES } from '#features/history/definition.ts';
import { durationMs, slotMsOf } from '#features/history/windows.ts';
import { tableRowsIn } from '../../../../support/markdown-tables.ts';
import { loginType, paymentType, problemsWith } from './catalogs.ts';

const page = readFileSync(new URL('../../../../../docs/features.md', import.meta.url), 'utf8');

const rowsOf = (header: string): string[][] => tableRowsIn(page, header);

const codesIn = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);

test('the example can be computed', () => {
  const example = /```yaml\n(features:[\s\S]*?)```/.exec(page)?.[1] ?? '';
  const variables = {
    amount: { type: 'money' },
    channel: { type: 'category' },
    email: { type: 'email', personal: true },
  };

  expect(problemsWith(paymentType(parse(example).features, { variables }), [loginType()])).toEqual([]);
});

test('the page explains every measure', () => {
  const explained = rowsOf('| key | gives | missing |').flatMap(([keys]) =>
    codesIn(keys).map((code) => code.split(':')[0]),
  );

  expect([...new Set(explained)].toSorted()).toEqual([...MEASURES].toSorted());
});

test('the page explains every transform, and of what it is', () => {
  const rows = rowsOf('| transform | of | gives |');

  expect(rows.map(([name]) => codesIn(name)[0])).toEqual([...TRANSFORM_NAMES]);
  for (const [name, of] of rows) {
    const { of: types } = TRANSFORMS[codesIn(name)[0] as (typeof TRANSFORM_NAMES)[number]];
    expect(of).toMatch(types.length === 8 ? /^any text$/ : new RegExp(`^${types.join(', ')}`));
  }
});

test('the page tells of which slots each window is made', () => {
  const rows = rowsOf('| window | slots by itself |').map((cells) => cells.map((cell) => codesIn(cell)[0]!));

  expect(rows.length).toBeGreaterThan(8);
  for (const [window, slot] of rows) expect(slotMsOf(durationMs(window!))).toBe(durationMs(slot!));
});

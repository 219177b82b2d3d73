import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from '@jest/globals';

import { readListFile } from '../../../bin/administration/list-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-list-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fileOf = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const UNTIL = '2026-12-31T00:00:00Z';

test('of a text file, each line is a value', () => {
  const path = fileOf('list.txt', '\uFEFFc-1\r\n\n  c-2, with a comma \n');

  expect(readListFile(path, undefined)).toEqual(['c-1', 'c-2, with a comma']);
  expect(readListFile(path, UNTIL)[0]).toEqual({ value: 'c-1', until: UNTIL });
});

test('of a JSON file, values may have ends of their own', () => {
  const path = fileOf('list.json', JSON.stringify(['c-1', { value: 'c-2', until: UNTIL }]));

  expect(readListFile(path, '2027-01-01T00:00:00Z')).toEqual([
    { value: 'c-1', until: '2027-01-01T00:00:00Z' },
    { value: 'c-2', until: UNTIL },
  ]);
});

test.each([
  ['that is no JSON', 'list.json', '[1', /is no JSON/],
  ['whose values are no text', 'list.json', '[1]', /holds no list: 0/],
])('a file %s is refused, with what is wrong', (_, name, text, message) => {
  expect(() => readListFile(fileOf(name, text), undefined)).toThrow(message);
});

test('an end that is no instant is refused', () => {
  expect(() => readListFile(fileOf('list.txt', 'c-1'), 'tomorrow')).toThrow(/--until must be/);
});

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openLogFile, wholeLines } from '#local/lambda/logs.ts';

let directory: string;
let nowMs: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'logs-'));
  nowMs = Date.parse('2026-11-20T12:00:00Z');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = () => openLogFile(directory, { now: () => nowMs, largestFileBytes: 10 });

test('a file that would grow too large is put aside, and the next goes on in its place', () => {
  const log = open();
  for (const text of ['12345\n', 'abc\n', 'next\n']) log.write(text);

  expect(readFileSync(join(directory, '2026-11-20.1.log'), 'utf8')).toBe('12345\nabc\n');
  expect(readFileSync(join(directory, '2026-11-20.log'), 'utf8')).toBe('next\n');
});

test('a new process goes on in the file of the day', () => {
  open().write('one\n');
  open().write('two\n');

  expect(readFileSync(join(directory, '2026-11-20.log'), 'utf8')).toBe('one\ntwo\n');
});

test('only the newest files stay, over days', () => {
  for (let day = 0; day < 4; day += 1) {
    const log = open();
    for (const text of ['123456\n', 'abcdef\n', 'ABCDEF\n']) log.write(text);
    nowMs += 24 * 3600 * 1000;
  }

  const names = readdirSync(directory).sort();
  expect(names).toHaveLength(6);
  expect(names).toContain('2026-11-23.log');
  expect(names.some((name) => name.startsWith('2026-11-20'))).toBe(false);
});

test('lines that arrive in pieces are written whole, and the last one without its end', () => {
  const written: string[] = [];
  const lines = wholeLines((text) => written.push(text));

  for (const piece of ['ab', 'c\nde', 'f\ng', 'h']) lines.add(piece);
  lines.end();

  expect(written).toEqual(['abc\n', 'def\n', 'gh\n']);
});

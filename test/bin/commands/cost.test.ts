import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

const cost = (...flags: string[]): string =>
  execFileSync(process.execPath, [join('bin', 'assay.ts'), 'cost', ...flags], { encoding: 'utf8' });

interface Printed {
  readonly lines: readonly { service: string; idle: number; events: number; kept: number }[];
  readonly total: number;
  readonly idle: number;
}

test('the bill of measured units adds up, and grows with events alone', () => {
  const [none, million] = ['0', '1000000'].map((n) => JSON.parse(cost('--events-per-month', n, '--json')) as Printed);

  expect(none!.total).toBeCloseTo(none!.idle, 9);
  expect(million!.idle).toBeCloseTo(none!.idle, 9);
  const sum = million!.lines.reduce((all, { idle, events, kept }) => all + idle + events + kept, 0);
  expect(million!.total).toBeCloseTo(sum, 9);
  for (const service of ['lambda', 'dynamodb', 's3', 'sqs', 'kms', 'cloudwatch', 'events']) {
    expect(million!.lines.map((line) => line.service)).toContain(service);
  }
  expect(million!.lines.find(({ service }) => service === 'dynamodb')?.events).toBeGreaterThan(5);
});

test('the documentation shows the bill that the command prints', () => {
  const cells = (line: string): string =>
    line
      .split(/[│|]/)
      .map((cell) => cell.trim())
      .filter(Boolean)
      .join(' ');
  const printed = cost('--events-per-month', '1000000')
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .slice(1)
    .map(cells);
  const documented = readFileSync(join('docs', 'cost.md'), 'utf8').split('\n').map(cells);

  expect(printed.length).toBeGreaterThan(8);
  expect(documented).toEqual(expect.arrayContaining(printed));
});

test('a number of events that is none is refused with its range', () => {
  expect(() =>
    execFileSync(process.execPath, [join('bin', 'assay.ts'), 'cost', '--events-per-month', 'many'], { stdio: 'pipe' }),
  ).toThrow(/must be a number from 0 to/);
});

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import type { Group } from './group.ts';
import type { Row } from './runner.ts';

/** All groups together take less; one test waits for its own group and those before it. */
const LONGEST_MS = 600_000;

// A process of its own: the groups would load slowly here, and none of them may run in this one anyway.
const PROVE = join(import.meta.dirname, 'prove.ts');
const environment = { ...process.env, NODE_OPTIONS: '' };
const listed = JSON.parse(
  execFileSync(process.execPath, [PROVE, '--list', '--json'], { encoding: 'utf8', env: environment }),
) as readonly Pick<Group, 'name' | 'quick'>[];

const rows = new Map<string, Promise<Row>>();
let proving: ChildProcess | undefined;

beforeAll(() => {
  const found = new Map<string, (row: Row) => void>();
  const failed = new Set<(error: Error) => void>();
  for (const { name } of listed) {
    const row = new Promise<Row>((resolve, reject) => {
      found.set(name, resolve);
      failed.add(reject);
    });
    // A group whose test has not begun yet may be through already.
    row.catch(() => {});
    rows.set(name, row);
  }
  proving = spawn(process.execPath, [PROVE, '--each'], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  createInterface({ input: proving.stdout! }).on('line', (line) => {
    const row = JSON.parse(line) as Row;
    found.get(row.name)?.(row);
  });
  let said = '';
  proving.stderr!.on('data', (text: Buffer) => {
    said += text.toString('utf8');
  });
  proving.on('exit', (code) => {
    for (const reject of failed) reject(new Error(`the proof ended with ${code}: ${said}`));
  });
});

afterAll(() => {
  proving?.kill();
});

test('there is a group for every row of the table that this folder proves', () => {
  expect(listed.length).toBeGreaterThanOrEqual(15);
});

test.each(listed)(
  'proof of $name: $quick',
  async ({ name }) => {
    const row = await rows.get(name)!;

    expect(row.problems ?? []).toEqual([]);
    expect(row.verdict).toBe('proved');
  },
  LONGEST_MS,
);

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';

import { ReferenceSchema } from '#model/reference.ts';
import { calibrateCommand } from '../../../bin/commands/calibrate.ts';
import { scoreCommand } from '../../../bin/commands/score.ts';
import { stump } from '../../support/scoring.ts';

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);
const put = (content: string | Uint8Array, ...names: string[]): void => {
  mkdirSync(at(...names.slice(0, -1)), { recursive: true });
  writeFileSync(at(...names), content);
};

const COUNT = 400;
/** Amounts 1 to 400; from 350 on, most are fraud. */
const rows = Array.from(
  { length: COUNT },
  (_, index) => `p-${index + 1},2026-03-01T00:00:00Z,c-${index % 7},${index + 1}`,
);
const labels = Array.from({ length: 40 }, (_, index) => `p-${351 + index},${index % 10 === 0 ? 'legit' : 'fraud'}`);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-score-'));
  put(
    `format: 1
eventType: payment
purpose: fraud-detection
entities: { customer: person }
variables: { amount: { type: money, required: true } }
`,
    'catalog',
    'event-types',
    'payment.yaml',
  );
  put(stump({ at: 300 }), 'catalog', 'models', 'amounts.json');
  put(
    `format: 1
model: amounts
eventType: payment
kind: xgboost
file: amounts.json
inputs: [{ name: amount, kind: number }]
`,
    'catalog',
    'models',
    'amounts.yaml',
  );
  put(
    `format: 1
detector: payments
eventType: payment
members: [{ name: trees, kind: embedded, model: amounts }]
rules:
  list:
    - { id: stopped, when: $customer in @stopped, outcomes: [decline], description: The customer is stopped. }
    - { id: likely, when: $probability > 0.5, outcomes: [review] }
  otherwise: [approve]
---
format: 1
detector: remote
eventType: payment
members: [{ name: far, kind: sagemaker, endpoint: far-away, inputs: [amount] }]
rules: { otherwise: [approve] }
`,
    'catalog',
    'detectors',
    'payments.yaml',
  );
  put('format: 1\nlist: stopped\nof: person\nvalues: [c-3]\n', 'catalog', 'lists', 'stopped.yaml');
  put(
    gzipSync(
      [
        'event_id,occurred_at,customer,amount',
        ...rows,
        rows[0],
        'p-2,2026-03-01T00:00:00Z,c-1,3',
        'p-x,never,c-1,5',
        '',
      ].join('\n'),
    ),
    'events.csv.gz',
  );
  put(`${['event_id,label', ...labels].join('\n')}\n`, 'labels.csv');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command and reads the JSON that it prints. */
const run = async (command: 'score' | 'calibrate', ...args: string[]): Promise<Record<string, unknown>> => {
  const log = jest.spyOn(console, 'log').mockImplementation(() => {});
  try {
    const built = command === 'score' ? scoreCommand() : calibrateCommand();
    await built.exitOverride().parseAsync(['--catalog', at('catalog'), '--json', ...args], { from: 'user' });
    return JSON.parse(String(log.mock.calls.at(-1)?.[0]));
  } finally {
    log.mockRestore();
  }
};

test('a file is decided without any cloud, and its rows add up', async () => {
  const sums = await run('score', '--detector', 'payments', '--file', at('events.csv.gz'), '--out', at('out.csv'));

  expect(sums).toMatchObject({
    rows: COUNT + 3,
    counts: { decided: COUNT, duplicate: 1, conflict: 1, quarantined: 1, dead: 0 },
    quarantineReasons: { bad_time: 1 },
    degraded: 0,
    // 400 ÷ 7 customers: 57 payments of c-3, 14 of them from 300 on.
    outcomes: { decline: 57, review: 101 - 14, approve: COUNT - 57 - (101 - 14) },
  });
  const lines = readFileSync(at('out.csv'), 'utf8').trimEnd().split('\n');
  expect(lines[0]).toMatch(/^row,event_id,disposition,detector,score,probability,outcomes,reasons/);
  expect(lines).toHaveLength(1 + COUNT + 2);
  expect(lines[4]).toMatch(/^4,p-4,decided,payments,,0\.047\d*,decline,stopped,full,/);
});

test('JSON Lines say why, in words, and what was refused', async () => {
  await run('score', '--detector', 'payments', '--file', at('events.csv.gz'), '--out', at('out.jsonl'));

  const lines = readFileSync(at('out.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines[3].decisions[0].reasons).toEqual([{ rule: 'stopped', text: 'The customer is stopped.' }]);
  expect(lines.at(-1)).toMatchObject({ row: COUNT + 3, disposition: 'quarantined' });
});

test('a reference is made from legitimate events, and replaces one that is stale', async () => {
  put('{"format":1,"detector":"payments","of":"older models"}', 'catalog', 'references', 'payments.json');
  const files = ['--events', at('events.csv.gz'), '--labels', at('labels.csv')];

  const all = await run('calibrate', '--detector', 'payments', ...files);
  const reference = ReferenceSchema.parse(
    JSON.parse(readFileSync(at('catalog', 'references', 'payments.json'), 'utf8')),
  );

  // 36 of 400 are fraud; the repeated rows count as what they are, events of the file.
  expect(all).toMatchObject({ events: COUNT + 2, labelledOtherwise: 36, legitimate: COUNT + 2 - 36, refused: 1 });
  expect(reference.events).toBe(COUNT + 2 - 36);
  const { outcomes } = await run(
    'score',
    '--detector',
    'payments',
    '--file',
    at('events.csv.gz'),
    '--out',
    at('scored.csv'),
  );
  expect(outcomes).toMatchObject({ decline: 57 });
  expect(readFileSync(at('scored.csv'), 'utf8').split('\n')[4]).toMatch(/^4,p-4,decided,payments,\d+,0\.047/);
});

test('events without a label may be left out', async () => {
  const files = ['--events', at('events.csv.gz'), '--labels', at('labels.csv'), '--unlabelled', 'leave-out'];

  await expect(run('calibrate', '--detector', 'payments', ...files)).rejects.toThrow(
    /needs 100 legitimate events and has 4/,
  );
});

test.each([
  {
    args: ['score', '--detector', 'nobody', '--file', 'events.csv.gz'],
    says: /there is no detector 'nobody'.*payments, remote/,
  },
  { args: ['score', '--detector', 'payments', '--file', 'missing.csv'], says: /'.*missing.csv' cannot be read/ },
  {
    args: ['calibrate', '--detector', 'remote', '--events', 'events.csv.gz', '--labels', 'labels.csv'],
    says: /add --ask-endpoints/,
  },
])('what is wrong with $args.0 $args.2 is said', async ({ args: [command, option, name, ...files], says }) => {
  const paths = files.map((file) => (file.startsWith('--') ? file : at(file)));

  await expect(run(command as 'score', option!, name!, ...paths)).rejects.toThrow(says);
});

test('a member on an endpoint is missing, and each decision says so', async () => {
  const sums = await run('score', '--detector', 'remote', '--file', at('events.csv.gz'));

  expect(sums).toMatchObject({ degraded: COUNT, outcomes: { approve: COUNT } });
});

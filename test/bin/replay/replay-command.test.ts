import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

import { replayCommand } from '../../../bin/commands/replay.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-replay-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (...names: string[]): string => join(folder, ...names);
const put = (content: string | Uint8Array, ...names: string[]): void => {
  mkdirSync(at(...names, '..'), { recursive: true });
  writeFileSync(at(...names), content);
};
const lines = (...rows: string[]): string => `${rows.join('\n')}\n`;

beforeAll(() => {
  put(
    `format: 1
eventType: payment
purpose: fraud-detection
entities: { customer: person, terminal: terminal }
variables:
  amount: { type: money, required: true }
  email: { type: email, personal: true }
  online: { type: boolean }
labels: { fraud: ['1'], legit: ['0'] }
features:
  count_1d: { count: true, per: customer, window: 1d }
  mean_7d: { mean: amount, per: customer, window: 7d, current: included }
  logins_1h: { count: true, of: login, per: customer, window: 1h }
  risk_7d: { rate: fraud, per: terminal, window: 7d }
  declines_7d: { rate: { detector: payments, outcome: decline }, per: customer, window: 7d }
  versus_mean: { value: $amount / $mean_7d }
  provider: { transform: email_is_free, of: email }
`,
    'catalog',
    'event-types',
    'payment.yaml',
  );
  put(
    `format: 1
eventType: login
purpose: fraud-detection
entities: { user: person }
variables: { ok: { type: boolean } }
`,
    'catalog',
    'event-types',
    'login.yaml',
  );
  put(
    `format: 1
detector: payments
eventType: payment
rules: { list: [{ id: large, when: $amount > 100, outcomes: [decline] }], otherwise: [approve] }
`,
    'catalog',
    'detectors',
    'payments.yaml',
  );
  put(
    gzipSync(
      lines(
        'event_id,occurred_at,customer,terminal,amount,email,online',
        // Not in the order of time, one of them twice, one under the id of another, one without a time.
        'p-2,2026-03-01T12:00:00Z,c-1,t-1,30,ann@gmail.com,true',
        'p-1,2026-03-01T06:00:00Z,c-1,t-1,10,,false',
        'p-3,2026-03-03T12:00:00Z,c-1,t-1,50,,',
        'p-1,2026-03-01T06:00:00Z,c-1,t-1,10,,false',
        'p-1,2026-03-04T06:00:00Z,c-1,t-1,99,,false',
        'p-x,never,c-1,t-1,5,,',
        'p-4,2026-03-05T12:00:00Z,c-2,t-1,5,,',
      ),
    ),
    'payments.csv.gz',
  );
  put(
    lines(
      'event_id,occurred_at,user,ok',
      'l-1,2026-03-01T11:30:00Z,c-1,true',
      'l-2,2026-03-01T11:40:00Z,c-1,false',
      'l-3,2026-03-01T11:45:00Z,c-2,true',
    ),
    'logins.csv',
  );
  put(
    lines(
      'event_id,label,said_at',
      'p-1,1,2026-03-02T00:00:00Z',
      'p-2,1,2026-03-04T00:00:00Z',
      'p-1,0,2026-03-05T00:00:00Z',
      'p-9,1,2026-03-04T00:00:00Z',
      'p-1,maybe,2026-03-02T00:00:00Z',
    ),
    'labels.csv',
  );
  put(lines('event_id,label', 'p-1,1'), 'labels-without-time.csv');
});

const log = jest.spyOn(console, 'log').mockImplementation(() => {});
afterAll(() => log.mockRestore());

/** Runs the command and reads the JSON that it prints. */
const run = async (...args: string[]): Promise<Record<string, unknown>> => {
  await replayCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .parseAsync(['--catalog', at('catalog'), '--event-type', 'payment', ...args, '--json'], { from: 'user' });
  return JSON.parse(String(log.mock.calls.at(-1)?.[0]));
};

const matrixOf = async (name: string): Promise<Record<string, unknown>[]> =>
  parquetReadObjects({ file: await asyncBufferFromFile(at(name)), compressors });

const column = (rows: readonly Record<string, unknown>[], name: string): unknown[] => rows.map((row) => row[name]);

const FILES = ['--events', at('payments.csv.gz'), `login=${at('logins.csv')}`, '--feedback', at('labels.csv')];

test('a history becomes the features that its events would have been decided with', async () => {
  await run(...FILES, '--out', at('matrix.parquet'));

  const rows = await matrixOf('matrix.parquet');
  expect(column(rows, 'event_id')).toEqual(['p-1', 'p-2', 'p-3', 'p-4']);
  expect(column(rows, 'occurred_at')[0]).toEqual(new Date('2026-03-01T06:00:00Z'));
  expect(column(rows, 'amount')).toEqual([10, 30, 50, 5]);
  expect(column(rows, 'online')).toEqual([false, true, null, null]);
  expect(column(rows, 'email')).toEqual([null, expect.stringMatching(/^t1_/), null, null]);
  expect(column(rows, 'provider')).toEqual([null, true, null, null]);
  // Without the event itself; the day before p-3 has nothing.
  expect(column(rows, 'count_1d')).toEqual([0, 1, 0, 0]);
  // With it: 10; (10 + 30) / 2; (10 + 30 + 50) / 3; 5.
  expect(column(rows, 'mean_7d')).toEqual([10, 20, 30, 5]);
  expect(column(rows, 'versus_mean')).toEqual([1, 1.5, 50 / 30, 1]);
  // Logins by the person who pays, whatever role they have there.
  expect(column(rows, 'logins_1h')).toEqual([0, 2, 0, 0]);
});

test('a label is known once it is said, and taken back when it is corrected', async () => {
  await run(...FILES, '--out', at('matrix.parquet'));

  const rows = await matrixOf('matrix.parquet');
  // p-1 is fraud from 2 to 5 March, p-2 from 4 March on: of the payments before p-3 and p-4 one each.
  expect(column(rows, 'risk_7d')).toEqual([null, 0, 1 / 2, 1 / 3]);
  expect(column(rows, 'event_label')).toEqual(['legit', 'fraud', null, null]);
  expect(column(rows, 'label_timestamp').slice(0, 2)).toEqual([
    new Date('2026-03-05T00:00:00Z'),
    new Date('2026-03-04T00:00:00Z'),
  ]);
});

test('each row is accounted for, and so is what is missing', async () => {
  const report = await run(...FILES, '--out', at('matrix.parquet'));

  expect(report).toMatchObject({
    rows: 10,
    events: 7,
    written: 4,
    labelled: 2,
    duplicates: 1,
    conflicts: 1,
    refused: 1,
    refusedReasons: { bad_time: 1 },
    feedbackRefused: 1,
    feedbackRefusedReasons: { unknown_label: 1 },
    labelsWithoutEvent: 1,
    untold: ['declines_7d'],
    missing: { count_1d: 0, risk_7d: 1 / 4, declines_7d: 1, versus_mean: 0, provider: 3 / 4 },
  });
});

test('rates of labels are missing, not zero, where no labels are given', async () => {
  const { untold } = await run('--events', at('payments.csv.gz'), '--out', at('matrix.parquet'));

  expect(untold).toEqual(['declines_7d', 'risk_7d']);
  expect(column(await matrixOf('matrix.parquet'), 'risk_7d')).toEqual([null, null, null, null]);
});

test('rows of one file may be of several types, and a label may come some time after its event', async () => {
  put(
    lines(
      '{"eventId":"l-1","eventType":"login","occurredAt":"2026-03-01T05:50:00Z","entities":{"user":"c-1"},"variables":{}}',
      '{"eventId":"p-1","occurredAt":"2026-03-01T06:00:00Z","entities":{"customer":"c-1","terminal":"t-1"},"variables":{"amount":1}}',
      '{"eventId":"p-2","event_type":"payment","occurred_at":"2026-03-02T05:00:00Z","customer":"c-1","terminal":"t-1","amount":1}',
      '{"eventId":"p-3","occurred_at":"2026-03-02T07:00:00Z","customer":"c-1","terminal":"t-1","amount":1}',
      '{"eventId":"o-1","eventType":"other","occurred_at":"2026-03-02T07:00:00Z","customer":"c-1","terminal":"t-1","amount":1}',
    ),
    'mixed.jsonl',
  );
  const labels = ['--feedback', at('labels-without-time.csv'), '--label-delay', '1d'];

  const report = await run('--events', at('mixed.jsonl'), ...labels, '--out', at('matrix.csv'));

  expect(report).toMatchObject({ events: 4, written: 3, refusedReasons: { wrong_event_type: 1 } });
  const [header = '', ...rows] = readFileSync(at('matrix.csv'), 'utf8').trimEnd().split('\n');
  const names = header.split(',');
  const ofCsv = (name: string): (string | undefined)[] => rows.map((row) => row.split(',')[names.indexOf(name)]);
  expect(ofCsv('logins_1h')).toEqual(['1', '0', '0']);
  expect(ofCsv('risk_7d')).toEqual(['', '0', '0.5']);
  expect(ofCsv('label_timestamp')).toEqual(['2026-03-02T06:00:00.000Z', '', '']);
});

test('columns of several types may stand side by side in one file', async () => {
  put(
    lines(
      'event_type,event_id,occurred_at,user,customer,terminal,amount',
      'login,l-1,2026-03-01T05:50:00Z,c-1,,,',
      'payment,p-1,2026-03-01T06:00:00Z,,c-1,t-1,7',
    ),
    'mixed.csv',
  );

  const report = await run('--events', at('mixed.csv'), '--out', at('matrix.parquet'));

  expect(report).toMatchObject({ events: 2, written: 1, refused: 0 });
  expect(column(await matrixOf('matrix.parquet'), 'logins_1h')).toEqual([1]);
});

test.each([
  {
    what: 'feedback without a time',
    args: ['--events', at('payments.csv.gz'), '--feedback', at('labels-without-time.csv'), '--out', at('m.csv')],
    says: "row 1 of '.*' does not say when it was said; add a column said_at, or --label-delay",
  },
  {
    what: 'a delay that is no length of time',
    args: ['--events', at('payments.csv.gz'), '--label-delay', 'soon', '--out', at('m.csv')],
    says: 'Write a length of time',
  },
  {
    what: 'a file that is not there',
    args: ['--events', `login=${at('missing.csv')}`, '--out', at('m.csv')],
    says: "missing.csv' cannot be read; check the path",
  },
  {
    what: 'a file without its columns',
    args: ['--events', at('logins.csv'), '--out', at('m.csv')],
    says: 'cannot be read as events of type payment: customer: add this column',
  },
  {
    what: 'an event type that is not there',
    args: ['--event-type', 'paymnt', '--events', at('logins.csv'), '--out', at('m.csv')],
    says: "there is no event type 'paymnt' in the catalog; it has: login, payment$",
  },
  { what: 'another format', args: ['--events', at('logins.csv'), '--out', at('m.xlsx')], says: '.parquet or .csv' },
])('$what is told, with what to do', async ({ args, says }) => {
  await expect(run(...args)).rejects.toThrow(new RegExp(says));
});

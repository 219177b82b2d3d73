import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { HistoryPlan } from '#features/history/plan.ts';
import { durationName } from '#features/history/windows.ts';
import { openReplay } from '../../bin/replay/replay-files.ts';
import { Progress } from '../../bin/system/progress.ts';
import { number, table } from '../../bin/system/tables.ts';
import { Differences } from './differences.ts';
import { csvRowsOf, type Row } from './read-csv.ts';
import { DELAY_MS, StreamWindows, type Transaction, WINDOWS } from './windows.ts';

/** Files of the book: those of its rows that have features, and the stream that they come from. */
const SPLITS = ['train.csv.gz', 'test.csv.gz'] as const;
const STREAM = 'stream_2018-06-15_2018-08-14.csv.gz';
/** The book's means have six decimals. */
const WRITTEN = 1e-6;
/** Of the same sums divided: nothing but the last bits. */
const WORKED_OUT = 1e-9;

/** What is compared of one column of one file. */
interface Compared {
  readonly split: string;
  readonly column: string;
  /** Our feature and the book's column. */
  readonly ours: Differences;
  /** The book's column and the raw stream with the book's edges: whether we read the book right. */
  readonly book: Differences;
  /** Our feature and the raw stream with slots' edges: whether these, and nothing else, are the difference. */
  readonly slots: Differences;
  /** Rows that are missing with us, where the book has 0 for nothing. */
  missing: number;
  /** Rows whose order among those of their instant is the book's own affair. */
  tied: number;
}

const folder = resolve(process.argv[2] ?? '');
const absent = [...SPLITS, STREAM].find((file) => !existsSync(join(folder, file)));
if (process.argv[2] === undefined || absent !== undefined) {
  console.error(`error: name the folder of the book's data (${SPLITS.join(', ')}, ${STREAM})`);
  process.exit(2);
}

const progress = new Progress();
const wanted = new Map<string, { readonly split: string; readonly row: Row }>();
for (const split of SPLITS)
  for await (const row of csvRowsOf(join(folder, split))) wanted.set(row.EVENT_ID!, { split, row });

const windows = new StreamWindows();
const placed = new Map<
  string,
  { readonly transaction: Transaction; readonly places: ReturnType<StreamWindows['add']> }
>();
for await (const row of csvRowsOf(join(folder, STREAM))) {
  const transaction = transactionOf(row);
  const places = windows.add(transaction);
  if (wanted.has(row.EVENT_ID!)) placed.set(row.EVENT_ID!, { transaction, places });
}

const stream = [join(folder, STREAM)];
const catalog = join(import.meta.dirname, 'catalog');
const question = { catalog, eventType: 'card_transaction', events: stream, feedback: stream, labelDelayMs: DELAY_MS };
const replay = await openReplay(question, progress);
const plan: HistoryPlan = replay.plan.history;
const compared = SPLITS.flatMap((split) =>
  WINDOWS.map((window) => ({ window, compared: comparison(split, window.column) })),
);
for await (const { event, features } of replay.events) {
  const book = wanted.get(event.eventId);
  const own = placed.get(event.eventId);
  if (!book || !own) continue;
  for (const { window, compared: to } of compared) {
    if (to.split !== book.split) continue;
    const [ours, said] = [features[window.feature], Number(book.row[window.column])];
    const place = own.places[window.of];
    if (ours === null) to.missing += 1;
    to.ours.add(numberOr0(ours), said);
    if (windows.isTied(window, own.transaction, place)) to.tied += 1;
    else to.book.add(windows.byBook(window, own.transaction, place), said);
    // What is missing is another thing than 0: as -1 it is equal to nothing but itself.
    to.slots.add(numberOr(ours, -1), windows.bySlots(window, own.transaction, place, plan) ?? -1);
  }
}

const drawn = table([
  'file',
  'column',
  'rows',
  'equal',
  'mean diff.',
  'max diff.',
  'missing',
  'book ≠ stream',
  'ours ≠ slots',
]);
for (const {
  compared: { split, column, ours, book, slots, missing },
} of compared) {
  const { equal, mean, greatest } = ours.figures;
  drawn.push([
    split.replace('.csv.gz', ''),
    column,
    number.format(ours.rows),
    `${(100 * equal).toFixed(2)} %`,
    mean.toPrecision(3),
    greatest.toPrecision(3),
    number.format(missing),
    number.format(book.unequal),
    number.format(slots.unequal),
  ]);
}
console.log(drawn.toString());
const slotLengths = plan.reads.map(({ kinds, slotMs }) => `${kinds.join(' and ')} ${durationName(slotMs)}`);
const tied = compared.reduce((sum, { compared: { tied: some } }) => sum + some, 0);
const unexplained = compared.reduce((sum, { compared: { slots, book } }) => sum + slots.unequal + book.unequal, 0);
console.log(`
Windows are of whole slots (${slotLengths.join(', ')}), and the book's end to the second. So a window of ours begins
up to a slot later than the book's, and has a few events less. With a delay it also ends up to a slot later, with
events that the book does not have yet: they count among all, and their labels are not said. Where a terminal has no
event, its risk is missing with us and 0 in the book; it is compared as 0.
Of transactions of one second, the order is anybody's: ${tied} values of such rows are not held against the stream.
'book ≠ stream': rows of which the raw stream, with the book's edges, gives another value than the book.
'ours ≠ slots': rows of which the raw stream, with the edges of slots, gives another value than the replay.
${unexplained === 0 ? 'Edges of slots are all that differs.' : `${unexplained} values differ by something else than the edges of slots.`}`);
if (unexplained > 0 || compared.some(({ compared: { ours } }) => ours.rows === 0)) process.exitCode = 1;

function transactionOf(row: Row): Transaction {
  return {
    customer: row.ENTITY_ID!,
    terminal: row.TERMINAL_ID!,
    atMs: Date.parse(row.EVENT_TIMESTAMP!),
    cents: Math.round(Number(row.TX_AMOUNT) * 100),
    isFraud: row.EVENT_LABEL === '1',
  };
}

function comparison(split: string, column: string): Compared {
  const [ours, book, slots] = [new Differences(WRITTEN), new Differences(WRITTEN), new Differences(WORKED_OUT)];
  return { split, column, ours, book, slots, missing: 0, tied: 0 };
}

function numberOr(value: unknown, other: number): number {
  return typeof value === 'number' ? value : other;
}

function numberOr0(value: unknown): number {
  return numberOr(value, 0);
}

import { parse } from 'csv-parse/sync';

import { ADMISSION_REASONS } from '#domain/admission-reasons.ts';
import type { FileRecord } from '#domain/file-record.ts';
import { READ_REASONS } from '#domain/row-problem.ts';
import { createWorld, processFile, type World } from '../functions/ingestion/world.ts';
import { paymentType } from './doors.ts';

/** How a row ended: its disposition, or of one in quarantine the first reason. */
export type RowEnd = string;

/** What became of a file. */
export interface FileEnd {
  readonly record: FileRecord;
  /** Ends of its rows by their numbers; each must have one. */
  readonly rows: ReadonlyMap<number, readonly RowEnd[]>;
}

/** Reasons of whole files that are neither of reading nor of admission. */
const FILE_REASONS = [
  'malformed_key',
  'unknown_place',
  'unknown_event_type',
  'reserved_event_type',
  'version_deleted',
  'version_overwritten',
];

/** Every reason that a row or a file may be in quarantine for. */
export const REASONS: ReadonlySet<string> = new Set([...READ_REASONS, ...ADMISSION_REASONS, ...FILE_REASONS]);

/** Drops a file into a new inbox, and follows it to its end. */
export const endOf = async (key: string, content: string | Uint8Array): Promise<FileEnd> => {
  const world = createWorld({ eventType: paymentType });
  const record = await processFile(world, key, content);
  return { record, rows: rowsOf(world, record) };
};

const rowsOf = (world: World, { resultsKey = '', rejectsKey = '' }: FileRecord): FileEnd['rows'] => {
  const ends = new Map<number, RowEnd[]>();
  const add = (row: number, end: RowEnd): void => void ends.set(row, [...(ends.get(row) ?? []), end]);
  for (const { row, disposition } of linesOf(world, resultsKey)) add(Number(row), disposition!);
  const rejected = new Map<number, string>();
  for (const { row, reason } of linesOf(world, rejectsKey)) {
    if (!rejected.has(Number(row))) rejected.set(Number(row), reason!);
  }
  for (const [row, reason] of rejected) add(row, reason);
  return ends;
};

const linesOf = (world: World, key: string): Record<string, string | undefined>[] =>
  parse(world.results.text(key) ?? '', { columns: true });

/** What of a file's end breaks the invariant: each row in exactly one place, for a reason of the closed list. */
export const faultsOf = ({ record, rows }: FileEnd): readonly string[] => {
  const { status, reason = '', problem, counts, checkpoint, quarantineReasons, imbalance } = record;
  if (status === 'quarantined') {
    return [
      ...(REASONS.has(reason) ? [] : [`the file is in quarantine for the unknown reason '${reason}'`]),
      ...(problem ? [] : ['the file is in quarantine without a word on what to do']),
    ];
  }
  const sum = counts.decided + counts.duplicate + counts.conflict + counts.quarantined + counts.dead;
  const astray = Array.from({ length: checkpoint.rows }, (_, index) => index + 1).filter(
    (row) => rows.get(row)?.length !== 1,
  );
  return [
    ...(status === 'complete' ? [] : [`the file ends as ${status}`]),
    ...(sum === checkpoint.rows ? [] : [`${checkpoint.rows} rows end as ${sum}`]),
    ...(imbalance === undefined ? [] : [`the file is out of balance by ${imbalance}`]),
    ...(rows.size === checkpoint.rows ? [] : [`${rows.size} rows are told of, of ${checkpoint.rows}`]),
    ...astray.map((row) => `row ${row} ends as ${rows.get(row)?.join(' and ') ?? 'nothing'}`),
    ...Object.keys(quarantineReasons)
      .filter((name) => !REASONS.has(name))
      .map((name) => `rows are in quarantine for the unknown reason '${name}'`),
  ];
};

import { buffer } from 'node:stream/consumers';

import { parse } from 'csv-parse/sync';

import { DISPOSITIONS } from '#domain/decision.ts';
import { originKey } from '#domain/event.ts';
import type { ChunkRecord, FileRecord } from '#domain/file-record.ts';
import { endedOf, openRowsOf, withChunk, withoutChunks } from '#domain/file-sums.ts';
import { chunkResultsKey, RESULT_COLUMNS } from '#domain/results-csv.ts';
import { mapSideBySide } from '#domain/side-by-side.ts';
import type { Deadline } from '#ports/clock.ts';
import type { ReconcilePorts } from './ports.ts';

/** How a file's record, its chunks and the stores differ. */
export interface Imbalance {
  readonly problem: string;
  /** The chunk at fault, where it is one. */
  readonly sequence?: number;
}

/** Chunks of a file whose rows are compared with the stores, the first and the last among them. */
const SAMPLED_CHUNKS = 3;
const READS_AT_ONCE = 20;

type AuditPorts = Pick<ReconcilePorts, 'decisions' | 'feedback' | 'results'>;

/**
 * Whether everything that was accepted of a file has ended exactly once: its record against its chunks, and a sample
 * of its chunks, row by row, against what is on record in the event table (or the feedback ledger). A sampled chunk
 * takes one GetObject and up to 100 reads of one unit.
 *
 * @returns the first thing that is wrong.
 */
export const auditFile = async (
  record: FileRecord,
  chunks: readonly ChunkRecord[],
  deadline: Deadline,
  ports: AuditPorts,
): Promise<Imbalance | undefined> => {
  const wrong = sumsOf(record, chunks);
  if (wrong) return wrong;
  for (const chunk of sampleOf(chunks)) {
    const untrue = await untruthOf(record, chunk, deadline, ports);
    if (untrue) return { problem: untrue, sequence: chunk.sequence };
  }
  return undefined;
};

/** The first, the last, and those evenly between. */
export const sampleOf = (chunks: readonly ChunkRecord[]): readonly ChunkRecord[] => {
  if (chunks.length <= SAMPLED_CHUNKS) return chunks;
  const step = (chunks.length - 1) / (SAMPLED_CHUNKS - 1);
  return Array.from({ length: SAMPLED_CHUNKS }, (_, index) => chunks[Math.round(index * step)]!);
};

/** What is wrong with a file's sums. */
export const sumsOf = (record: FileRecord, chunks: readonly ChunkRecord[]): Imbalance | undefined => {
  if (record.status === 'quarantined') {
    return chunks.length > 0 ? { problem: 'rows of a file in quarantine left in chunks' } : undefined;
  }
  const short = chunks.find(({ rows, counts, status }) => status === 'pending' || endedOf(counts) !== rows);
  if (short) return { problem: 'the rows of a chunk have not each ended once', sequence: short.sequence };
  if (chunks.length !== record.checkpoint.chunks) return { problem: 'a chunk is missing, or there is one too many' };
  const sum = chunks.reduce(withChunk, withoutChunks(record));
  if (openRowsOf(sum) !== 0) return { problem: 'the rows of the file have not each ended once' };
  // A batch is summed up whenever it is looked at, so its record holds no sums.
  const told = record.source.kind === 's3' && DISPOSITIONS.some((name) => sum.counts[name] !== record.counts[name]);
  return told ? { problem: "the file's counts are not those of its chunks" } : undefined;
};

interface Line {
  readonly row: string;
  readonly event_id: string;
  readonly disposition: string;
}

/** How a chunk's results differ from what is on record of its rows. */
const untruthOf = async (
  { fileId, purpose, eventType }: FileRecord,
  { sequence, counts, status }: ChunkRecord,
  deadline: Deadline,
  ports: AuditPorts,
): Promise<string | undefined> => {
  const opened = await ports.results.open({ key: chunkResultsKey(fileId, sequence) }, deadline);
  // A chunk that was given up has none; that a settled one's are missing is told when the file is joined.
  if (!opened.found) return undefined;
  const rows = firstLines(parse(await buffer(opened.bytes), { columns: [...RESULT_COLUMNS] }));
  const ended = (name: string): number => rows.filter(({ disposition }) => disposition === name).length;
  if (status === 'settled' && DISPOSITIONS.some((name) => ended(name) !== counts[name])) {
    return "a chunk's counts are not those of its results";
  }
  // An id that was made harmless for spreadsheets cannot be told from one that was not.
  const plain = rows.filter(({ event_id }) => !event_id.startsWith("'"));
  const origins =
    purpose === 'events'
      ? await originsOfEvents(eventType, plain, deadline, ports)
      : await originsOfFeedback(eventType, plain, deadline, ports);
  const untrue = plain.some((line) => !isTrue(line, fileId, origins.get(line.event_id) ?? NOBODY));
  return untrue ? 'a row did not end as the stores say' : undefined;
};

const NOBODY: ReadonlySet<string> = new Set();

/** One line for each row: there is one for each detector. */
const firstLines = (lines: readonly Line[]): readonly Line[] => [
  ...new Map(lines.map((line) => [line.row, line])).values(),
];

const isTrue = ({ row, disposition }: Line, fileId: string, origins: ReadonlySet<string>): boolean => {
  const own = origins.has(originKey({ kind: 'file', fileId, row: Number(row) }));
  if (disposition === 'decided') return own;
  return disposition === 'dead' ? !own : !own && origins.size > 0;
};

type Origins = ReadonlyMap<string, ReadonlySet<string>>;

const originsOfEvents = async (
  eventType: string,
  lines: readonly Line[],
  deadline: Deadline,
  { decisions }: AuditPorts,
): Promise<Origins> => {
  const ids = [...new Set(lines.map(({ event_id }) => event_id))];
  const found = await decisions.find(eventType, ids, [], deadline);
  return new Map([...found].map(([id, { origin }]) => [id, new Set([origin])]));
};

const originsOfFeedback = async (
  eventType: string,
  lines: readonly Line[],
  deadline: Deadline,
  { feedback }: AuditPorts,
): Promise<Origins> => {
  const ids = [...new Set(lines.map(({ event_id }) => event_id))];
  const found = await mapSideBySide(ids, READS_AT_ONCE, (id) => feedback.originsOfEvent(eventType, id, deadline));
  return new Map(ids.map((id, index) => [id, found[index]!]));
};

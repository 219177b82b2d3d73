import { admitEvent } from '#domain/admit-event.ts';
import { admitFeedback } from '#domain/admit-feedback.ts';
import type { EventType } from '#domain/catalog/event-type.ts';
import { type ChunkRow, MAX_CHUNK_BYTES } from '#domain/chunking.ts';
import {
  type ColumnPlan,
  eventVocabularyOf,
  feedbackVocabularyOf,
  resolveColumns,
  resolveFeedbackColumns,
  rowOf,
  targetOf,
} from '#domain/columns.ts';
import type { Event } from '#domain/event.ts';
import type { Feedback } from '#domain/feedback.ts';
import { showableName } from '#domain/field-problems.ts';
import type { Originals } from '#domain/originals.ts';
import { type BadRow, WHOLE_ROW } from '#domain/row-problem.ts';
import type { RandomAccess } from '#ports/object-store.ts';
import type { Tokeniser } from '#ports/tokeniser.ts';
import { openRows, type ReadRow } from './read-rows.ts';

/** A row that passed the door. Chunks carry it with its originals sealed. */
export type RowContent = EventContent | { readonly feedback: Feedback };
export type EventContent = { readonly event: Event; readonly contentHash: string; readonly originals?: Originals };

/** How the rows of a file are taken. The same for every reading of the file, so that each admits the same rows. */
export interface Admission {
  readonly key: string;
  readonly purpose: 'events' | 'feedback';
  readonly eventType: EventType;
  readonly tokeniser: Tokeniser;
  /** When reading of the file began first. */
  readonly nowMs: number;
  readonly retentionDays: number;
  /** Rows dealt with already. */
  readonly skipRows: number;
}

export type FileRows =
  | {
      readonly ok: true;
      readonly rows: AsyncGenerator<ChunkRow<RowContent> | BadRow>;
      /** Columns and keys that mean nothing here, as far as they have been met; grows while rows are read. */
      readonly ignored: ReadonlySet<string>;
    }
  | { readonly ok: false; readonly reason: string; readonly problem: string };

/** Names remembered of what is ignored. */
const MAX_IGNORED = 50;

/** What a file holds, from its first byte to its last and in any order. */
export interface FileContent {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly parts: RandomAccess;
}

/** Reads a file's rows and admits them one by one; or says why none can be. */
export const openFileRows = async ({ bytes, parts }: FileContent, admission: Admission): Promise<FileRows> => {
  const { key, purpose, eventType, skipRows } = admission;
  const vocabulary = purpose === 'events' ? eventVocabularyOf(eventType) : feedbackVocabularyOf(eventType);
  const needed = (column: string) => targetOf(column, vocabulary) !== undefined;
  const opened = await openRows(bytes, { key, skipRows, parts, needed });
  if (!opened.ok) return opened;
  const resolve = purpose === 'events' ? resolveColumns : resolveFeedbackColumns;
  const columns = opened.header && resolve(opened.header, eventType);
  if (columns?.ok === false) {
    await opened.rows.return(undefined);
    const [first] = columns.problems;
    const problem = columns.problems.map(({ field, problem: remedy }) => `${field}: ${remedy}`).join('; ');
    return { ok: false, reason: first!.reason, problem };
  }
  const ignored = new Set<string>();
  remember(ignored, columns?.plan.ignored ?? []);
  return { ok: true, rows: admittedRows(opened.rows, columns?.plan, ignored, admission), ignored };
};

async function* admittedRows(
  rows: AsyncGenerator<ReadRow | BadRow>,
  plan: ColumnPlan | undefined,
  ignored: Set<string>,
  admission: Admission,
): AsyncGenerator<ChunkRow<RowContent> | BadRow> {
  for await (const row of rows) {
    if (!('raw' in row)) {
      yield row;
      continue;
    }
    const { row: number, line } = row;
    const raw = plan ? rowOf(plan, row.raw as readonly string[]) : row.raw;
    const admitted = admit(raw, admission);
    if ('problems' in admitted) yield { row: number, line, problems: admitted.problems };
    else {
      remember(ignored, admitted.ignored);
      yield chunkRowOf(number, line, admitted.content);
    }
  }
}

const admit = (raw: unknown, { purpose, eventType, ...admission }: Admission) => {
  if (purpose === 'feedback') {
    // Feedback may be of any age: labels come late.
    const admitted = admitFeedback(raw, eventType, { nowMs: admission.nowMs });
    return 'problems' in admitted ? admitted : { content: { feedback: admitted.feedback }, ignored: [] };
  }
  const admitted = admitEvent(raw, eventType, admission);
  if ('problems' in admitted) return admitted;
  const { ignored, ...content } = admitted;
  return { content, ignored };
};

/**
 * A row that goes into a chunk, or a bad row when no chunk can take it. Its size counts what sealing will add, which the
 * row alone decides: sealed anew when the file is read again, other bytes come out, and as many.
 */
export const chunkRowOf = <Content extends RowContent>(
  row: number,
  line: number,
  content: Content,
): ChunkRow<Content> | BadRow => {
  const sealingBytes = 'event' in content ? (content.originals?.messageBytes ?? 0) : 0;
  // One more for the comma between rows.
  const bytes = Buffer.byteLength(JSON.stringify({ row, ...content })) + sealingBytes + 1;
  if (bytes <= MAX_CHUNK_BYTES) return { row, content, bytes };
  const problem = `keep each event under ${MAX_CHUNK_BYTES} bytes`;
  return { row, line, problems: [{ field: WHOLE_ROW, reason: 'event_too_large', problem }] };
};

const remember = (names: Set<string>, more: readonly string[]): void => {
  for (const name of more) if (names.size < MAX_IGNORED) names.add(showableName(name));
};

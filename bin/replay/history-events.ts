import { admitEvent } from '#domain/admit-event.ts';
import type { EventType } from '#domain/catalog/event-type.ts';
import { eventVocabularyOf, type ResolvedColumns, resolveColumns, rowOf, targetOf } from '#domain/columns.ts';
import type { Event } from '#domain/event.ts';
import { eventTypeNamedIn } from '#domain/event-parts.ts';
import type { BadRow, RowProblem } from '#domain/row-problem.ts';
import type { Tokeniser } from '#ports/tokeniser.ts';
import { chunkRowOf, type EventContent } from '../../functions/ingestion/file-rows.ts';
import { openLocalFile } from './local-file.ts';

/** A file of a history. */
export interface HistoryFile {
  readonly path: string;
  /** Event type of the rows that do not name another one. */
  readonly eventType: string;
}

/** How rows are let in: as ingestion lets them in, whatever their age. */
export interface HistoryDoor {
  /** Of the catalog, by name. */
  readonly eventTypes: ReadonlyMap<string, EventType>;
  /** One for all files, so that one person is one entity in all of them. */
  readonly tokeniser: Tokeniser;
  readonly nowMs: number;
}

/** An event of a history, where it was read. */
export interface HistoryEvent {
  readonly event: Event;
  readonly atMs: number;
  readonly contentHash: string;
  readonly row: number;
}

/** A history may be of any age. */
const ANY_AGE_DAYS = 36_500;

/**
 * The events of a file, of one type or of several where rows say theirs, in the file's order; rows that are none are
 * told and left out.
 *
 * @param onRead - is told now and then how many of the file's bytes have been read.
 * @throws {Error} that says why the file cannot be read at all.
 */
export async function* historyEventsOf(
  file: HistoryFile,
  door: HistoryDoor,
  onBad: (row: BadRow) => void,
  onRead: (bytes: number) => void,
): AsyncGenerator<HistoryEvent> {
  const vocabularies = [...door.eventTypes.values()].map(eventVocabularyOf);
  const needed = (column: string) => vocabularies.some((vocabulary) => targetOf(column, vocabulary) !== undefined);
  const { opened, bytesRead, close } = await openLocalFile(file.path, needed);
  try {
    const shape = shapeOf(opened.header, file, door);
    let rows = 0;
    for await (const read of opened.rows) {
      if (rows++ % ROWS_PER_NOTICE === 0) onRead(bytesRead());
      const admitted = 'raw' in read ? admit(read.raw, shape, door) : read;
      if ('problems' in admitted) onBad({ row: read.row, line: read.line, problems: admitted.problems });
      else {
        const sized = chunkRowOf(read.row, read.line, admitted);
        if ('problems' in sized) onBad(sized);
        else yield historyEventOf(admitted, read.row);
      }
    }
    onRead(bytesRead());
  } finally {
    await close();
  }
}

/** Without originals, which nobody needs here: many events are held at a time. */
const historyEventOf = ({ event, contentHash }: EventContent, row: number): HistoryEvent => ({
  event,
  atMs: Date.parse(event.occurredAt),
  contentHash,
  row,
});

const ROWS_PER_NOTICE = 1_024;

/** Makes of a row what is let in, and tells its event type. */
type Shape = (raw: unknown) => { readonly eventType: EventType; readonly raw: unknown } | Problems;
type Problems = { readonly problems: readonly RowProblem[] };

const shapeOf = (header: readonly string[] | undefined, file: HistoryFile, { eventTypes }: HistoryDoor): Shape => {
  const usual = eventTypes.get(file.eventType)!;
  if (!header) return (raw) => ({ eventType: namedIn(raw, eventTypes) ?? usual, raw });
  const vocabulary = eventVocabularyOf(usual);
  const isType = (column: string) => {
    const target = targetOf(column, vocabulary);
    return target?.part === 'top' && target.name === 'eventType';
  };
  const typeAt = header.findIndex(isType);
  const plans = new Map<string, ResolvedColumns>();
  const planOf = (eventType: EventType): ResolvedColumns => {
    const plan = plans.get(eventType.eventType) ?? resolveColumns(header, eventType);
    plans.set(eventType.eventType, plan);
    return plan;
  };
  const columns = planOf(usual);
  if (typeAt < 0 && !columns.ok) {
    const all = columns.problems.map(({ field, problem }) => `${field}: ${problem}`).join('; ');
    throw new Error(`'${file.path}' cannot be read as events of type ${file.eventType}: ${all}`);
  }
  return (raw) => {
    const cells = raw as readonly string[];
    const eventType = eventTypes.get(cells[typeAt] ?? '') ?? usual;
    const resolved = planOf(eventType);
    return resolved.ok ? { eventType, raw: rowOf(resolved.plan, cells) } : { problems: resolved.problems };
  };
};

const namedIn = (raw: unknown, eventTypes: HistoryDoor['eventTypes']): EventType | undefined => {
  if (typeof raw !== 'object' || raw === null) return undefined;
  return eventTypes.get(eventTypeNamedIn(raw as Readonly<Record<string, unknown>>) ?? '');
};

const admit = (raw: unknown, shape: Shape, { tokeniser, nowMs }: HistoryDoor) => {
  const shaped = shape(raw);
  if ('problems' in shaped) return shaped;
  return admitEvent(shaped.raw, shaped.eventType, { tokeniser, nowMs, retentionDays: ANY_AGE_DAYS });
};

import type { BadRow } from '#domain/row-problem.ts';
import { rowsOf } from '../scoring/file-events.ts';
import type { Progress } from '../system/progress.ts';
import type { HistoryDoor, HistoryFile } from './history-events.ts';
import { LabelBook } from './label-book.ts';

/** What files of feedback said. */
export interface ReadLabels {
  readonly book: LabelBook;
  /** Event types that there is feedback on; of others, nobody knows a label. */
  readonly toldOf: ReadonlySet<string>;
}

/**
 * Reads what was said of events. Memory holds it until its event comes by.
 *
 * @param delayMs - how long after its event something is said that has no time of its own; undefined: there is none such.
 * @throws {Error} when a file cannot be read, or when something has no time and there is no delay either.
 */
export const readLabels = async (
  files: readonly HistoryFile[],
  delayMs: number | undefined,
  { eventTypes, tokeniser }: Pick<HistoryDoor, 'eventTypes' | 'tokeniser'>,
  onBad: (row: BadRow) => void,
  progress: Progress,
): Promise<ReadLabels> => {
  const book = new LabelBook(eventTypes, delayMs ?? 0);
  for (const { path, eventType } of files) {
    const file = { path, purpose: 'feedback', eventType: eventTypes.get(eventType)!, tokeniser } as const;
    for await (const row of rowsOf(file, progress)) {
      if (!('content' in row)) onBad(row);
      else if ('feedback' in row.content) {
        const { feedback } = row.content;
        // Admission gives what has no time of its own that of its reading.
        const isTold = feedback.saidAt !== feedback.receivedAt;
        if (!isTold && delayMs === undefined && feedback.kind === 'label') throw new Error(withoutTime(path, row.row));
        book.add(feedback, isTold ? feedback.saidAt : undefined);
      }
    }
  }
  return { book, toldOf: new Set(files.map(({ eventType }) => eventType)) };
};

const withoutTime = (path: string, row: number): string =>
  `row ${row} of '${path}' does not say when it was said; add a column said_at, or --label-delay, such as 7d, for how ` +
  'long after its event that was';

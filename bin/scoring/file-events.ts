import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { EventType } from '#domain/catalog/event-type.ts';
import type { ChunkRow } from '#domain/chunking.ts';
import type { BadRow } from '#domain/row-problem.ts';
import type { RandomAccess } from '#ports/object-store.ts';
import type { Tokeniser } from '#ports/tokeniser.ts';
import { openFileRows, type RowContent } from '../../functions/ingestion/file-rows.ts';
import type { Progress } from '../system/progress.ts';

/** A file of this machine that is to be read as a dropped one would be. */
export interface LocalFile {
  readonly path: string;
  readonly purpose: 'events' | 'feedback';
  readonly eventType: EventType;
  readonly tokeniser: Tokeniser;
}

/** A history may be of any age here: nothing is kept that a repeat would have to be recognised by. */
const ANY_AGE_DAYS = 36_500;
const KILOBYTE = 1_000;

/**
 * Rows of a file, admitted or refused as ingestion does it, with a bar over the bytes read.
 *
 * @throws {Error} that says why the file cannot be read at all.
 */
export async function* rowsOf(file: LocalFile, progress: Progress): AsyncGenerator<ChunkRow<RowContent> | BadRow> {
  const { parts, close } = await partsOf(file.path);
  const total = Math.ceil(parts.size / KILOBYTE);
  const bytes = createReadStream(file.path);
  const counter = progress.counter(`kilobytes of ${basename(file.path)}`);
  try {
    const { purpose, eventType, tokeniser } = file;
    const content = { bytes, parts };
    const opened = await openFileRows(content, {
      key: basename(file.path),
      purpose,
      eventType,
      tokeniser,
      nowMs: Date.now(),
      retentionDays: ANY_AGE_DAYS,
      skipRows: 0,
    });
    if (!opened.ok) throw new Error(`'${file.path}' cannot be read (${opened.reason}): ${opened.problem}`);
    for await (const row of opened.rows) {
      yield row;
      counter.update(Math.round(bytes.bytesRead / KILOBYTE), total);
    }
  } finally {
    counter.stop();
    bytes.destroy();
    await close();
  }
}

/** A file's bytes in any order. */
export const partsOf = async (
  path: string,
): Promise<{ readonly parts: RandomAccess; readonly close: () => Promise<void> }> => {
  const file = await open(path);
  const { size } = await file.stat();
  const read = async (from: number, length: number): Promise<Uint8Array> =>
    (await file.read(Buffer.alloc(length), 0, length, from)).buffer;
  return { parts: { size, read }, close: () => file.close() };
};

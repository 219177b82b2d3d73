import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { csvLine, type RecordShape } from './records.ts';

const FILE_NAME = /\.(csv|jsonl)(\.gz)?$/;

/** Whether a file's name says how it is to be written: .csv or .jsonl, each with or without .gz. */
export const hasKnownFormat = (path: string): boolean => FILE_NAME.test(path);

const CHUNK_LENGTH = 1 << 16;

/**
 * A text file that is written line by line, through gzip if its name ends in .gz, no faster than the disk takes it.
 *
 * Whoever opens one closes it, or aborts it when something else failed; an existing file is replaced.
 */
export class LineFile {
  readonly #file;
  readonly #head: Writable;
  readonly #done: Promise<void>;
  #text = '';

  constructor(path: string) {
    this.#file = createWriteStream(path);
    const gzip = path.endsWith('.gz') ? createGzip() : undefined;
    this.#head = gzip ?? this.#file;
    this.#done = gzip ? pipeline(gzip, this.#file) : finished(this.#file);
    // A failure is reported by the next write or by close; until then nobody waits for it.
    this.#done.catch(() => undefined);
  }

  /** Adds a line. Answers with a promise only when the caller must wait; it fails as the disk does. */
  write(line: string): Promise<void> | undefined {
    this.#text += `${line}\n`;
    return this.#text.length >= CHUNK_LENGTH ? this.#flush() : undefined;
  }

  /** Writes what is left. @returns the size of the file in bytes. */
  async close(): Promise<number> {
    await this.#flush();
    this.#head.end();
    await this.#done;
    return this.#file.bytesWritten;
  }

  /** Lets go of the file as it is. */
  abort(): void {
    this.#head.destroy();
    this.#file.destroy();
  }

  async #flush(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    const drained = new Promise<void>((resolve) => {
      if (this.#head.write(text)) resolve();
      else this.#head.once('drain', resolve);
    });
    await Promise.race([drained, this.#done]);
  }
}

/** A file of records of one shape, in the format that its name says; CSV starts with a header. */
export class RecordFile<T> {
  readonly #lines: LineFile;
  readonly #lineOf: (record: T) => string;
  readonly #header: string | undefined;

  constructor(path: string, shape: RecordShape<T>) {
    const [, format] = FILE_NAME.exec(path) ?? [];
    if (!format) throw new RangeError(`'${path}' must end in .csv, .jsonl, .csv.gz or .jsonl.gz`);
    this.#header = format === 'csv' ? csvLine(shape.columns) : undefined;
    this.#lineOf =
      format === 'csv'
        ? (record) => csvLine(shape.fieldsOf(record))
        : (record) => JSON.stringify(shape.objectOf(record));
    this.#lines = new LineFile(path);
    if (this.#header) void this.#lines.write(this.#header);
  }

  write(record: T): Promise<void> | undefined {
    return this.#lines.write(this.#lineOf(record));
  }

  close(): Promise<number> {
    return this.#lines.close();
  }

  abort(): void {
    this.#lines.abort();
  }
}

/** Writes lines to a file as they come. @returns its size in bytes. */
export const writeLines = async (path: string, lines: AsyncIterable<string>): Promise<number> => {
  const file = new LineFile(path);
  try {
    for await (const line of lines) await file.write(line);
    return await file.close();
  } catch (error) {
    file.abort();
    throw error;
  }
};

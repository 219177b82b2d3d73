import type { RandomAccess } from '#ports/object-store.ts';
import { BrokenFileError } from '../broken-file.ts';
import { compactEnd, corruptParquet } from './compact-end.ts';
import type { ColumnChunk, ColumnShape } from './footer.ts';
import { parseThrift } from './footer.ts';
import {
  DICTIONARY_PAGE,
  isUnpackedAtOnce,
  type Page,
  type PageHeader,
  PageHeaderSchema,
  readDictionary,
  readPage,
  rowsOfPage,
} from './page.ts';
import { type Cell, type Stored, textOf } from './texts.ts';
import type { Dictionary } from './values.ts';

/** Most bytes of one page, folded or not. Writers aim at one megabyte. */
const MAX_PAGE_BYTES = 32 * 1024 ** 2;
/** Most bytes of a page's header, statistics included. */
const MAX_HEADER_BYTES = 64 * 1024;

/** Bytes of pages that all columns hold together. */
export class HeldBytes {
  readonly #most: number;
  #held = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** @throws {BrokenFileError} `too_large` */
  change(by: number): void {
    this.#held += by;
    if (this.#held <= this.#most) return;
    throw new BrokenFileError('too_large', 'the pages of the Parquet file are too large; write pages of 1 MB');
  }
}

/** Bytes that a value of its own takes, beyond its content. */
const VALUE_BYTES = 96;
const ROW_BYTES = 8;

/** Memory that a page takes once it is read: of a dictionary's texts also where they begin, and some encodings a value for each row. */
const memoryOf = (header: PageHeader): number => {
  if (header.field_1 === DICTIONARY_PAGE) return 2 * header.field_2;
  const rows = rowsOfPage(header);
  return header.field_2 + rows * (isUnpackedAtOnce(header) ? VALUE_BYTES : ROW_BYTES);
};

/** Reads one column of one row group from its first page to its last, one page at a time. */
export class ColumnCursor {
  readonly #parts: RandomAccess;
  readonly #chunk: ColumnChunk;
  readonly #shape: ColumnShape;
  readonly #text: (value: Stored) => Cell;
  readonly #held: HeldBytes;
  readonly #windowBytes: number;
  #window: Uint8Array = new Uint8Array();
  #windowAt = 0;
  #at: number;
  #dictionary: Dictionary | undefined;
  #pageBytes = 0;
  #page: Page | undefined;
  /** Rows at hand. */
  left = 0;

  /** @param windowBytes - read at a time, at least. */
  constructor(
    parts: RandomAccess,
    chunk: ColumnChunk,
    shape: ColumnShape,
    { held, windowBytes }: { readonly held: HeldBytes; readonly windowBytes: number },
  ) {
    this.#parts = parts;
    this.#chunk = chunk;
    this.#shape = shape;
    this.#text = textOf(shape) ?? String;
    this.#held = held;
    this.#windowBytes = windowBytes;
    this.#at = chunk.start;
  }

  /** The cell of the next row; only while rows are {@link left}. */
  next(): Cell {
    this.left--;
    return this.#page!.next();
  }

  /** Lets go of what it holds. */
  close(): void {
    this.#held.change(-this.#pageBytes);
    this.#pageBytes = 0;
  }

  /**
   * Takes the next page with rows to hand.
   *
   * @param most - rows that the row group has left.
   * @throws {BrokenFileError}
   */
  async load(most: number): Promise<void> {
    while (this.left === 0) {
      const { header, contentAt } = await this.#header();
      this.#at = contentAt + header.field_3;
      const rows = rowsOfPage(header);
      if (rows > most) throw corruptParquet('a column is longer than its row group');
      if (header.field_1 === DICTIONARY_PAGE) await this.#loadDictionary(header, contentAt);
      else if (rows > 0) await this.#loadPage(header, contentAt);
    }
  }

  async #loadPage(header: PageHeader, at: number): Promise<void> {
    this.close();
    this.#hold(header);
    const [shape, text, codec, dictionary] = [this.#shape, this.#text, this.#chunk.codec, this.#dictionary];
    this.#page = readPage(header, await this.#bytes(at, header.field_3), { shape, text, codec, dictionary });
    this.left = this.#page.rows;
  }

  async #loadDictionary(header: PageHeader, at: number): Promise<void> {
    if (this.#dictionary) throw corruptParquet('a column has two dictionaries');
    this.#hold(header);
    const [shape, text, codec] = [this.#shape, this.#text, this.#chunk.codec];
    const packed = await this.#bytes(at, header.field_3);
    this.#dictionary = readDictionary(header, packed, { shape, text, codec });
  }

  /** Counts the bytes of a page before they are there. A page without values takes memory for its rows. */
  #hold(header: PageHeader): void {
    const bytes = memoryOf(header);
    this.#held.change(bytes);
    this.#pageBytes += bytes;
  }

  async #header(): Promise<{ readonly header: PageHeader; readonly contentAt: number }> {
    const left = this.#chunk.end - this.#at;
    if (left <= 0) throw corruptParquet('a column ends before its row group');
    const bytes = await this.#bytes(this.#at, Math.min(left, MAX_HEADER_BYTES));
    const end = compactEnd(bytes);
    const header = parseThrift(PageHeaderSchema, bytes.subarray(0, end));
    const contentAt = this.#at + end;
    if (header.field_2 > MAX_PAGE_BYTES || header.field_3 > MAX_PAGE_BYTES) {
      throw new BrokenFileError('too_large', 'a page of the Parquet file has more than 32 MB; write pages of 1 MB');
    }
    if (contentAt + header.field_3 > this.#chunk.end) throw corruptParquet('a page lies outside of its column');
    return { header, contentAt };
  }

  async #bytes(from: number, length: number): Promise<Uint8Array> {
    const inside = from >= this.#windowAt && from + length <= this.#windowAt + this.#window.length;
    if (!inside) {
      const size = Math.min(Math.max(length, this.#windowBytes), this.#chunk.end - from);
      this.#window = size === 0 ? new Uint8Array() : await this.#parts.read(from, size);
      this.#windowAt = from;
    }
    return this.#window.subarray(from - this.#windowAt, from - this.#windowAt + length);
  }
}

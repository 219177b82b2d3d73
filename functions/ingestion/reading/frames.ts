/** The bytes of one record, without its line end. */
export interface Frame {
  readonly bytes: Buffer;
  /** Line that the record starts on, from 1. */
  readonly line: number;
  /** Set when no record could be made out; its first line is left out, and its bytes are empty. */
  readonly flaw?: 'record_too_large' | 'broken_quotes';
}

/** Longest record, in bytes. */
export const MAX_RECORD_BYTES = 1024 ** 2;

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;

const NONE = Buffer.alloc(0);

/** Where a record ends (`next` is where the following one starts), that it goes on beyond the bytes, or its flaw. */
type RecordEnd =
  | { readonly kind: 'end'; readonly end: number; readonly next: number }
  | { readonly kind: 'more' }
  | { readonly kind: 'flaw' };

/**
 * Splits text into records at line ends; with `quoted`, line ends inside quoted CSV fields do not count. Blank lines
 * are left out. Yields the records of a block at a time and holds at most one record and one block.
 *
 * A CSV parser that meets a quote nobody closes takes the rest of the file for one field. Here the record in question
 * is given up at the end of its first line, and the next line is a record again. A quote inside an unquoted field is
 * text, as the pipe of 5" in `5" pipe`.
 */
export async function* framesOf(
  blocks: AsyncIterable<Buffer>,
  { quoted, maxBytes = MAX_RECORD_BYTES }: { readonly quoted: boolean; readonly maxBytes?: number },
): AsyncGenerator<readonly Frame[]> {
  const framer = new Framer(quoted, maxBytes);
  for await (const block of blocks) {
    framer.add(block);
    yield* framer.batches(false);
  }
  yield* framer.batches(true);
}

/** Most records that are at hand at once: of what is held, each may be two bytes. */
const MAX_BATCH = 1_024;

class Framer {
  readonly #quoted: boolean;
  readonly #maxBytes: number;
  #held: Buffer = NONE;
  #start = 0;
  #line = 1;
  /** Position of the first quote at or after `#start`; looked up again only when the start has passed it. */
  #quoteAt = -1;
  /** Inside a line that is too long: everything up to its end is dropped. */
  #dropping = false;

  constructor(quoted: boolean, maxBytes: number) {
    this.#quoted = quoted;
    this.#maxBytes = maxBytes;
  }

  add(block: Buffer): void {
    const rest = this.#held.subarray(this.#start);
    this.#held = rest.length === 0 ? block : Buffer.concat([rest, block]);
    this.#start = 0;
    this.#quoteAt = -1;
  }

  /** The records at hand. */
  *batches(last: boolean): Generator<readonly Frame[]> {
    let frames: readonly Frame[];
    do {
      frames = this.#take(last);
      yield frames;
    } while (frames.length === MAX_BATCH);
  }

  #take(last: boolean): Frame[] {
    const frames: Frame[] = [];
    while (this.#start < this.#held.length && frames.length < MAX_BATCH) {
      if (this.#dropping && !this.#dropLine()) break;
      if (this.#start >= this.#held.length) break;
      const frame = this.#next(last);
      if (!frame) break;
      if (frame.flaw || frame.bytes.length > 0) frames.push(frame);
    }
    return frames;
  }

  /** The next record, empty for a blank line; undefined when more bytes are needed. */
  #next(last: boolean): Frame | undefined {
    const found = this.#find(last);
    const length = (found.kind === 'end' ? found.end : this.#held.length) - this.#start;
    if (found.kind !== 'flaw' && length <= this.#maxBytes) {
      return found.kind === 'end' ? this.#whole(found) : undefined;
    }
    return this.#broken();
  }

  #whole({ end, next }: { readonly end: number; readonly next: number }): Frame {
    const bytes = this.#held.subarray(this.#start, withoutCr(this.#held, this.#start, end));
    const frame = { bytes, line: this.#line };
    this.#line += 1 + (this.#quoted ? countOf(bytes, LF) : 0);
    this.#start = next;
    return frame;
  }

  /** Gives the record up at the end of its first line. */
  #broken(): Frame {
    const newline = this.#held.indexOf(LF, this.#start);
    const lineBytes = (newline === -1 ? this.#held.length : newline) - this.#start;
    const line = this.#line;
    this.#dropping = newline === -1;
    this.#start = newline === -1 ? this.#held.length : newline + 1;
    if (newline !== -1) this.#line++;
    return { bytes: NONE, line, flaw: lineBytes > this.#maxBytes ? 'record_too_large' : 'broken_quotes' };
  }

  /** @returns false when the line goes on beyond the bytes at hand. */
  #dropLine(): boolean {
    const newline = this.#held.indexOf(LF, this.#start);
    this.#start = newline === -1 ? this.#held.length : newline + 1;
    if (newline === -1) return false;
    this.#dropping = false;
    this.#line++;
    return true;
  }

  #find(last: boolean): RecordEnd {
    const newline = this.#held.indexOf(LF, this.#start);
    if (this.#quoted && this.#nextQuote() < (newline === -1 ? this.#held.length : newline)) {
      return quotedEnd(this.#held, this.#start, last);
    }
    if (newline !== -1) return { kind: 'end', end: newline, next: newline + 1 };
    return last ? { kind: 'end', end: this.#held.length, next: this.#held.length } : { kind: 'more' };
  }

  #nextQuote(): number {
    if (this.#quoteAt < this.#start) {
      const at = this.#held.indexOf(QUOTE, this.#start);
      this.#quoteAt = at === -1 ? this.#held.length : at;
    }
    return this.#quoteAt;
  }
}

const withoutCr = (bytes: Buffer, start: number, end: number): number =>
  end > start && bytes[end - 1] === CR ? end - 1 : end;

const countOf = (bytes: Buffer, byte: number): number => {
  let count = 0;
  for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, at + 1)) count++;
  return count;
};

/** Follows the quotes of one record (RFC 4180). */
const quotedEnd = (bytes: Buffer, start: number, last: boolean): RecordEnd => {
  let state: 'field start' | 'text' | 'quoted' | 'closed' = 'field start';
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (state === 'quoted') {
      if (byte !== QUOTE) continue;
      if (at + 1 === bytes.length && !last) return { kind: 'more' };
      if (bytes[at + 1] === QUOTE) at++;
      else state = 'closed';
    } else if (byte === LF) return { kind: 'end', end: at, next: at + 1 };
    else if (byte === COMMA) state = 'field start';
    else if (state === 'closed') {
      // Before a line end, and there alone, a carriage return may follow.
      if (byte === CR && at + 1 === bytes.length && !last) return { kind: 'more' };
      if (byte !== CR || (bytes[at + 1] !== LF && at + 1 !== bytes.length)) {
        return { kind: 'flaw' };
      }
    } else state = byte === QUOTE && state === 'field start' ? 'quoted' : 'text';
  }
  if (!last) return { kind: 'more' };
  return state === 'quoted' ? { kind: 'flaw' } : { kind: 'end', end: bytes.length, next: bytes.length };
};

/** Fields of a CSV record, counted without building them. */
export const fieldCountOf = (bytes: Buffer): number => {
  let fields = 1;
  let quoted = false;
  for (const byte of bytes) {
    if (byte === QUOTE) quoted = !quoted;
    else if (byte === COMMA && !quoted) fields++;
  }
  return fields;
};

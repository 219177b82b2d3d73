import { hash } from 'node:crypto';

import type { Event } from '#domain/event.ts';

/** Whether an event is met for the first time, again, or its id for another one. */
export type Meeting = 'new' | 'duplicate' | 'conflict';

/** Words of an entry: 64 bits of the id's hash, 32 of the content's. */
const ENTRY = 3;
const FIRST_ENTRIES = 1 << 12;

/**
 * Which events were met already, in some 30 bytes each: their ids as 64 bits of a hash. That two ids of ten million have
 * the same is as likely as 1 in 370,000; the second of them would be taken for a conflict.
 */
export class SeenEvents {
  #words = new Uint32Array(FIRST_ENTRIES * ENTRY);
  #size = 0;

  /** Tells of an event, and remembers it. */
  meet({ eventType, eventId }: Event, contentHash: string): Meeting {
    const [high, low] = wordsOf(`${eventType} ${eventId}`);
    // 0 stands for an empty entry.
    const content = wordsOf(contentHash)[0] || 1;
    const at = entryOf(this.#words, high, low);
    const known = this.#words[at + 2]!;
    if (known !== 0) return known === content ? 'duplicate' : 'conflict';
    put(this.#words, at, high, low, content);
    this.#size += 1;
    if (2 * this.#size * ENTRY > this.#words.length) this.#grow();
    return 'new';
  }

  #grow(): void {
    const more = new Uint32Array(2 * this.#words.length);
    for (let at = 0; at < this.#words.length; at += ENTRY) {
      const [high = 0, low = 0, content = 0] = this.#words.subarray(at, at + ENTRY);
      if (content !== 0) put(more, entryOf(more, high, low), high, low, content);
    }
    this.#words = more;
  }
}

const wordsOf = (text: string): readonly [number, number] => {
  const digest = hash('sha256', text, 'buffer');
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
};

/** Where an id's entry is, or is to be. */
const entryOf = (words: Uint32Array, high: number, low: number): number => {
  const entries = words.length / ENTRY;
  let entry = high & (entries - 1);
  for (; ; entry = (entry + 1) & (entries - 1)) {
    const at = entry * ENTRY;
    if (words[at + 2] === 0 || (words[at] === high && words[at + 1] === low)) return at;
  }
};

const put = (words: Uint32Array, at: number, high: number, low: number, content: number): void => {
  words[at] = high;
  words[at + 1] = low;
  words[at + 2] = content;
};

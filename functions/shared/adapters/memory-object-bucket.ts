import type { ObjectBucket, ObjectVersion, OpenedObject } from '#ports/object-store.ts';

interface Stored {
  readonly versionId: string;
  readonly content: Buffer;
}

/** Keeps objects, with all their versions, for as long as the process lives: for tests and the command line. */
export class MemoryObjectBucket implements ObjectBucket {
  readonly #objects = new Map<string, Stored[]>();
  #versions = 0;

  /** Puts an object at once. @returns its version's id. */
  put(key: string, content: string | Uint8Array): string {
    const versionId = `v${++this.#versions}`;
    const versions = this.#objects.get(key) ?? [];
    this.#objects.set(key, [...versions, { versionId, content: Buffer.from(content) }]);
    return versionId;
  }

  /** The newest version as text. */
  text(key: string): string | undefined {
    return this.#objects.get(key)?.at(-1)?.content.toString('utf8');
  }

  /** Takes an object away, with its versions. */
  remove(key: string): void {
    this.#objects.delete(key);
  }

  async open({ key, versionId }: ObjectVersion): Promise<OpenedObject> {
    const versions = this.#objects.get(key) ?? [];
    const wanted =
      versionId === undefined ? versions.at(-1) : versions.find((stored) => stored.versionId === versionId);
    if (!wanted) return { found: false, why: versions.length > 0 ? 'overwritten' : 'deleted' };
    const { content } = wanted;
    const parts = {
      size: content.length,
      read: async (from: number, length: number) => content.subarray(from, from + length),
    };
    return { found: true, bytes: piecesOf(content), parts };
  }

  async write(key: string, content: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of content) pieces.push(Buffer.from(piece));
    this.put(key, Buffer.concat(pieces));
  }

  async *keysUnder(prefix: string): AsyncIterable<string> {
    yield* [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }
}

const PIECE_BYTES = 64 * 1024;

async function* piecesOf(content: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += PIECE_BYTES) yield content.subarray(at, at + PIECE_BYTES);
}

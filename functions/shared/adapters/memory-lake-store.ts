import type { LakeStore, ListedObject } from '#ports/lake-store.ts';

/** Keeps the lake's objects for as long as the process lives, for tests. */
export class MemoryLakeStore implements LakeStore {
  readonly objects = new Map<
    string,
    { readonly bytes: Uint8Array; readonly tag: string; readonly writtenMs: number }
  >();
  readonly #nowMs: () => number;
  #tags = 0;

  /** @param nowMs - dates what is written. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  async get(key: string) {
    return this.objects.get(key);
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    this.#write(key, bytes);
  }

  async replace(key: string, bytes: Uint8Array, expected: string | undefined): Promise<string | undefined> {
    return this.objects.get(key)?.tag === expected ? this.#write(key, bytes) : undefined;
  }

  async *list(prefix: string, after: string): AsyncIterable<ListedObject> {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    for (const key of keys) yield { key, writtenMs: this.objects.get(key)!.writtenMs };
  }

  #write(key: string, bytes: Uint8Array): string {
    const tag = `tag-${++this.#tags}`;
    this.objects.set(key, { bytes: Uint8Array.from(bytes), tag, writtenMs: this.#nowMs() });
    return tag;
  }
}

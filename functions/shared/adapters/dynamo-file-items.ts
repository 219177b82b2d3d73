import { sequenceKey } from '#domain/file-record.ts';
import type { Item } from './dynamo-decision-store-items.ts';

/** Sort keys of a file's items: its record, its place among open files, its chunks. */
export const FILE_SK = 'FILE';
export const OPEN_SK = 'OPEN';
export const chunkSk = (sequence: number): string => `C#${sequenceKey(sequence)}`;
/** Behind every chunk's sort key: `~` follows all digits. */
export const LAST_CHUNK_SK = 'C#~';

export const filePk = (fileId: string): string => `F#${fileId}`;

/** The index of open files, by shard and by when they were opened. */
export const OPEN_FILES_INDEX = 'open-files';

/** One shard takes 1,000 writes a second, which is 500 files; ids are hashes, so they spread evenly. */
export const SHARDS: readonly string[] = [...'0123456789abcdef'].map((digit) => `OPEN#${digit}`);

/** The attributes that put a file among the open ones. */
export const openAttributes = (fileId: string, nowMs: number): Item => ({
  openShard: { S: `OPEN#${fileId.slice(0, 1)}` },
  openSince: { S: new Date(nowMs).toISOString() },
});

/** What an item's record says. */
export const contentOf = (item: Item): unknown => JSON.parse(item.record?.S ?? 'null');

import { sequenceKey } from './file-record.ts';

/** Where bodies that died lie in the quarantine bucket. */
export const DEAD = 'dead/';

/** Where the dead chunks of a file lie: to be sent again from there. */
export const deadChunksOf = (fileId: string): string => `${DEAD}${fileId}/`;

/** Key of a chunk that died. */
export const deadChunkKey = (fileId: string, sequence: number): string =>
  `${deadChunksOf(fileId)}${sequenceKey(sequence)}.json`;

import type { FileSize } from './payments.ts';

/** About 1,800 rows: read within a second or two, decided within a few, so that kills meet each of its stages. */
export const EACH_CHANGE: FileSize = { days: 3, customers: 500 };
/** About 2,000 rows, for a few kills among the other tests. */
export const AMONG_TESTS: FileSize = { days: 5, customers: 350 };
/** About 500 rows: half a dozen chunks, for what is struck by the call. */
export const FEW_CHUNKS: FileSize = { days: 2, customers: 200 };

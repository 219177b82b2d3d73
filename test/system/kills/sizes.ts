import type { FileSize } from './payments.ts';

/** About 7,000 rows: a file survives several kills, in each of its stages. */
export const EACH_CHANGE: FileSize = { days: 12, customers: 500 };
/** About 2,000 rows, for a few kills among the other tests. */
export const AMONG_TESTS: FileSize = { days: 5, customers: 350 };

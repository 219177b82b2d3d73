import type { FileSize } from './payments.ts';

/** About 3,000 rows: two of them at once survive a few kills, in each of their stages. */
export const EACH_CHANGE: FileSize = { days: 5, customers: 500 };
/** About 2,000 rows, for a few kills among the other tests. */
export const AMONG_TESTS: FileSize = { days: 5, customers: 350 };

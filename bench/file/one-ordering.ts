/**
 * Measures one file in one ordering, in a process of its own, and prints what it took as JSON:
 * `node one-ordering.ts relaxed|strict`. What an earlier system left behind in memory would slow the next one down.
 */
import { measureFile } from './throughput.ts';

const ordering = process.argv[2];
if (ordering !== 'relaxed' && ordering !== 'strict') throw new Error("the ordering is 'relaxed' or 'strict'");
console.log(JSON.stringify(await measureFile(ordering)));

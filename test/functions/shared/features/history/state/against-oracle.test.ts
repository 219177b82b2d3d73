import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { MemoryProfileStore } from '#adapters/memory-profile-store.ts';
import { histories } from '../../../../../support/history-streams.ts';
import {
  differences,
  engineHistory,
  type HistorySubject,
  pagedHistory,
  playedBack,
} from '../../../../../support/history-subjects.ts';

const HOUR = 3_600_000;

test.each<{ what: string; late: boolean; open: () => HistorySubject }>([
  { what: 'pages, late and out of order', late: true, open: () => pagedHistory(new MemoryProfileStore()) },
  { what: 'the engine, in order', late: false, open: () => engineHistory() },
  { what: 'the engine, late and out of order', late: true, open: () => engineHistory({ graceMs: 200 * HOUR }) },
])('$what: every feature is what going through all events gives, to the bit', async ({ late, open }) => {
  await fc.assert(
    fc.asyncProperty(histories(late), async (history) => {
      expect(differences(await playedBack(history, open()))).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

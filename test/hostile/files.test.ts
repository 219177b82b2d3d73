import { expect, test } from '@jest/globals';

import { endOf, faultsOf } from './file-ends.ts';
import { badFiles } from './files.ts';
import { differenceOfFile, FIXED_FILES } from './fixed-files.ts';

test.each(FIXED_FILES)('$name', async (file) => {
  const end = await endOf(file.key, file.content());

  expect(differenceOfFile(file, end)).toBeUndefined();
  expect(faultsOf(end)).toEqual([]);
});

test('there are eighty of them and more, each of its own', () => {
  expect(FIXED_FILES.length).toBeGreaterThanOrEqual(80);
  expect(new Set(FIXED_FILES.map(({ name }) => name)).size).toBe(FIXED_FILES.length);
});

test('of mutated files each row ends in one place, for a reason of the closed list', async () => {
  expect(await badFiles.run({ scale: 'small', seed: 20_261_122, onProgress: () => {} })).toMatchObject({
    verdict: 'proved',
  });
}, 60_000);

test('a row that ends twice, nowhere, or for an unknown reason, is told', async () => {
  const end = await endOf(
    'events/payment/x.csv',
    'event_id,occurred_at,customer,terminal,amount\na,2026-11-19T10:00:00Z,c,t,5\n',
  );

  expect(faultsOf(end)).toEqual([]);
  expect(faultsOf({ ...end, rows: new Map([[1, ['decided', 'bad_time']]]) })).toEqual([
    'row 1 ends as decided and bad_time',
  ]);
  expect(faultsOf({ ...end, rows: new Map() })).toContain('row 1 ends as nothing');
  expect(faultsOf({ ...end, record: { ...end.record, quarantineReasons: { odd: 1 } } })).toHaveLength(1);
  expect(faultsOf({ ...end, record: { ...end.record, status: 'settling' } })).toEqual(['the file ends as settling']);
});

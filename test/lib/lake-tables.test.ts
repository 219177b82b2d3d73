import { expect, test } from '@jest/globals';

import { LAKE_TABLES } from '../../functions/lake/tables.ts';
import { GLUE_TABLES } from '../../lib/constructs/lake-tables.ts';

test('Glue knows every table of the lake with the columns that are written, in their order and of their types', () => {
  const known = Object.entries(GLUE_TABLES).map(([table, columns]) => [
    table,
    columns.map(([name, type]) => ({ name, type })),
  ]);
  const written = Object.entries(LAKE_TABLES).map(([table, columns]) => [
    table,
    columns.map(({ name, type }) => ({ name, type })),
  ]);

  expect(known).toEqual(written);
});

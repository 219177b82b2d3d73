import { expect, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';

import { folderOf, LAKE_TABLE_NAMES, LAKE_TABLES } from '../../functions/lake/tables.ts';
import { StageSchema } from '../../lib/config.ts';
import { LakeCatalog } from '../../lib/constructs/lake-catalog.ts';
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

test.each(LAKE_TABLE_NAMES)(
  'Athena works out the folders that rows of %s are written to, from 2026 on, every hour of a day',
  (table) => {
    const stack = new Stack(new App(), 'Stack');
    const stage = StageSchema.parse({});
    new LakeCatalog(stack, 'Catalog', { lake: Bucket.fromBucketName(stack, 'Lake', 'lake'), stageName: 'a-b', stage });
    const tables = Object.values(Template.fromStack(stack).findResources('AWS::Glue::Table'));
    const { TableInput, DatabaseName } = tables.find(
      ({ Properties }) => Properties.TableInput.Name === table,
    )!.Properties;
    const { Parameters, PartitionKeys } = TableInput;
    const values = { event_type: 'card_payment', dt: '2026-11-22', hh: '09' };

    const folder = Object.entries(values).reduce(
      (template, [name, value]) => template.replace(`\${${name}}`, value),
      Parameters['storage.location.template'] as string,
    );

    expect(DatabaseName).toBe('assay_a_b');
    expect(folder).toBe(`s3://lake/${folderOf({ table, eventType: 'card_payment', hour: '2026-11-22T09' })}`);
    expect(PartitionKeys.map(({ Name }: { Name: string }) => Name)).toEqual(Object.keys(values));
    expect(Parameters).toMatchObject({
      'projection.enabled': 'true',
      'projection.event_type.type': 'injected',
      'projection.dt.format': 'yyyy-MM-dd',
      'projection.dt.range': '2026-01-01,NOW',
      'projection.hh.range': '0,23',
      'projection.hh.digits': '2',
    });
  },
);

import { Stack } from 'aws-cdk-lib';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

import { resourceNameOf, type StageConfig } from '../config.ts';
import { GLUE_TABLES } from './lake-tables.ts';

export interface LakeCatalogProps {
  readonly lake: IBucket;
  readonly stageName: string;
  readonly stage: StageConfig;
}

/** No row is older: the first hour that queries look at. */
const FIRST_DAY = '2026-01-01';

/**
 * Describes the lake's tables to Glue, so that Athena and whatever else reads Glue can query them.
 *
 * Partitions are worked out from the query (partition projection): no crawler, nothing to add, new hours are there at
 * once. A query names one event type, `event_type = 'card_payment'`, and is cheap when it names days, `dt`.
 */
export class LakeCatalog extends Construct {
  constructor(scope: Construct, id: string, { lake, stageName, stage }: LakeCatalogProps) {
    super(scope, id);
    const { account } = Stack.of(this);
    // Athena takes no hyphens without quotes.
    const name = resourceNameOf(stage, stageName).replaceAll('-', '_');
    const database = new CfnDatabase(this, 'Database', {
      catalogId: account,
      databaseInput: { name, description: `Events, decisions and feedback of Assay ${stageName}` },
    });
    for (const [table, columns] of Object.entries(GLUE_TABLES)) {
      const location = `s3://${lake.bucketName}/${table}/`;
      const glueTable = new CfnTable(this, `Table-${table}`, {
        catalogId: account,
        databaseName: name,
        tableInput: {
          name: table,
          tableType: 'EXTERNAL_TABLE',
          partitionKeys: [
            { name: 'event_type', type: 'string' },
            { name: 'dt', type: 'string', comment: 'Day of the commit, UTC' },
            { name: 'hh', type: 'string', comment: 'Hour of the commit, UTC' },
          ],
          parameters: {
            classification: 'parquet',
            'projection.enabled': 'true',
            'projection.event_type.type': 'injected',
            'projection.dt.type': 'date',
            'projection.dt.format': 'yyyy-MM-dd',
            'projection.dt.range': `${FIRST_DAY},NOW`,
            'projection.hh.type': 'integer',
            'projection.hh.range': '0,23',
            'projection.hh.digits': '2',
            'storage.location.template': `${location}event_type=\${event_type}/dt=\${dt}/hh=\${hh}/`,
          },
          storageDescriptor: {
            location,
            columns: columns.map(([columnName, type, comment]) => ({
              name: columnName,
              type,
              ...(comment !== undefined && { comment }),
            })),
            inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
            outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
            serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
          },
        },
      });
      glueTable.addResourceDependency(database);
    }
  }
}

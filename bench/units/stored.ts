import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';

import type { System } from '../../bin/system/system.ts';

/** Bytes that a system keeps: in the event table, and in the buckets of results and of the lake. */
export interface Stored {
  readonly tableBytes: number;
  readonly bucketBytes: number;
}

/** How much a system keeps by now. */
export const storedIn = async (system: System): Promise<Stored> => {
  const { region, endpoint, credentials } = system;
  const options = { region, ...(endpoint && { endpoint }), ...(credentials && { credentials }) };
  const [dynamoDb, s3] = [new DynamoDBClient(options), new S3Client({ ...options, forcePathStyle: true })];
  try {
    const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName: system.eventTable }));
    let bucketBytes = 0;
    for (const Bucket of [system.resultBucket, system.lakeBucket]) {
      for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket })) {
        for (const { Size = 0 } of Contents) bucketBytes += Size;
      }
    }
    return { tableBytes: Table?.TableSizeBytes ?? 0, bucketBytes };
  } finally {
    dynamoDb.destroy();
    s3.destroy();
  }
};

import { createAwsCaller } from '#adapters/aws-call.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { pairTable, type Served, serveDynamoDb } from '../local/dynamodb/serve.ts';

/** A table on the embedded DynamoDB, for the DynamoDB side of a contract. */
export interface ServedTable {
  readonly served: Served;
  readonly tableName: string;
  readonly call: ReturnType<typeof createAwsCaller>;
}

/** Serves DynamoDB with one table of `pk` and `sk`. */
export const serveTable = async (tableName: string): Promise<ServedTable> => {
  const served = await serveDynamoDb();
  served.service().createTable(pairTable(tableName) as Parameters<ReturnType<Served['service']>['createTable']>[0]);
  return { served, tableName, call: createAwsCaller({ random: () => 0, metrics: silentMetrics }) };
};

import { CreateTableCommand } from '@aws-sdk/client-dynamodb';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { DynamoAuditTrail } from '#adapters/dynamo-audit-trail.ts';
import { DynamoRegistryStore } from '#adapters/dynamo-registry-store.ts';
import { MemoryRegistryStore } from '#adapters/memory-registry-store.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { registryStoreContract } from '../../../contracts/registry-store.contract.ts';
import { pairTable, serveDynamoDb } from '../../../local/dynamodb/serve.ts';

registryStoreContract('memory', async () => {
  const store = new MemoryRegistryStore();
  return { store, trail: store, close: async () => {} };
});

registryStoreContract('DynamoDB', async () => {
  const { client, close } = await serveDynamoDb();
  await client.send(new CreateTableCommand(pairTable('registry')));
  const call = createAwsCaller({ random: () => 0, metrics: silentMetrics });
  const trail = new DynamoAuditTrail(client, 'registry', call);
  return { store: new DynamoRegistryStore(client, 'registry', call), trail, close };
});

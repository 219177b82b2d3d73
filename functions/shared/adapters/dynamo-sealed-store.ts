import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';

import { type Sealed, SealedSchema } from '#domain/sealed.ts';
import type { Deadline } from '#ports/clock.ts';
import type { SealedStore } from '#ports/sealed-store.ts';
import type { AwsCall } from './aws-call.ts';
import { EVENT_SK, eventPk, keyOf } from './dynamo-decision-store-items.ts';

/** Boxes in the event table, beside the events that they came with. */
export class DynamoSealedStore implements SealedStore {
  readonly #options: { readonly dynamoDb: DynamoDBClient; readonly tableName: string; readonly call: AwsCall };

  constructor(options: { readonly dynamoDb: DynamoDBClient; readonly tableName: string; readonly call: AwsCall }) {
    this.#options = options;
  }

  async sealedOf(eventType: string, eventId: string, deadline: Deadline): Promise<Sealed | undefined> {
    const { dynamoDb, tableName, call } = this.#options;
    const command = new GetItemCommand({
      TableName: tableName,
      Key: keyOf(eventPk(eventType, eventId), EVENT_SK),
      ProjectionExpression: 'pk, sealed',
      ConsistentRead: true,
    });
    const { Item } = await call((options) => dynamoDb.send(command, options), { deadline, what: 'the event table' });
    if (!Item) return undefined;
    return Item.sealed?.S === undefined ? [] : SealedSchema.parse(JSON.parse(Item.sealed.S));
  }
}

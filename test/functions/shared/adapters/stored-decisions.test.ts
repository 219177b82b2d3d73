import { readFileSync } from 'node:fs';

import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { decisionItem, eventItem, rivalItem } from '#adapters/dynamo-decision-store-items.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import { type Decision, DecisionSchema } from '#domain/decision.ts';
import { originKey } from '#domain/event.ts';
import { PendingDecisionSchema } from '#domain/messages.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { type Served, serveDynamoDb } from '../../../local/dynamodb/serve.ts';
import { createEventTable, EVENT_TABLE, eventStore } from '../../../support/event-table.ts';

const stored = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/stored/v1/${name}.json`, import.meta.url), 'utf8'));
const decision = stored('decision') as Decision;
const EXPIRES_AT = 1_827_570_000;

describe('what version 1 stored', () => {
  let served: Served;
  beforeAll(async () => {
    served = await serveDynamoDb();
    await createEventTable(served.client);
    for (const name of ['event-item', 'decision-item', 'rival-item']) {
      const Item = stored(name) as Record<string, AttributeValue>;
      await served.client.send(new PutItemCommand({ TableName: EVENT_TABLE, Item }));
    }
  });
  afterAll(() => served.close());
  const store = () => eventStore(served.client, () => served.clock.nowMs);

  test('is still read as it was', async () => {
    const found = await store().byEvent('card_payment', 'stored-1', deadlineIn(2_000));

    expect(found).toEqual({
      contentHash: decision.contentHash,
      origin: 'file/0123456789abcdef01234567/17',
      decisions: [decision],
    });
    expect(DecisionSchema.parse(decision)).toEqual(decision);
  });

  test('is still found by entity', async () => {
    const entity = { kind: 'terminal', tokens: [decision.event.entities.terminal!] };

    expect((await store().byEntity(entity, { limit: 1 }, deadlineIn(2_000))).decisions).toEqual([decision]);
  });

  test('on the recorded-later queue is still taken', () => {
    const message = stored('pending-decision');

    expect(PendingDecisionSchema.parse(message)).toEqual(message);
  });
});

describe('what is stored now', () => {
  // A change of the shape needs a new version and fixtures of its own; these stay for what is stored already.
  test('has the shape of version 1', () => {
    const { event, contentHash, origin } = decision;
    const commit = { event, contentHash, origin: originKey(origin), decisions: [decision], eventRecorded: false };
    const rival = PendingDecisionSchema.parse(stored('pending-decision')).decisions[0]!;

    expect(eventItem(commit, EXPIRES_AT)).toEqual(stored('event-item'));
    expect(decisionItem(decision, EXPIRES_AT)).toEqual(stored('decision-item'));
    const rivalHash = sha256Hex(JSON.stringify(rival));
    expect(rivalItem(rival, rivalHash, EXPIRES_AT)).toMatchObject({
      v: { N: '1' },
      pk: { S: 'E#card_payment#stored-1' },
    });
  });
});

import { readFileSync } from 'node:fs';

import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { decisionItem, eventItem, rivalItem } from '#adapters/dynamo-decision-store-items.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import { type Decision, DecisionSchema } from '#domain/decision.ts';
import { originKey } from '#domain/event.ts';
import { PendingDecisionSchema } from '#domain/messages.ts';
import { unpackText } from '#domain/packed-text.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { type Served, serveDynamoDb } from '../../../local/dynamodb/serve.ts';
import { createEventTable, EVENT_TABLE, eventStore } from '../../../support/event-table.ts';

const stored = (name: string, version = 1): unknown =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/stored/v${version}/${name}.json`, import.meta.url), 'utf8'));
type Item = Record<string, AttributeValue>;
/** Items whose record is as it was before it was packed: how it is packed is the library's affair. */
const unpacked = (item: Item): Item => ({ ...item, record: { S: unpackText(item.record?.S ?? '') } });
const decision = stored('decision') as Decision;
const EXPIRES_AT = 1_827_570_000;

describe.each([1, 2])('what version %i stored', (version) => {
  let served: Served;
  beforeAll(async () => {
    served = await serveDynamoDb();
    await createEventTable(served.client);
    const items = [stored('event-item'), stored('decision-item', version), stored('rival-item', version)] as Item[];
    for (const Item of items) {
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
    const message = stored('pending-decision', version);

    expect(PendingDecisionSchema.parse(message)).toEqual(message);
  });
});

describe('what is stored now', () => {
  // A change of the shape needs a new version and fixtures of its own; these stay for what is stored already.
  test('has the shape of version 2 for decisions, and 1 for events', () => {
    const { event, contentHash, origin } = decision;
    const commit = { event, contentHash, origin: originKey(origin), decisions: [decision], eventRecorded: false };
    const rival = PendingDecisionSchema.parse(stored('pending-decision')).decisions[0]!;

    expect(eventItem(commit, EXPIRES_AT)).toEqual(stored('event-item'));
    const item = decisionItem(decision, EXPIRES_AT);
    expect(unpacked(item)).toEqual(unpacked(stored('decision-item', 2) as Item));
    expect(item.record?.S).toMatch(/^~1/);
    const rivalHash = sha256Hex(JSON.stringify(rival));
    expect(rivalItem(rival, rivalHash, EXPIRES_AT)).toMatchObject({
      v: { N: '2' },
      pk: { S: 'E#card_payment#stored-1' },
    });
  });
});

import {
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
  GetItemCommand,
  ScanCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { Decision } from '#domain/decision.ts';
import { unpackText } from '#domain/packed-text.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { decisionStoreContract } from '../../../contracts/decision-store.contract.ts';
import { type Served, serveDynamoDb } from '../../../local/dynamodb/serve.ts';
import { aCommit, aDecision, anEvent } from '../../../support/decisions.ts';
import { createEventTable, EVENT_TABLE, eventStore } from '../../../support/event-table.ts';

const serve = async (): Promise<Served> => {
  const served = await serveDynamoDb();
  await createEventTable(served.client);
  return served;
};

decisionStoreContract('DynamoDB', async () => {
  const served = await serve();
  return {
    store: eventStore(served.client, () => served.clock.nowMs),
    rivals: async () => {
      const { Items = [] } = await served.client.send(
        new ScanCommand({
          TableName: EVENT_TABLE,
          FilterExpression: 'begins_with(sk, :rival)',
          ExpressionAttributeValues: { ':rival': { S: 'R#' } },
        }),
      );
      return Items.map((item) => JSON.parse(unpackText(item.record!.S!)) as Decision);
    },
    close: served.close,
  };
});

describe('when DynamoDB misbehaves', () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve();
  });
  afterAll(() => served.close());

  const decisionOn = (eventId: string): Decision => aDecision({ event: anEvent({ eventId }) });
  const soon = () => deadlineIn(3_000);

  /** A client whose transactions are carried out while the first answers are lost; `meanwhile` then passes. */
  const losingAnswers = (losses: number, meanwhile: () => void = () => {}): DynamoDBClient => {
    let left = losses;
    const send = async (command: never, options: never): Promise<unknown> => {
      const answer = await served.client.send(command, options);
      if ((command as object) instanceof TransactWriteItemsCommand && left-- > 0) {
        meanwhile();
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      }
      return answer;
    };
    return { send } as unknown as DynamoDBClient;
  };
  const storeOver = (client: DynamoDBClient) => eventStore(client, () => served.clock.nowMs);

  test('a commit whose answer is lost is committed once', async () => {
    const decision = decisionOn('lost');

    expect(await storeOver(losingAnswers(2)).commit([aCommit(decision)], soon())).toEqual(new Set());

    const found = await storeOver(served.client).byEvent('card_payment', 'lost', soon());
    expect(found?.decisions).toEqual([decision]);
  });

  test('a commit whose answer is lost for longer than its token lives is recognised as its own', async () => {
    const client = losingAnswers(1, () => {
      served.clock.nowMs += 11 * 60_000;
    });

    expect(await storeOver(client).commit([aCommit(decisionOn('late')), aCommit(decisionOn('later'))], soon())).toEqual(
      new Set(),
    );
  });

  test('an event that is committed while it is read is found with all of its decisions', async () => {
    const [one, two] = ['one', 'two'].map((detector) => aDecision({ event: anEvent({ eventId: 'torn' }), detector }));
    await storeOver(served.client).commit([{ ...aCommit(one!), decisions: [one!, two!] }], soon());
    let reads = 0;
    const send = async (command: object, options: never): Promise<unknown> => {
      const answer = (await served.client.send(command as never, options)) as BatchGetItemCommandOutput;
      reads += 1;
      if (reads > 1) return answer;
      // As if it had looked for the second decision a moment before the commit, and for the event a moment after it.
      const seen = answer.Responses?.[EVENT_TABLE]?.filter(({ sk }) => sk?.S !== 'D#two') ?? [];
      return { ...answer, Responses: { [EVENT_TABLE]: seen } };
    };

    const store = storeOver({ send } as unknown as DynamoDBClient);
    const found = await store.find('card_payment', ['torn'], ['one', 'two'], soon());

    expect(found.get('torn')?.decisions).toEqual([one, two]);
    expect(reads).toBe(2);
  });

  test("after a lost answer, the commit of another delivery is not taken for one's own", async () => {
    const other = { ...decisionOn('foreign'), origin: { kind: 'api', requestId: 'other' } as const };
    await storeOver(served.client).commit([aCommit(other)], soon());
    let lost = false;
    const send = async (command: never, options: never): Promise<unknown> => {
      if (!lost) {
        lost = true;
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      }
      return served.client.send(command, options);
    };

    const refused = await storeOver({ send } as unknown as DynamoDBClient).commit(
      [aCommit(decisionOn('foreign')), aCommit(decisionOn('innocent'))],
      soon(),
    );

    expect(refused).toEqual(new Set(['foreign']));
  });

  test.each(['conflict', 'throttle'] as const)('a %s is waited out', async (interference) => {
    let left = 3;
    served.interfere(({ operation }) => (operation === 'TransactWriteItems' && left-- > 0 ? interference : undefined));

    const refused = await storeOver(served.client).commit([aCommit(decisionOn(interference))], soon());

    served.interfere(() => undefined);
    expect(refused).toEqual(new Set());
    expect(left).toBeLessThan(0);
  });

  test('a throttle that lasts ends with the deadline, and says that nothing is certain', async () => {
    served.interfere(() => 'throttle');
    const startedAt = performance.now();

    const commit = storeOver(served.client).commit([aCommit(decisionOn('throttled'))], deadlineIn(200));

    await expect(commit).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(performance.now() - startedAt).toBeLessThan(400);
    served.interfere(() => undefined);
    expect(await storeOver(served.client).byEvent('card_payment', 'throttled', soon())).toBeUndefined();
  });

  test('items expire counted from their commit, whenever the event happened, and after their repeats are refused', async () => {
    await storeOver(served.client).commit([aCommit(decisionOn('expiring'))], soon());

    const { Item } = await served.client.send(
      new GetItemCommand({
        TableName: EVENT_TABLE,
        Key: { pk: { S: 'E#card_payment#expiring' }, sk: { S: 'EVENT' } },
      }),
    );

    expect(Number(Item?.expiresAt?.N)).toBe(Math.floor(served.clock.nowMs / 1_000) + 401 * 86_400);
    expect(Item?.v?.N).toBe('1');
  });
});

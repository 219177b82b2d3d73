import {
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
  GetItemCommand,
  ScanCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { Decision } from '#domain/decision.ts';
import { ContendedError } from '#domain/errors.ts';
import { unpackText } from '#domain/packed-text.ts';
import type { PageMove } from '#features/history/state/types.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { decisionStoreContract } from '../../../contracts/decision-store.contract.ts';
import { type Served, serveDynamoDb } from '../../../local/dynamodb/serve.ts';
import { aCommit, aDecision, anEvent } from '../../../support/decisions.ts';
import { createEventTable, EVENT_TABLE, eventStore } from '../../../support/event-table.ts';
import { createProfileTable, profileStore } from '../../../support/profile-table.ts';

const serve = async (): Promise<Served> => {
  const served = await serveDynamoDb();
  await createEventTable(served.client);
  await createProfileTable(served.client);
  return served;
};

decisionStoreContract('DynamoDB', async () => {
  const served = await serve();
  return {
    store: eventStore(served.client, () => served.clock.nowMs),
    profiles: profileStore(served.client, () => served.clock.nowMs),
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

  describe('pages of history', () => {
    const place = { profile: '0123456789abcdef', startMs: Date.parse('2026-11-01T00:00:00.000Z') };
    const lowest = (to: number) => new Map([['b0', { to, keeps: 'lower', was: undefined }]] as const);
    const moving = (eventId: string, entity: string, sets: PageMove['sets'] = new Map()) => {
      const move = { ...place, entity, keepUntilMs: place.startMs, adds: new Map([['a0', 1]]), marks: new Map(), sets };
      return { ...aCommit(decisionOn(eventId)), moves: [move], profiles: [place.profile] };
    };
    const cellsOf = async (entity: string) => {
      const range = { profile: place.profile, entity, fromMs: place.startMs, toMs: place.startMs };
      const [page] = await profileStore(served.client, () => served.clock.nowMs).read([range], soon());
      return Object.fromEntries(page?.cells ?? []);
    };

    test.each([
      { entity: 'lost', minutes: 0 },
      { entity: 'lost for long', minutes: 11 },
    ])('are moved once by a commit whose answer is $entity', async ({ entity, minutes }) => {
      const client = losingAnswers(1, () => {
        served.clock.nowMs += minutes * 60_000;
      });

      const refused = await storeOver(client).commit([moving(`${entity}-1`, entity, lowest(3))], soon());

      expect(refused).toEqual(new Set());
      expect(await cellsOf(entity)).toEqual({ a0: 1, b0: 3 });
    });

    test('are moved once though an answer is lost, a set then comes too late, and the next answer is lost as well', async () => {
      await storeOver(served.client).commit([moving('first', 'both', lowest(1))], soon());
      let tries = 0;
      const send = async (command: never, options: never): Promise<unknown> => {
        if (!((command as object) instanceof TransactWriteItemsCommand)) return served.client.send(command, options);
        tries += 1;
        // The first is lost on its way, the second refused, the third carried out and its answer lost.
        if (tries !== 1) await served.client.send(command, options);
        if (tries === 1 || tries === 3) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
        return {};
      };

      const store = storeOver({ send } as unknown as DynamoDBClient);
      expect(await store.commit([moving('second', 'both', lowest(2))], soon())).toEqual(new Set());

      expect(tries).toBe(4);
      expect(await cellsOf('both')).toEqual({ a0: 2, b0: 1 });
    });

    test('that others move all the time end a group, and nothing of it is done', async () => {
      served.interfere(({ operation }) => (operation === 'TransactWriteItems' ? 'conflict' : undefined));

      const commit = storeOver(served.client).commit([moving('hot-1', 'hot'), moving('hot-2', 'hot')], soon());

      await expect(commit).rejects.toBeInstanceOf(ContendedError);
      served.interfere(() => undefined);
      expect(await cellsOf('hot')).toEqual({});
    });

    test('that others move are waited for by a single event', async () => {
      let left = 8;
      served.interfere(({ operation }) => (operation === 'TransactWriteItems' && left-- > 0 ? 'conflict' : undefined));

      expect(await storeOver(served.client).commit([moving('patient', 'patient')], soon())).toEqual(new Set());

      expect(await cellsOf('patient')).toEqual({ a0: 1 });
    });

    test('are named with the event that was counted in them', async () => {
      await storeOver(served.client).commit([moving('named', 'named')], soon());

      const Key = { pk: { S: 'E#card_payment#named' }, sk: { S: 'EVENT' } };
      const { Item } = await served.client.send(new GetItemCommand({ TableName: EVENT_TABLE, Key }));
      expect(Item?.profiles?.SS).toEqual(['0123456789abcdef']);
    });
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

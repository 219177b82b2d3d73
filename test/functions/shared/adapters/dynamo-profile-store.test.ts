import { type DynamoDBClient, QueryCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import type { PageMove } from '#features/history/state/types.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { profileStoreContract } from '../../../contracts/profile-store.contract.ts';
import { type Served, serveDynamoDb } from '../../../local/dynamodb/serve.ts';
import { createProfileTable, PROFILE_TABLE, profileStore } from '../../../support/profile-table.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.parse('2026-11-01T00:00:00.000Z');

let served: Served;
beforeAll(async () => {
  served = await serveDynamoDb();
  await createProfileTable(served.client);
});
afterEach(() => served.interfere(() => undefined));
afterAll(() => served.close());

let tables = 0;
profileStoreContract(
  'DynamoDB',
  async () => {
    tables += 1;
    const name = `profiles-${tables}`;
    await createProfileTable(served.client, name);
    return { store: profileStore(served.client, () => served.clock.nowMs, name), close: async () => {} };
  },
  { runs: 5 },
);

const soon = () => deadlineIn(3_000);
const store = (client: DynamoDBClient = served.client) => profileStore(client, () => served.clock.nowMs);
const moveOf = (entity: string, overrides: Partial<PageMove> = {}): PageMove => ({
  profile: '0123456789abcdef',
  entity,
  startMs: START_MS,
  keepUntilMs: START_MS + 31 * DAY_MS,
  adds: new Map([['a0', 1]]),
  marks: new Map(),
  sets: new Map(),
  ...overrides,
});
const cellsOf = async (entity: string, days = 0) => {
  const range = { profile: '0123456789abcdef', entity, fromMs: START_MS, toMs: START_MS + days * DAY_MS };
  return (await store().read([range], soon())).map(({ cells }) => cells);
};

/** A client that does what is sent and then says that it did not, so many times. */
const losing = (losses: number, isDone: boolean): DynamoDBClient => {
  let left = losses;
  const send = async (command: never, options: never): Promise<unknown> => {
    const lost = (command as object) instanceof TransactWriteItemsCommand && left-- > 0;
    if (!lost || isDone) await served.client.send(command, options);
    if (lost) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    return {};
  };
  return { send } as unknown as DynamoDBClient;
};

describe('pages', () => {
  test('of a range come with one query, those at its ends included, in the order of time', async () => {
    for (const day of [3, 0, 1, 2]) {
      await store().move(
        [moveOf('ranged', { startMs: START_MS + day * DAY_MS, adds: new Map([['a0', day + 1]]) })],
        soon(),
      );
    }

    const range = {
      profile: '0123456789abcdef',
      entity: 'ranged',
      fromMs: START_MS + DAY_MS,
      toMs: START_MS + 2 * DAY_MS,
    };
    const pages = await store().read([range], soon());

    expect(pages.map(({ startMs, cells }) => [startMs, cells.get('a0')])).toEqual([
      [START_MS + DAY_MS, 2],
      [START_MS + 2 * DAY_MS, 3],
    ]);
  });

  test.each([
    { freshness: 'all', consistent: true },
    { freshness: 'recent', consistent: false },
  ] as const)('are read for $freshness that was committed with ConsistentRead $consistent', async (row) => {
    const seen: unknown[] = [];
    const send = (command: QueryCommand) => {
      seen.push(command.input.ConsistentRead);
      return Promise.resolve({ Items: [] });
    };

    const range = { profile: 'p', entity: 'e', fromMs: 0, toMs: 1 };
    await store({ send } as unknown as DynamoDBClient).read([range], soon(), row.freshness);

    expect(seen).toEqual([row.consistent]);
  });

  test('expire counted from the last commit, whenever their events happened', async () => {
    await store().move([moveOf('expiring')], soon());

    const { Items } = await served.client.send(
      new QueryCommand({
        TableName: PROFILE_TABLE,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: '0123456789abcdef#expiring' } },
      }),
    );
    expect(Items?.map(({ expiresAt, v }) => [expiresAt?.N, v?.N])).toEqual([
      [String(served.clock.nowMs / 1_000 + 31 * 86_400), '1'],
    ]);
  });

  test('are not to be had while the table does not answer', async () => {
    served.interfere(() => 'throttle');

    await expect(cellsOf('throttled')).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});

describe('moves', () => {
  test('of one page by many at once add up exactly, beyond 2^53 too', async () => {
    const by = 2 ** 52 + 1;
    const move = moveOf('rushed', {
      adds: new Map([
        ['a0', 1],
        ['b0', by],
      ]),
      marks: new Map([['c0', new Set([1, 2])]]),
    });

    await Promise.all(
      Array.from({ length: 40 }, (_, at) =>
        store().move(
          [{ ...move, sets: new Map([['d0', { to: (at * 7) % 40, keeps: 'lower', was: undefined }]]) }],
          soon(),
        ),
      ),
    );

    expect(await cellsOf('rushed')).toEqual([
      new Map<string, unknown>([
        ['a0', 40],
        ['b0', BigInt(by) * 40n],
        ['c0', new Set([1, 2])],
        ['d0', 0],
      ]),
    ]);
  });

  test('that are the very same count each', async () => {
    for (let time = 0; time < 3; time += 1) await store().move([moveOf('same')], soon());

    expect(await cellsOf('same')).toEqual([new Map([['a0', 3]])]);
  });

  test('leave out what came too late to be set, and do the rest', async () => {
    const set = (to: number, keeps: 'lower' | 'higher') => ({ to, keeps, was: undefined });
    await store().move(
      [
        moveOf('late', {
          sets: new Map([
            ['b0', set(5, 'lower')],
            ['c0', set(5, 'higher')],
          ]),
        }),
      ],
      soon(),
    );

    await store().move(
      [
        moveOf('late', {
          sets: new Map([
            ['b0', set(4, 'lower')],
            ['c0', set(4, 'higher')],
          ]),
        }),
      ],
      soon(),
    );

    expect(await cellsOf('late')).toEqual([
      new Map([
        ['a0', 2],
        ['b0', 4],
        ['c0', 5],
      ]),
    ]);
  });

  test('that do nothing but set, too late, are no failure', async () => {
    const sets = new Map([['b0', { to: 5, keeps: 'lower', was: undefined }]] as const);
    await store().move([moveOf('nothing', { adds: new Map(), sets })], soon());

    await store().move([moveOf('nothing', { adds: new Map(), sets })], soon());

    expect(await cellsOf('nothing')).toEqual([new Map([['b0', 5]])]);
  });

  test('whose answer is lost are done once', async () => {
    await store(losing(2, true)).move([moveOf('lost')], soon());

    expect(await cellsOf('lost')).toEqual([new Map([['a0', 1]])]);
  });

  test('whose answer is lost, and of which a set then comes too late, are unknown rather than done twice', async () => {
    const set = (to: number) => new Map([['b0', { to, keeps: 'lower', was: undefined }]] as const);
    await store().move([moveOf('unsure', { sets: set(1) })], soon());

    const moved = store(losing(1, false)).move([moveOf('unsure', { sets: set(2) })], soon());

    await expect(moved).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await cellsOf('unsure')).toEqual([
      new Map([
        ['a0', 1],
        ['b0', 1],
      ]),
    ]);
  });
});

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { MemoryFileLedger } from '#adapters/memory-file-ledger.ts';
import type { Decision } from '#domain/decision.ts';
import type { Event } from '#domain/event.ts';
import { type EventChunk, PendingDecisionSchema } from '#domain/messages.ts';
import { writtenMove } from '#features/history/written-moves.ts';
import type { PendingDecisions } from '#ports/decision-store.ts';
import type { RowResult } from '#ports/results.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { commitPending } from '../../../functions/scoring/commit-pending.ts';
import { decideChunk } from '../../../functions/scoring/decide-chunk.ts';
import { decideEvent } from '../../../functions/scoring/decide-event.ts';
import { createPlanner } from '../../../functions/scoring/plan-features.ts';
import { createPreparer } from '../../../functions/scoring/prepare-detector.ts';
import { type Served, serveDynamoDb } from '../../local/dynamodb/serve.ts';
import { anEvent } from '../../support/decisions.ts';
import { createEventTable, eventStore } from '../../support/event-table.ts';
import { createProfileTable, profileStore } from '../../support/profile-table.ts';
import { aCatalog, aDetector, cardPayment, fixedClock, remoteSaying } from '../../support/scoring.ts';
import { memorySealer } from '../../support/sealing.ts';

let served: Served;
/** Does not mind that many calls wait for their turn. */
let dynamoDb: DynamoDBClient;
beforeAll(async () => {
  served = await serveDynamoDb();
  const { config } = served.client;
  dynamoDb = new DynamoDBClient({
    endpoint: served.endpoint,
    region: 'eu-west-1',
    credentials: config.credentials,
    maxAttempts: 1,
    requestHandler: { httpAgent: { keepAlive: true, maxSockets: 50 }, socketAcquisitionWarningTimeout: 60_000 },
  });
  await createEventTable(served.client);
  await createProfileTable(served.client);
});
afterEach(() => served.interfere(() => undefined));
afterAll(async () => {
  dynamoDb.destroy();
  await served.close();
});

const VARIABLES = { amount: { type: 'money', min: 0 }, country: { type: 'category', maxLength: 2 } };
const FEATURES = {
  payments_1h: { count: true, per: 'customer', window: '1h' },
  spent_1d: { sum: 'amount', per: 'customer', window: '1d' },
  largest_1d: { max: 'amount', per: 'customer', window: '1d' },
  customers_1h: { distinct: 'customer', per: 'terminal', window: '1h' },
  last_country: { last: 'country', per: 'customer', window: '1d' },
  over_largest: { value: '$amount - $largest_1d' },
};
const REVIEWED = {
  reviewed_1d: { rate: { detector: 'card-payments', outcome: 'review' }, per: 'customer', window: '1d' },
};

const worldOf = (
  overrides: Parameters<typeof cardPayment>[0] = {},
  detectors = [aDetector(), aDetector({ detector: 'second' })],
) => {
  const { catalog, source } = aCatalog({
    eventType: cardPayment({ variables: VARIABLES, features: FEATURES, ...overrides }),
    detectors,
  });
  const queued: Parameters<PendingDecisions['add']>[] = [];
  const settled: RowResult[][] = [];
  const ports = {
    clock: fixedClock,
    catalog: source,
    decisions: eventStore(dynamoDb, () => served.clock.nowMs),
    profiles: profileStore(dynamoDb, () => served.clock.nowMs),
    planFeatures: createPlanner(),
    pending: { add: async (...call: Parameters<PendingDecisions['add']>) => void queued.push(call) },
    sealer: memorySealer(fixedClock).sealer,
    prepare: createPreparer({ catalog: source, clock: fixedClock, metrics: silentMetrics }),
    remote: remoteSaying({ failed: 'unavailable' }),
    logger: silentLogger,
    metrics: silentMetrics,
    results: { writeChunk: async (_: string, __: number, rows: readonly RowResult[]) => void settled.push([...rows]) },
  };
  let requests = 0;
  const decide = (event: Event, budgetMs = 20_000): Promise<readonly { decision: Decision; recorded: string }[]> => {
    requests += 1;
    const arrival = { event, contentHash: event.eventId, origin: { kind: 'api', requestId: `r-${requests}` } } as const;
    return decideEvent(
      { arrival, catalog, detectors: catalog.detectorsFor('card_payment') },
      deadlineIn(budgetMs),
      ports,
    );
  };
  const chunkOf = (events: readonly Event[], sequence = 1): EventChunk => ({
    v: 1,
    kind: 'events',
    fileId: `file of ${events[0]?.eventId}`,
    sequence,
    eventType: 'card_payment',
    redrives: 0,
    rows: events.map((event, at) => ({ row: at + 1, event, contentHash: event.eventId })),
  });
  const decideAll = async (events: readonly Event[]) => {
    const ledger = new MemoryFileLedger({ clock: fixedClock });
    await (await decideChunk(chunkOf(events), deadlineIn(20_000), { ...ports, ledger })).rest;
    return settled.at(-1)!.map(({ decisions }) => decisions[0]!);
  };
  return { decide, decideAll, queued, ports };
};

let customers = 0;
const aCustomer = () => {
  customers += 1;
  return `t1_${String(customers).padStart(24, 'c')}`;
};
const paymentOf = (customer: string, eventId: string, amount: number, second = 0, country = 'DE'): Event =>
  anEvent({
    eventId,
    occurredAt: new Date(Date.parse('2026-11-01T10:00:00.000Z') + second * 1_000).toISOString(),
    entities: { customer, terminal: `t1_${customer.slice(3).replaceAll('c', 'd')}` },
    variables: { amount, country },
  });

describe('by API', () => {
  test('an event is decided by what came before it, and counted once however often it comes and whoever judges it', async () => {
    const { decide } = worldOf();
    const customer = aCustomer();
    await decide(paymentOf(customer, `${customer}-1`, 10.1, 0, 'FR'));
    await decide(paymentOf(customer, `${customer}-1`, 10.1, 0, 'FR'));

    const answered = await decide(paymentOf(customer, `${customer}-2`, 30, 1));

    const features = {
      payments_1h: 1,
      spent_1d: 10.1,
      largest_1d: 10.1,
      customers_1h: 1,
      last_country: 'FR',
      over_largest: 19.9,
    };
    expect(answered.map(({ decision }) => decision.features)).toEqual([features, features]);
    expect(answered[0]?.decision.degraded).toEqual([]);
  });

  test('500 events of one customer at once are all decided, and counted exactly', async () => {
    const { payments_1h, spent_1d, largest_1d } = FEATURES;
    const { decide } = worldOf({ features: { payments_1h, spent_1d, largest_1d } }, [aDetector()]);
    const customer = aCustomer();
    const amounts = Array.from({ length: 500 }, (_, at) => ((at * 211) % 500) + 1);

    const answers = await Promise.all(
      amounts.map((amount, at) => decide(paymentOf(customer, `${customer}-${at}`, amount, at % 60), 110_000)),
    );

    expect(answers.flat().every(({ recorded }) => recorded === 'committed')).toBe(true);
    const [last] = await decide(paymentOf(customer, `${customer}-last`, 1, 60));
    expect(last?.decision.features).toMatchObject({ payments_1h: 500, spent_1d: 125_250, largest_1d: 500 });
  }, 120_000);

  test('history that cannot be read is missing, and the event is counted all the same', async () => {
    const { decide } = worldOf();
    const customer = aCustomer();
    await decide(paymentOf(customer, `${customer}-1`, 10));
    served.interfere(({ operation }) => (operation === 'Query' ? 'throttle' : undefined));

    const [answered] = await decide(paymentOf(customer, `${customer}-2`, 5, 1), 1_000);

    served.interfere(() => undefined);
    expect(answered?.decision.degraded).toMatchObject([
      { what: 'history', why: expect.stringMatching(/^(unavailable|timeout)$/) },
    ]);
    expect(answered?.decision.features).toMatchObject({ payments_1h: null, over_largest: null });
    const [next] = await decide(paymentOf(customer, `${customer}-3`, 1, 2));
    expect(next?.decision.features).toMatchObject({ payments_1h: 2, spent_1d: 15, largest_1d: 10 });
  });

  test('what is recorded later counts once it is, and once however often that is delivered', async () => {
    const { decide, queued, ports } = worldOf();
    const customer = aCustomer();
    served.interfere(({ operation }) => (operation === 'TransactWriteItems' ? 'throttle' : undefined));
    const answered = await decide(paymentOf(customer, `${customer}-1`, 12.5), 600);
    served.interfere(() => undefined);
    expect(answered.map(({ recorded }) => recorded)).toEqual(['pending', 'pending']);
    const [decisions, , { moves = [], profiles = [] } = {}] = queued[0]!;
    const message = PendingDecisionSchema.parse(
      JSON.parse(JSON.stringify({ v: 2, decisions, history: { profiles, moves: moves.map(writtenMove) } })),
    );

    for (let delivery = 0; delivery < 2; delivery += 1) await commitPending(message, deadlineIn(2_000), ports);

    const [next] = await decide(paymentOf(customer, `${customer}-2`, 1, 1));
    expect(next?.decision.features).toMatchObject({ payments_1h: 1, spent_1d: 12.5, last_country: 'DE' });
  });
});

describe('of a chunk', () => {
  test('each event sees those before it, in its lot and in those before, and a repeat changes nothing', async () => {
    const { decideAll } = worldOf({ ordering: 'strict' });
    const customer = aCustomer();
    const events = Array.from({ length: 70 }, (_, at) => paymentOf(customer, `${customer}-${at}`, at, at));

    const first = await decideAll(events);
    const again = await decideAll(events);

    expect(first.map(({ features }) => features.payments_1h)).toEqual(events.map((_, at) => at));
    expect(first.map(({ features }) => features.largest_1d)).toEqual(events.map((_, at) => (at === 0 ? null : at - 1)));
    expect(again).toEqual(first);
    const [next] = await decideAll([paymentOf(customer, `${customer}-next`, 1, 70)]);
    expect(next?.features).toMatchObject({ payments_1h: 70, spent_1d: 2_415 });
  });

  test('a rate of an outcome is of what was decided of those before it', async () => {
    const { decideAll } = worldOf({ ordering: 'strict', features: REVIEWED }, [aDetector()]);
    const customer = aCustomer();

    const decisions = await decideAll(
      [500, 50, 500, 50].map((amount, at) => paymentOf(customer, `${customer}-${at}`, amount, at)),
    );

    expect(decisions.map(({ features }) => features.reviewed_1d)).toEqual([null, 1, 1 / 2, 2 / 3]);
  });

  test('a rate of a label, which nothing moves here, is missing and never zero', async () => {
    const features = {
      risk_7d: { rate: 'fraud', per: 'customer', window: '7d', prior: 0.01, weight: 20 },
      payments_7d: { count: true, per: 'customer', window: '7d' },
    };
    const { decideAll } = worldOf({ features }, [aDetector()]);
    const customer = aCustomer();

    const [, last] = await decideAll([0, 1].map((at) => paymentOf(customer, `${customer}-${at}`, 50, at)));

    expect(last?.features).toEqual({ risk_7d: null, payments_7d: 1 });
  });

  test('pages that others move all the time make its groups smaller, and nothing is lost or doubled', async () => {
    const { decideAll } = worldOf({}, [aDetector()]);
    const customer = aCustomer();
    let transactions = 0;
    served.interfere(({ operation, key }) => {
      if (operation !== 'TransactWriteItems') return undefined;
      // The last action of the first transactions, each of many events.
      if (!JSON.stringify(key ?? '').includes(customer)) return undefined;
      transactions += 1;
      return transactions <= 9 ? 'conflict' : undefined;
    });

    await decideAll(Array.from({ length: 20 }, (_, at) => paymentOf(customer, `${customer}-${at}`, 1, at)));

    served.interfere(() => undefined);
    expect(transactions).toBeGreaterThan(9);
    const [next] = await decideAll([paymentOf(customer, `${customer}-next`, 1, 30)]);
    expect(next?.features).toMatchObject({ payments_1h: 20, spent_1d: 20 });
  });

  test('two at once over the same pages are counted exactly', async () => {
    const { decideAll } = worldOf({}, [aDetector()]);
    const customer = aCustomer();
    const eventsOf = (name: string) =>
      Array.from({ length: 40 }, (_, at) => paymentOf(customer, `${customer}-${name}-${at}`, at, at));

    await Promise.all(['a', 'b', 'c'].map((name) => decideAll(eventsOf(name))));

    const [next] = await decideAll([paymentOf(customer, `${customer}-next`, 1, 50)]);
    expect(next?.features).toMatchObject({ payments_1h: 120, spent_1d: 3 * 780, largest_1d: 39 });
  });
});

test('an event type without features asks nothing of history, and moves nothing', async () => {
  const { decide, decideAll } = worldOf({ features: undefined });
  const seen = new Set<string>();
  served.interfere(({ operation, tableName }) => {
    seen.add(`${operation} ${tableName}`);
    return undefined;
  });

  await decide(paymentOf(aCustomer(), 'plain-1', 1));
  await decideAll([paymentOf(aCustomer(), 'plain-2', 1)]);

  expect([...seen].sort()).toEqual(['BatchGetItem events', 'TransactWriteItems events']);
});

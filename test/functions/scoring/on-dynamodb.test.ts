import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';

import { MemoryFileLedger } from '#adapters/memory-file-ledger.ts';
import type { Decision } from '#domain/decision.ts';
import type { EventChunk } from '#domain/messages.ts';
import type { RowResult } from '#ports/results.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { decideChunk } from '../../../functions/scoring/decide-chunk.ts';
import { decideEvent } from '../../../functions/scoring/decide-event.ts';
import { createPlanner } from '../../../functions/scoring/plan-features.ts';
import { createPreparer } from '../../../functions/scoring/prepare-detector.ts';
import { type Served, serveDynamoDb } from '../../local/dynamodb/serve.ts';
import { anEvent } from '../../support/decisions.ts';
import { createEventTable, eventStore } from '../../support/event-table.ts';
import { createProfileTable, profileStore } from '../../support/profile-table.ts';
import { aCatalog, aDetector, fixedClock, remoteSaying, trees } from '../../support/scoring.ts';
import { memorySealer } from '../../support/sealing.ts';

let served: Served;
beforeAll(async () => {
  served = await serveDynamoDb();
  await createEventTable(served.client);
  await createProfileTable(served.client);
});
afterEach(() => served.interfere(() => undefined));
afterAll(() => served.close());

const { catalog, source } = aCatalog({
  detectors: [aDetector({ members: [trees] }), aDetector({ detector: 'second' })],
});
const portsOver = (pending: Decision[]) => ({
  clock: fixedClock,
  catalog: source,
  decisions: eventStore(served.client, () => served.clock.nowMs),
  profiles: profileStore(served.client, () => served.clock.nowMs),
  planFeatures: createPlanner(),
  pending: { add: async (decisions: readonly Decision[]) => void pending.push(...decisions) },
  sealer: memorySealer(fixedClock).sealer,
  prepare: createPreparer({ catalog: source, clock: fixedClock, metrics: silentMetrics }),
  remote: remoteSaying({ failed: 'unavailable' }),
  logger: silentLogger,
  metrics: silentMetrics,
});
const detectors = catalog.detectorsFor('card_payment');
const arrival = (eventId: string, requestId: string) =>
  ({ event: anEvent({ eventId }), contentHash: `hash of ${eventId}`, origin: { kind: 'api', requestId } }) as const;

test('while DynamoDB refuses writes, an answer comes in time and is recorded later', async () => {
  const pending: Decision[] = [];
  served.interfere(({ operation }) => (operation === 'TransactWriteItems' ? 'throttle' : undefined));
  const startedAt = performance.now();

  const command = { arrival: arrival('refused', 'r-1'), catalog, detectors };
  const answered = await decideEvent(command, deadlineIn(500), portsOver(pending));

  expect(performance.now() - startedAt).toBeLessThan(500);
  expect(answered.map(({ recorded }) => recorded)).toEqual(['pending', 'pending']);
  expect(pending).toEqual(answered.map(({ decision }) => decision));
});

test('while DynamoDB answers nothing at all, too', async () => {
  const pending: Decision[] = [];
  served.interfere(() => 'throttle');

  const command = { arrival: arrival('silent', 'r-2'), catalog, detectors };
  const [answered] = await decideEvent(command, deadlineIn(500), portsOver(pending));

  expect(answered).toMatchObject({ recorded: 'pending' });
  expect(answered?.decision.degraded).toMatchObject([{ what: 'record' }]);
});

test('callers at the same time get one and the same decision', async () => {
  const ids = ['r-3', 'r-4', 'r-5', 'r-6'];
  const answers = await Promise.all(
    ids.map((id) =>
      decideEvent({ arrival: arrival('raced', id), catalog, detectors }, deadlineIn(3_000), portsOver([])),
    ),
  );

  const origins = new Set(answers.flat().map(({ decision }) => JSON.stringify(decision.origin)));
  expect(origins.size).toBe(1);
});

test('a chunk is decided under conflicts and throttles, and once more changes nothing', async () => {
  const accesses = { seen: 0 };
  served.interfere(({ operation }) => {
    accesses.seen += 1;
    // Of a transaction, each action is an access of its own: the first few transactions meet one or both.
    if (operation !== 'TransactWriteItems' || accesses.seen > 600) return undefined;
    if (accesses.seen % 90 === 0) return 'conflict';
    return accesses.seen % 130 === 0 ? 'throttle' : undefined;
  });
  const written: RowResult[][] = [];
  const chunk: EventChunk = {
    v: 1,
    kind: 'events',
    fileId: 'file-1',
    sequence: 1,
    eventType: 'card_payment',
    redrives: 0,
    rows: Array.from({ length: 60 }, (_, index) => ({
      row: index + 1,
      event: anEvent({ eventId: `c-${index % 50}` }),
      contentHash: `hash-${index % 50}`,
    })),
  };
  const results = {
    writeChunk: async (_fileId: string, _sequence: number, rows: readonly RowResult[]) => void written.push([...rows]),
  };
  // A ledger that forgets: every delivery is like the first.
  const ports = () => ({ ...portsOver([]), results, ledger: new MemoryFileLedger({ clock: fixedClock }) });

  await (await decideChunk(chunk, deadlineIn(10_000), ports())).rest;
  await (await decideChunk(chunk, deadlineIn(10_000), ports())).rest;

  const dispositions = written[0]!.map(({ disposition }) => disposition);
  expect(dispositions.filter((disposition) => disposition === 'decided')).toHaveLength(50);
  expect(dispositions.filter((disposition) => disposition === 'duplicate')).toHaveLength(10);
  expect(written[1]).toEqual(written[0]);
});

import { describe, expect, test } from '@jest/globals';

import { MemoryDecisionStore } from '#adapters/memory-decision-store.ts';
import { MemoryPersonKeys } from '#adapters/memory-person-keys.ts';
import { PersonSealer } from '#adapters/person-sealer.ts';
import type { Decision } from '#domain/decision.ts';
import { ServiceError } from '#domain/errors.ts';
import { Originals, openOriginals } from '#domain/originals.ts';
import type { Sealed } from '#domain/sealed.ts';
import type { PersonKeys } from '#ports/person-keys.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { commitPending } from '../../../functions/scoring/commit-pending.ts';
import { type DecidePorts, decideEvent } from '../../../functions/scoring/decide-event.ts';
import { createPreparer } from '../../../functions/scoring/prepare-detector.ts';
import { anEvent } from '../../support/decisions.ts';
import {
  aCatalog,
  aDetector,
  countingMetrics,
  fixedClock,
  memoryHistory,
  remoteSaying,
} from '../../support/scoring.ts';

const event = anEvent();
const EMAIL = 'someone.planted@mail.example';
const PERSON = `person#${event.entities.customer}`;
const originals = () => new Originals(new Map([[PERSON, { variables: { email: EMAIL } }]]), event);

const setUp = ({ keys: brokenKeys, storeDown }: { keys?: Partial<PersonKeys>; storeDown?: boolean } = {}) => {
  const { catalog, source } = aCatalog({ detectors: [aDetector(), aDetector({ detector: 'second' })] });
  const store = new MemoryDecisionStore();
  const people = new MemoryPersonKeys(fixedClock);
  const metrics = countingMetrics();
  const keys: PersonKeys = {
    find: brokenKeys?.find ?? ((persons) => people.find(persons)),
    make: brokenKeys?.make ?? ((persons) => people.make(persons)),
  };
  const queued: { decisions: readonly Decision[]; sealed?: Sealed | undefined }[] = [];
  const down = async (): Promise<never> => {
    throw new ServiceError('store_unavailable', 'down');
  };
  const ports: DecidePorts = {
    clock: fixedClock,
    ...memoryHistory(),
    decisions: storeDown ? Object.assign(new MemoryDecisionStore(), { commit: down }) : store,
    pending: { add: async (decisions, _, { sealed } = {}) => void queued.push({ decisions, sealed }) },
    sealer: new PersonSealer({ keys, clock: fixedClock, metrics }),
    prepare: createPreparer({ catalog: source, clock: fixedClock, metrics }),
    remote: remoteSaying({ probability: 0.3 }),
    logger: silentLogger,
    metrics,
  };
  const decide = (requestId = 'r-1', budgetMs = 1_000) =>
    decideEvent(
      {
        arrival: { event, contentHash: 'hash-1', origin: { kind: 'api', requestId } },
        originals: originals(),
        catalog,
        detectors: catalog.detectorsFor('card_payment'),
      },
      deadlineIn(budgetMs),
      ports,
    );
  const opened = async (sealed: Sealed | undefined) =>
    openOriginals(sealed![0]!, (await people.open([PERSON])).get(PERSON)!, event);
  return { decide, store, people, metrics, queued, opened };
};

describe('what is personal in an event that the API decides', () => {
  test('is recorded with it, sealed; no decision and no answer knows of it', async () => {
    const { decide, store, opened } = setUp();

    const answered = await decide();

    expect(await opened(store.sealedOf('card_payment', event.eventId))).toEqual({ variables: { email: EMAIL } });
    expect(JSON.stringify(answered)).not.toMatch(/planted|"sealed"|"box"/);
    expect(answered.flatMap(({ decision }) => decision.degraded)).toEqual([]);
  });

  test('stays as it was first sealed when the event comes again', async () => {
    const { decide, store } = setUp();
    await decide('r-1');
    const before = store.sealedOf('card_payment', event.eventId);

    await decide('r-2');

    expect(store.sealedOf('card_payment', event.eventId)).toBe(before);
  });

  test('goes through the recorded-later queue with what was answered', async () => {
    const { decide, queued, opened } = setUp({ storeDown: true });
    await decide();
    const later = new MemoryDecisionStore();

    const message = JSON.parse(JSON.stringify(queued[0]));
    await commitPending(message, deadlineIn(1_000), {
      decisions: later,
      logger: silentLogger,
      metrics: countingMetrics(),
    });

    expect(await opened(later.sealedOf('card_payment', event.eventId))).toEqual({ variables: { email: EMAIL } });
  });

  const rejecting = async (): Promise<never> => {
    throw new ServiceError('store_unavailable', 'down');
  };
  const hanging: PersonKeys['find'] = (_, { signal }) =>
    new Promise((_, reject) =>
      signal.addEventListener('abort', () => reject(new ServiceError('store_unavailable', ''))),
    );

  test.each([
    { what: 'down', keys: { find: rejecting }, why: 'unavailable' },
    { what: 'without KMS', keys: { make: rejecting }, why: 'unavailable' },
    { what: 'late', keys: { find: hanging }, why: 'timeout' },
  ])(
    'is missing while people’s keys are $what: decided in time all the same, said and counted',
    async ({ keys, why }) => {
      const { decide, store, metrics } = setUp({ keys });
      const startedMs = performance.now();

      const answered = await decide('r-1', 400);

      expect(performance.now() - startedMs).toBeLessThan(400);
      expect(answered.map(({ recorded }) => recorded)).toEqual(['committed', 'committed']);
      for (const { decision } of answered) expect(decision.degraded).toMatchObject([{ what: 'originals', why }]);
      expect(store.sealedOf('card_payment', event.eventId)).toBeUndefined();
      expect(metrics.counts.get('OriginalsUnsealed')).toBe(1);
      expect(metrics.counts.get('DecisionsDegraded')).toBe(2);
    },
  );
});

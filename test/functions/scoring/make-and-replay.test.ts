import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { Decision } from '#domain/decision.ts';
import { DecisionSchema } from '#domain/decision.ts';
import { buildReference } from '#model/reference.ts';
import type { RemoteAnswer } from '#ports/remote-members.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { makeDecision } from '../../../functions/scoring/make-decision.ts';
import { referenceSubjectOf } from '../../../functions/scoring/prepare-detector.ts';
import type { PreparedDetector } from '../../../functions/scoring/prepared-detector.ts';
import { replayDecision } from '../../../functions/scoring/replay-decision.ts';
import { anEvent } from '../../support/decisions.ts';
import {
  aDetector,
  type CatalogParts,
  fixedClock,
  NOTHING_KNOWN,
  NOW_MS,
  prepared,
  remote,
  remoteSaying,
  stump,
  trees,
} from '../../support/scoring.ts';

const lists = {
  risky: {
    version: 3,
    hash: 'list',
    document: { format: 1 as const, list: 'risky', values: [{ value: 'FR', until: '2026-11-01T10:00:06.000Z' }] },
  },
};
const detector = aDetector({
  members: [trees, remote],
  rules: {
    mode: 'all_matched',
    list: [
      { id: 'likely', when: '$score >= 900', outcomes: ['review'] },
      { id: 'risky', when: '$country in @risky', outcomes: ['decline'] },
      { id: 'today', when: 'isafter(getcurrentdatetime(), "2026-11-01T00:00:00Z")', outcomes: ['note'] },
    ],
    otherwise: ['approve'],
  },
  whenDegraded: { from: 'embedded', outcomes: ['review'] },
});
const ready = async (parts: CatalogParts = {}): Promise<PreparedDetector> => {
  const bare = await prepared({ detectors: [detector], lists, ...parts });
  const rows = Array.from({ length: 500 }, (_, at) => [(at + 1) / 502, (at + 1) / 502]);
  const reference = buildReference(rows, referenceSubjectOf(bare.detector, bare.members));
  return prepared({ detectors: [detector], lists, references: { 'card-payments': reference }, ...parts });
};
const make = (
  variables: Record<string, string | number>,
  said: RemoteAnswer,
  on: PreparedDetector,
): Promise<Decision> =>
  makeDecision(
    { event: anEvent({ variables }), contentHash: 'hash', origin: { kind: 'api', requestId: 'r' } },
    on,
    deadlineIn(1_000),
    NOTHING_KNOWN,
    { clock: fixedClock, remote: remoteSaying(said), metrics: silentMetrics },
  );

describe('a decision', () => {
  test('pins what it used', async () => {
    const on = await ready();

    const decision = await make({ amount: 80, country: 'FR' }, { probability: 0.5 }, on);

    expect(DecisionSchema.parse(decision)).toEqual(decision);
    // The stump says log-odds 2 from 50 on; with even odds from the endpoint, their mean is 1.
    expect(decision.probability).toBeCloseTo(1 / (1 + Math.exp(-1)), 6);
    expect(decision).toMatchObject({
      snapshot: on.snapshot,
      entityKinds: { customer: 'person', terminal: 'terminal' },
      decidedAt: '2026-11-01T10:00:05.000Z',
      members: [
        { member: 'trees', model: 'card-payments-trees@1', modelHash: expect.any(String) },
        { member: 'remote', model: 'fraud-xgb', probability: 0.5 },
      ],
      lists: { risky: 3 },
      rung: 'full',
      degraded: [],
    });
    expect(decision.outcomes).toEqual(expect.arrayContaining(['decline', 'note']));
  });

  test('goes on with the embedded member when the endpoint fails, and says so', async () => {
    const decision = await make({ amount: 80 }, { failed: 'timeout' }, await ready());

    expect(decision).toMatchObject({
      rung: 'embedded',
      degraded: [{ what: 'member:remote', why: 'timeout', spentMs: expect.any(Number) }],
    });
    expect(decision.outcomes).toContain('review');
    expect(decision.probability).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
  });

  test('without its reference has no score, and adds what the detector adds when degraded', async () => {
    const decision = await make(
      { amount: 80 },
      { probability: 0.5 },
      await ready({ references: { 'card-payments': {} } }),
    );

    expect(decision.probability).toBeDefined();
    expect(decision.score).toBeUndefined();
    expect(decision).toMatchObject({ rung: 'full', degraded: [{ what: 'reference', why: 'not_loaded' }] });
    expect(decision.outcomes).toContain('review');
  });

  test('rests on rules alone under the kill switch, and nobody is asked', async () => {
    let asked = 0;
    const on = await ready({ rulesOnly: ['card-payments'] });

    const decision = await makeDecision(
      { event: anEvent({ variables: {} }), contentHash: 'hash', origin: { kind: 'api', requestId: 'r' } },
      on,
      deadlineIn(1_000),
      NOTHING_KNOWN,
      {
        clock: fixedClock,
        remote: {
          ask: async () => {
            asked += 1;
            return { probability: 0.5 };
          },
        },
        metrics: silentMetrics,
      },
    );

    expect(asked).toBe(0);
    expect(decision).toMatchObject({
      rung: 'rules',
      degraded: [{ what: 'models', why: 'kill_switch', spentMs: 0 }],
    });
    expect(decision.probability).toBeUndefined();
  });

  test('a missing variable is missing to the model, whatever default rules see', async () => {
    const decision = await make({ country: 'ES' }, { failed: 'timeout' }, await ready());

    // Missing goes the way of small amounts in the stump: log-odds -3.
    expect(decision.probability).toBeCloseTo(1 / (1 + Math.exp(3)), 6);
  });

  test('a remote member that throws costs its answer alone', async () => {
    const thrower = { ask: () => Promise.reject(new Error('bug')) };

    const decision = await makeDecision(
      { event: anEvent(), contentHash: 'hash', origin: { kind: 'api', requestId: 'r' } },
      await ready(),
      deadlineIn(1_000),
      NOTHING_KNOWN,
      { clock: fixedClock, remote: thrower, metrics: silentMetrics },
    );

    expect(decision).toMatchObject({ rung: 'embedded', degraded: [{ what: 'member:remote', why: 'fault' }] });
  });
});

describe('replay', () => {
  test('of a stored record gives the same decision, to the last bit', async () => {
    const killed = { rulesOnly: ['card-payments'] };
    const broken = { model: new TextEncoder().encode('{}') };
    const catalogs = [await ready(), await ready(killed), await ready(broken)];
    const said = fc.oneof(
      fc.record({ probability: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ failed: fc.constantFrom('timeout' as const, 'bad_answer' as const, 'breaker_open' as const) }),
    );
    const variables = fc.record(
      { amount: fc.double({ min: 0, max: 1_000, noNaN: true }), country: fc.constantFrom('FR', 'ES') },
      { requiredKeys: [], noNullPrototype: true },
    );
    await fc.assert(
      fc.asyncProperty(variables, said, fc.constantFrom(0, 1, 2), async (values, answer, which) => {
        const catalog = catalogs[which]!;
        const decision = await make(values, answer, catalog);
        const stored: Decision = DecisionSchema.parse(JSON.parse(JSON.stringify(decision)));

        expect(replayDecision(stored, catalog)).toStrictEqual(decision);
      }),
      { numRuns: 100 },
    );
  });

  test('a year later, lists count as they did at the time', async () => {
    const on = await ready();
    const decision = await make({ country: 'FR' }, { probability: 0.01 }, on);

    expect(Date.parse(decision.decidedAt)).toBe(NOW_MS);
    expect(replayDecision(decision, on).outcomes).toContain('decline');
  });

  test('shows when a model is not what it was', async () => {
    const decision = await make({ amount: 80 }, { probability: 0.5 }, await ready());
    const other = await prepared({ detectors: [detector], lists, model: stump({ above: 1 }) });

    const replayed = replayDecision(decision, { ...other, snapshot: decision.snapshot });

    expect(replayed.probability).not.toBe(decision.probability);
  });

  test('with another catalog is refused', async () => {
    const decision = await make({ amount: 80 }, { probability: 0.5 }, await ready());

    const on = await ready();
    expect(() => replayDecision({ ...decision, snapshot: 'another' }, on)).toThrow(/replay it with snapshot another/);
  });
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { paymentType, planOf, problemsWith, type Written } from './catalogs.ts';

const COUNT = 8;
const nameOf = (at: number): string => `f${at}`;

/** For each of some features the others that it is the sum of; itself and circles may be among them. */
const graphs = fc.array(fc.uniqueArray(fc.nat({ max: COUNT - 1 }), { maxLength: 3 }), {
  minLength: COUNT,
  maxLength: COUNT,
});

const writtenOf = (graph: readonly (readonly number[])[]): Written =>
  Object.fromEntries(
    graph.map((reads, at) => [
      nameOf(at),
      { value: ['$amount', ...reads.map((read) => `$${nameOf(read)}`)].join(' + ') },
    ]),
  );

/** Features that a feature is made of, near and far. */
const reachedFrom = (graph: readonly (readonly number[])[], from: number): ReadonlySet<number> => {
  const reached = new Set<number>();
  const open = [...graph[from]!];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...graph[next]!);
  }
  return reached;
};

const isCircular = (graph: readonly (readonly number[])[], at: number): boolean => reachedFrom(graph, at).has(at);

/** Value of a feature that no circle is behind: how many paths lead from it down to the amount, which is 1. */
const pathsFrom = (graph: readonly (readonly number[])[], at: number): number =>
  graph[at]!.reduce((sum, read) => sum + pathsFrom(graph, read), 1);

const EVENT = {
  eventId: 'e-1',
  eventType: 'card_payment',
  occurredAt: '2026-03-01T00:00:00.000Z',
  entities: {},
  variables: { amount: 1 },
};

test('features are worked out whatever order they are written in, save those that a circle is behind', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const sound = [...graph.keys()].filter((at) => {
        const behind = [...reachedFrom(graph, at), at];
        return !behind.some((one) => isCircular(graph, one));
      });

      const features = planOf(writtenOf(graph)).evaluate(EVENT, {});

      expect(features).toEqual(Object.fromEntries(sound.map((at) => [nameOf(at), pathsFrom(graph, at)])));
    }),
    { numRuns: 200 },
  );
});

test('circles are told of, each by features that really go round, and nothing else is', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const problems = problemsWith(paymentType(writtenOf(graph)));

      const anyCircle = graph.some((_, at) => isCircular(graph, at));
      expect(problems.length > 0).toBe(anyCircle);
      for (const problem of problems) {
        const [, path = ''] = /derived from itself: (\S+(?: → \S+)+) \|/.exec(problem) ?? [];
        const round = path.split(' → ').map((name) => Number(name.slice(2)));
        expect(round.length).toBeGreaterThan(1);
        expect(round.at(-1)).toBe(round[0]);
        for (const [step, at] of round.slice(0, -1).entries()) expect(graph[at]).toContain(round[step + 1]);
      }
    }),
    { numRuns: 200 },
  );
});

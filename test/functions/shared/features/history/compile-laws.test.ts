import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { featurePlansOf } from '#features/history/compile.ts';
import { overheadBytesOf, PAGE_BYTES, slotBytesOf } from '#features/history/compile-widths.ts';
import type { HistoryPlan, Profile } from '#features/history/plan.ts';
import { durationMs, MAX_PAGES, SLOTS_PER_WINDOW } from '#features/history/windows.ts';
import { loginType, paymentType, planOf, problemsWith, transferType, type Written } from './catalogs.ts';

/** Each run compiles a catalog or two. */
fc.configureGlobal({ numRuns: 50 });

const windows = fc.constantFrom('1m', '5m', '10m', '90s', '1h', '6h', '1d', '36h', '3d', '7d', '30d', '90d');
const wheres = fc.option(
  fc.constantFrom('$amount > 100', '$three_ds', '$country == "DE" and $fee < 2', '$network != null'),
  { nil: undefined },
);
const measures = fc.oneof(
  fc.constantFrom<Readonly<Record<string, unknown>>>(
    { count: true },
    { is_new: true },
    { since_last: true },
    { since_first: true },
    { last: 'country' },
    { distinct: 'terminal' },
    { distinct: 'network' },
    { rate: 'fraud' },
    { rate: 'legit', prior: 0.1, weight: 3 },
    { rate: { detector: 'd', outcome: 'decline' } },
  ),
  fc
    .record({
      kind: fc.constantFrom('sum', 'mean', 'min', 'max', 'stddev'),
      of: fc.constantFrom('amount', 'fee', 'items'),
    })
    .map(({ kind, of }) => ({ [kind]: of })),
);
const features = fc
  .record({
    measure: measures,
    per: fc.constantFrom<string | string[]>('customer', 'terminal', ['customer', 'terminal']),
    window: windows,
    where: wheres,
    delay: fc.option(fc.constantFrom('1h', '7d', '60d'), { nil: undefined }),
    halved: fc.boolean(),
  })
  .map(({ measure, halved, where, delay, ...rest }) => ({
    ...measure,
    ...rest,
    ...(where !== undefined && { where }),
    ...(delay !== undefined && { delay }),
    ...(halved && ('count' in measure || 'sum' in measure) && { half_life: rest.window }),
  }));

const TRANSFORMS = { network: { transform: 'ip_network', of: 'ip' } };
/** Some 1 to 12 features, under names of their own. */
const written: fc.Arbitrary<Written> = fc
  .array(features, { minLength: 1, maxLength: 12 })
  .map((all) => ({ ...TRANSFORMS, ...Object.fromEntries(all.map((feature, at) => [`f${at}`, feature])) }));

/** What a plan is apart from the names of features: who reads which state, and how. */
const readingsOf = ({ features: read }: HistoryPlan): unknown[] =>
  read.map(({ name: _, ...feature }) => JSON.stringify(feature)).sort();
const hashesOf = (profiles: readonly Profile[]): string[] => profiles.map(({ hash }) => hash).sort();
const fullPageBytes = (profile: Profile): number =>
  overheadBytesOf(profile.kinds) +
  (profile.pageMs / profile.slotMs) * slotBytesOf(profile.columns.map(({ measure }) => measure));

test('what the laws are about can be computed', () => {
  fc.assert(fc.property(written, (some) => expect(problemsWith(paymentType(some))).toEqual([])));
});

describe('the plan of any features', () => {
  test('has full pages of at most 1 KB, of whole slots', () => {
    fc.assert(
      fc.property(written, (some) => {
        for (const profile of planOf(some).history.reads) {
          expect(fullPageBytes(profile)).toBeLessThanOrEqual(PAGE_BYTES);
          expect(profile.pageMs % profile.slotMs).toBe(0);
          expect(profile.pageMs).toBeGreaterThan(0);
        }
      }),
    );
  });

  test('reads each feature from slots that divide its window into 24 or more, in at most 96 pages that are kept', () => {
    fc.assert(
      fc.property(written, (some) => {
        const { reads, features: read } = planOf(some).history;
        const byHash = new Map(reads.map((profile) => [profile.hash, profile]));
        for (const feature of read) {
          const { slotMs, pageMs, keepMs } = byHash.get(feature.profile)!;
          expect(feature.windowMs % slotMs).toBe(0);
          expect(feature.windowMs / slotMs).toBeGreaterThanOrEqual(SLOTS_PER_WINDOW);
          expect(feature.windowMs / pageMs).toBeLessThanOrEqual(MAX_PAGES);
          expect(feature.windowMs + feature.delayMs).toBeLessThanOrEqual(keepMs);
          if (feature.reading.kind === 'decayed') {
            expect(feature.reading.halfLifeMs / slotMs).toBeGreaterThanOrEqual(SLOTS_PER_WINDOW);
          }
        }
      }),
    );
  });

  test('names every column once, and only columns that are there', () => {
    fc.assert(
      fc.property(written, (some) => {
        const { reads, features: read } = planOf(some).history;
        for (const { columns } of reads) {
          expect(new Set(columns.map(({ key }) => key)).size).toBe(columns.length);
          for (const { key } of columns) expect(key).toMatch(/^[a-z]{1,3}$/);
        }
        for (const { profile, reading } of read) {
          const keys = reads.find(({ hash }) => hash === profile)!.columns.map(({ key }) => key);
          for (const name of ['column', 'sum', 'squares', 'count', 'part'] as const) {
            const key = (reading as Partial<Record<typeof name, string>>)[name];
            if (key !== undefined) expect(keys).toContain(key);
          }
        }
      }),
    );
  });

  test('moves what it reads of its own events, each once', () => {
    fc.assert(
      fc.property(written, (some) => {
        const { reads, moves } = planOf(some).history;

        expect(hashesOf(moves)).toEqual(hashesOf(reads));
        expect(new Set(hashesOf(moves)).size).toBe(moves.length);
      }),
    );
  });
});

describe('state is kept', () => {
  test('whatever the features are called, and in whatever order they stand', () => {
    fc.assert(
      fc.property(written, fc.infiniteStream(fc.nat()), (some, random) => {
        const order = new Map(Object.keys(some).map((name) => [name, random.next().value]));
        const renamed = Object.entries(some)
          .toSorted(([left], [right]) => order.get(left)! - order.get(right)!)
          .map(([name, feature]) => [name === 'network' ? name : `other_${name}`, feature] as const);
        const [before, after] = [planOf(some).history, planOf(Object.fromEntries(renamed)).history];

        expect(hashesOf(after.moves)).toEqual(hashesOf(before.moves));
        expect(readingsOf(after)).toEqual(readingsOf(before));
      }),
    );
  });

  test('whatever other event types there are, and in whatever order', () => {
    fc.assert(
      fc.property(written, (some) => {
        const payment = paymentType(some);
        const [alone, among] = [
          [payment],
          [transferType({ f: { count: true, per: 'payer', window: '1d' } }), loginType(), payment],
        ];
        const movesIn = (types: typeof alone) => hashesOf(featurePlansOf(types).get('card_payment')!.history.moves);

        expect(movesIn(among)).toEqual(movesIn(alone));
      }),
    );
  });

  test('when derived features and transforms come in', () => {
    fc.assert(
      fc.property(written, (some) => {
        const more = { ...some, d: { value: '$f0 == null' }, t: { transform: 'email_domain', of: 'email' } };

        expect(hashesOf(planOf(more).history.moves)).toEqual(hashesOf(planOf(some).history.moves));
      }),
    );
  });
});

describe('the state of', () => {
  const hashOf = (feature: Written[string], rest: Written = {}): string | undefined =>
    planOf({ f: feature, ...rest }).history.moves[0]?.hash;
  const RISK = { rate: 'fraud', per: 'terminal', window: '30d', delay: '7d', where: '$amount > 100' };
  const NETWORKS = { count: true, per: 'customer', window: '1d', where: '$network == "10.0.0.0/24"' };

  test.each<[string, Written[string], Written[string]]>([
    ['a window as long as another', RISK, { ...RISK, window: '60d' }],
    ['a delay that is a little longer', RISK, { ...RISK, delay: '14d' }],
    ['another prior', RISK, { ...RISK, prior: 0.2, weight: 2 }],
    ['a condition with other spaces', RISK, { ...RISK, where: '($amount>1e2)  # much' }],
    [
      'a pair the other way round',
      { ...RISK, per: ['customer', 'terminal'] },
      { ...RISK, per: ['terminal', 'customer'] },
    ],
    [
      'the current event counted',
      { count: true, per: 'customer', window: '1d' },
      { count: true, per: 'customer', window: '1d', current: 'included' },
    ],
    [
      'whether there is any',
      { count: true, per: 'customer', window: '1d' },
      { is_new: true, per: 'customer', window: '1d' },
    ],
  ])('%s is the same', (_, before, after) => {
    expect(hashOf(after)).toBe(hashOf(before));
  });

  test.each<[string, Written[string], Written[string]]>([
    ['another label', RISK, { ...RISK, rate: 'legit' }],
    ['another condition', RISK, { ...RISK, where: '$amount > 101' }],
    ['no condition', RISK, { rate: 'fraud', per: 'terminal', window: '30d', delay: '7d' }],
    ['another role', RISK, { ...RISK, per: 'customer' }],
    ['finer slots', RISK, { ...RISK, window: '3d' }],
    ['a much longer delay', RISK, { ...RISK, delay: '60d' }],
    ['a busy entity', RISK, { ...RISK, hot: 'stream' }],
    [
      'other decimals',
      { sum: 'amount', per: 'customer', window: '1d' },
      { sum: 'amount', per: 'customer', window: '1d', decimals: 3 },
    ],
    [
      'another variable',
      { sum: 'amount', per: 'customer', window: '1d' },
      { sum: 'fee', decimals: 2, per: 'customer', window: '1d' },
    ],
  ])('%s is another', (_, before, after) => {
    expect(hashOf(after)).not.toBe(hashOf(before));
  });

  test('a condition over a transform is the same under another name of the transform, and another over another', () => {
    const transform = { transform: 'ip_network', of: 'ip' };

    const before = hashOf(NETWORKS, { network: transform });

    expect(hashOf({ ...NETWORKS, where: '$net == "10.0.0.0/24"' }, { net: transform })).toBe(before);
    expect(hashOf(NETWORKS, { network: { transform: 'category', of: 'country' } })).not.toBe(before);
  });

  test('a variable of another type is another', () => {
    const feature = { count: true, per: 'customer', window: '1d', where: '$fee != null' };
    const hashWith = (type: string) =>
      featurePlansOf([paymentType({ f: feature }, { variables: { fee: { type } } })]).get('card_payment')!.history
        .moves[0]!.hash;

    expect(hashWith('integer')).not.toBe(hashWith('number'));
    expect(hashWith('integer')).toBe(hashWith('integer'));
  });
});

test('windows that are far apart have profiles of their own, the fewest that their pages allow', () => {
  const windowed = (...all: string[]) =>
    planOf(
      Object.fromEntries(all.map((window, at) => [`f${at}`, { mean: 'amount', per: 'customer', window }])),
    ).history.reads.map(({ slotMs, pageMs }) => [slotMs, pageMs]);

  expect(windowed('1d', '7d', '30d', '90d')).toEqual([[durationMs('1h'), durationMs('31h')]]);
  expect(windowed('1h', '1d').sort()).toEqual([[durationMs('1m'), durationMs('31m')]]);
  expect(windowed('10m', '1d', '30d').sort((a, b) => a[0]! - b[0]!)).toEqual([
    [durationMs('15s'), durationMs('465s')],
    [durationMs('1h'), durationMs('31h')],
  ]);
});

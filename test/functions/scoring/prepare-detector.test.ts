import { expect, test } from '@jest/globals';

import type { RegisteredDetector } from '#domain/catalog/detector.ts';
import { deadlineIn, orAborted } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { createPreparer } from '../../../functions/scoring/prepare-detector.ts';
import { aCatalog, aDetector, type CatalogParts, fixedClock, NOW_MS, prepared, trees } from '../../support/scoring.ts';

const soon = () => deadlineIn(1_000);
const withTrees = aDetector({ members: [trees] });

/** A preparer over a catalog, with a count of the objects that were read. */
const preparing = (parts: CatalogParts, nowMs = fixedClock.nowMs) => {
  const { catalog, source } = aCatalog(parts);
  const reads: string[] = [];
  const bytes: typeof source.bytes = (object, deadline) => {
    reads.push(object.key);
    return source.bytes(object, deadline);
  };
  const prepare = createPreparer({ catalog: { bytes }, clock: { nowMs }, metrics: silentMetrics });
  const [detector] = catalog.detectorsFor('card_payment');
  return { reads, again: () => prepare(catalog, detector as RegisteredDetector, soon(), silentLogger) };
};

test('a detector is prepared once', async () => {
  const { reads, again } = preparing({ detectors: [withTrees] });

  const first = await again();

  expect(await again()).toBe(first);
  expect(reads).toHaveLength(1);
  expect(first.degraded).toEqual([]);
});

test.each([
  { what: 'no XGBoost model', model: new TextEncoder().encode('{"not":"a model"}') },
  { what: 'cut short', model: new TextEncoder().encode('{"learner":') },
])('a model that is $what leaves its member out, and is tried again after ten seconds', async ({ model }) => {
  let nowMs = NOW_MS;
  const { reads, again } = preparing({ detectors: [withTrees], model }, () => nowMs);

  const first = await again();
  nowMs += 9_999;
  await again();
  expect(reads).toHaveLength(1);
  nowMs += 1;
  await again();

  expect(reads).toHaveLength(2);
  expect(first.members[0]?.embedded).toBeUndefined();
  expect(first.degraded).toEqual([{ what: 'member:trees', why: 'not_loaded', spentMs: expect.any(Number) }]);
});

test('a model that came too late for one caller is there for the next', async () => {
  const { catalog, source } = aCatalog({ detectors: [withTrees] });
  let late = true;
  const bytes: typeof source.bytes = (object, deadline) =>
    late ? orAborted(new Promise<never>(() => {}), deadline.signal) : source.bytes(object, deadline);
  const prepare = createPreparer({ catalog: { bytes }, clock: fixedClock, metrics: silentMetrics });
  const detector = catalog.detector('card-payments') as RegisteredDetector;

  const first = await prepare(catalog, detector, deadlineIn(30), silentLogger);
  late = false;
  const second = await prepare(catalog, detector, soon(), silentLogger);

  expect(first.degraded).toMatchObject([{ what: 'member:trees', why: 'timeout' }]);
  expect(second.degraded).toEqual([]);
});

test('a reference that is for other models is not used', async () => {
  const stale = {
    format: 1,
    detector: 'card-payments',
    combine: 'mean_logit',
    members: [{ name: 'trees', modelHash: 'another', weight: 1 }],
    events: 100,
    sets: {},
  };

  const { reference, degraded } = await prepared({ detectors: [withTrees], references: { 'card-payments': stale } });

  expect(reference).toBeUndefined();
  expect(degraded).toMatchObject([{ what: 'reference', why: 'not_loaded' }]);
});

test('a model of another version of the catalog is not registered here, and nothing crashes', async () => {
  const { degraded } = await prepared({ detectors: [aDetector({ members: [{ ...trees, version: 9 }] })] });

  expect(degraded).toMatchObject([{ what: 'member:trees', why: 'not_loaded' }]);
});

test('the kill switch comes with the catalog', async () => {
  expect((await prepared({ detectors: [withTrees] })).rulesOnly).toBe(false);
  expect((await prepared({ detectors: [withTrees], rulesOnly: ['card-payments'] })).rulesOnly).toBe(true);
});

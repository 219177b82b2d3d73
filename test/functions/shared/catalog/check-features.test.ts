import { expect, test } from '@jest/globals';

import type { EventType } from '#domain/catalog/event-type.ts';
import { type CatalogSnapshot, CatalogSnapshotSchema } from '#domain/catalog/snapshot.ts';
import { newProblems, problemsIn } from '../../../../functions/shared/catalog/check-snapshot.ts';
import { aDetector } from '../../../support/scoring.ts';
import { loginType, paymentType } from '../features/history/catalogs.ts';

const FEATURES = {
  logins_1h: { count: true, of: 'login', per: 'customer', window: '1h' },
  refused_7d: { rate: { detector: 'card-payments', outcome: 'review' }, per: 'customer', window: '7d' },
};

const snapshotOf = (eventTypes: readonly EventType[], rule: string): CatalogSnapshot =>
  CatalogSnapshotSchema.parse({
    format: 1,
    eventTypes: Object.fromEntries(
      eventTypes.map((document) => [document.eventType, { version: 1, hash: 'h', document }]),
    ),
    detectors: {
      'card-payments': {
        active: 1,
        versions: [
          {
            version: 1,
            hash: 'h',
            document: aDetector({
              rules: { list: [{ id: 'burst', when: rule, outcomes: ['review'] }], otherwise: ['approve'] },
            }),
          },
        ],
      },
    },
    lists: {},
    models: {},
    references: {},
    switches: { format: 1 },
  });

const RULE = '$logins_1h > 5 or $refused_7d > 0.5';
const STANDING = snapshotOf([paymentType(FEATURES), loginType()], RULE);
const brought = (next: CatalogSnapshot): readonly string[] =>
  newProblems(problemsIn(STANDING), problemsIn(next)).map(
    ({ document, path, problem }) => `${document} ${path}: ${problem}`,
  );

test('features that name another event type and a detector that are there are fine', () => {
  expect(problemsIn(STANDING)).toEqual([]);
});

test('a change of one document is refused for the features and rules of others that it breaks', () => {
  const noLogins = snapshotOf([paymentType(FEATURES)], RULE);

  expect(brought(noLogins)).toEqual([
    "event-type#card_payment features.logins_1h.of: there is no event type 'login'",
    'detector#card-payments rules.list.0.when: unknown variable $logins_1h (column 1 of the rule)',
  ]);
});

test('a feature cannot be taken away from rules that ask for it', () => {
  const { logins_1h: _, ...rest } = FEATURES;

  expect(brought(snapshotOf([paymentType(rest), loginType()], RULE))).toEqual([
    'detector#card-payments rules.list.0.when: unknown variable $logins_1h (column 1 of the rule)',
  ]);
});

test('a feature over the decisions of a detector asks for that detector, its event type and its outcomes', () => {
  const rated = (rate: object) =>
    snapshotOf([paymentType({ ...FEATURES, refused_7d: { ...FEATURES.refused_7d, rate } }), loginType()], RULE);

  expect(brought(rated({ detector: 'none', outcome: 'review' }))).toEqual([
    "event-type#card_payment features.refused_7d.rate.detector: there is no detector 'none'",
  ]);
  expect(brought(rated({ detector: 'card-payments', outcome: 'block' }))).toEqual([
    "event-type#card_payment features.refused_7d.rate.outcome: 'block' is no outcome of 'card-payments'",
  ]);
});

test('decisions on events of another type are told apart', () => {
  const of = { rate: { detector: 'card-payments', outcome: 'review' }, of: 'login', per: 'customer', window: '7d' };

  expect(brought(snapshotOf([paymentType({ ...FEATURES, refused_logins: of }), loginType()], RULE))).toEqual([
    "event-type#card_payment features.refused_logins.rate.detector: detector 'card-payments' judges events of type 'card_payment', not 'login'",
  ]);
});

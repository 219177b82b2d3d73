import { expect, test } from '@jest/globals';

import { EventTypeSchema } from '#domain/catalog/event-type.ts';
import { featurePlansOf } from '#features/history/compile.ts';
import { matrixColumnsOf, matrixRowOf } from '../../../bin/replay/matrix.ts';
import { paymentOf } from './payments.ts';

const typeWith = (variables: object, features: object = {}) =>
  EventTypeSchema.parse({
    format: 1,
    eventType: 'payment',
    purpose: 'fraud-detection',
    entities: { customer: 'person' },
    variables,
    features,
  });

const columnsOf = (eventType: ReturnType<typeof typeWith>) =>
  matrixColumnsOf(eventType, featurePlansOf([eventType]).get('payment')!).map(({ name, type }) => [name, type]);

test('columns have the types that models see, a token in place of what is personal', () => {
  const variables = {
    amount: { type: 'money' },
    pieces: { type: 'integer' },
    online: { type: 'boolean' },
    born: { type: 'datetime' },
    mail: { type: 'email', personal: true },
  };
  const features = { first_time: { is_new: true, per: 'customer', window: '1d' } };

  expect(columnsOf(typeWith(variables, features))).toEqual([
    ['event_id', 'string'],
    ['occurred_at', 'timestamp'],
    ['amount', 'double'],
    ['pieces', 'double'],
    ['online', 'boolean'],
    ['born', 'string'],
    ['mail', 'string'],
    ['first_time', 'boolean'],
    ['event_label', 'string'],
    ['label_timestamp', 'timestamp'],
  ]);
});

test('a variable that has the name of a column of its own is refused', () => {
  expect(() => columnsOf(typeWith({ event_label: { type: 'string' } }))).toThrow(
    "'event_label' of event type 'payment' is a column of every matrix; give it another name",
  );
});

test('an event that nobody said anything of has no label', () => {
  const row = matrixRowOf({ event: paymentOf('p-1'), atMs: 0, features: { count_1d: null }, label: undefined });

  expect(row).toEqual({
    event_id: 'p-1',
    occurred_at: new Date(0),
    amount: 5,
    count_1d: null,
    event_label: null,
    label_timestamp: null,
  });
});

import { expect, test } from '@jest/globals';

import { SeenEvents } from '../../../bin/replay/seen-events.ts';
import { paymentOf } from './payments.ts';

test('an event is new once, then a duplicate, and its id for other content a conflict', () => {
  const seen = new SeenEvents();

  expect(seen.meet(paymentOf('p-1'), 'content')).toBe('new');
  expect(seen.meet(paymentOf('p-1'), 'content')).toBe('duplicate');
  expect(seen.meet(paymentOf('p-1'), 'other')).toBe('conflict');
});

test('an id of another event type is another event', () => {
  const seen = new SeenEvents();
  seen.meet(paymentOf('p-1'), 'content');

  expect(seen.meet({ ...paymentOf('p-1'), eventType: 'login' }, 'content')).toBe('new');
});

test('nothing is forgotten as more is met', () => {
  const seen = new SeenEvents();
  const ids = Array.from({ length: 10_000 }, (_, index) => paymentOf(`p-${index}`));

  expect(new Set(ids.map((event) => seen.meet(event, event.eventId)))).toEqual(new Set(['new']));
  expect(new Set(ids.map((event) => seen.meet(event, event.eventId)))).toEqual(new Set(['duplicate']));
});

import { expect, test } from '@jest/globals';

import { apiBodies, faultOf, LEAST_ACCEPTED } from './api-bodies.ts';
import { leakOf, openDoors } from './doors.ts';
import { differenceOf, FIXED_BODIES } from './fixed-bodies.ts';

test.each(FIXED_BODIES)('refuses $name', async (body) => {
  const answer = await openDoors().send(body.call);

  expect(differenceOf(body, answer)).toBeUndefined();
  expect(leakOf(answer)).toBeUndefined();
  expect(answer.status >= 300 ? faultOf(body.call, answer) : undefined).toBeUndefined();
});

test.each(['eventType', 'eventTypeName', 'event_type', 'EVENT_TYPE'])(
  'a flat event names its type as %s',
  async (name) => {
    const event = {
      event_id: 'e-1',
      [name]: 'payment',
      occurred_at: '2026-11-20T10:00:00Z',
      customer: 'c',
      terminal: 't',
      amount: 5,
    };
    const doors = openDoors();

    const decided = await doors.send({ method: 'POST', path: '/v1/decisions', body: JSON.stringify({ event }) });
    const taken = await doors.send({ method: 'POST', path: '/v1/events', body: JSON.stringify({ events: [event] }) });

    expect([decided.status, taken.status]).toEqual([200, 202]);
  },
);

test('there are sixty of them and more, each of its own', () => {
  expect(FIXED_BODIES.length).toBeGreaterThanOrEqual(60);
  expect(new Set(FIXED_BODIES.map(({ name }) => name)).size).toBe(FIXED_BODIES.length);
});

test('mutated bodies end in no 500, show nothing from inside and repeat nothing', async () => {
  const result = await apiBodies.run({ scale: 'small', seed: 20_261_122, onProgress: () => {} });

  expect(result).toMatchObject({ verdict: 'proved' });
  expect(result.counts.accepted).toBeGreaterThan(LEAST_ACCEPTED * result.counts.bodies!);
});

test.each([
  { what: 'a 500', answer: { status: 500, contentType: 'application/problem+json', text: '{}' }, fault: /answers 500/ },
  {
    what: 'a stack',
    answer: { status: 400, contentType: 'application/problem+json', text: '"at decide (/tmp/x.ts:3:1)"' },
    fault: /shows internals/,
  },
  {
    what: 'a value of the request',
    answer: { status: 400, contentType: 'application/problem+json', text: '{"detail":"Zq7 is no date"}' },
    fault: /repeats a value/,
  },
  {
    what: 'an answer nobody documented',
    answer: { status: 418, contentType: 'x', text: '{}' },
    fault: /not documented/,
  },
])('$what would be told', ({ answer, fault }) => {
  expect(faultOf({ method: 'POST', path: '/v1/decisions', body: '{}' }, answer)).toMatch(fault);
});

import { inspect } from 'node:util';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { hmacTokeniser } from '#adapters/secret-tokeniser.ts';
import { admitEvent } from '#domain/admit-event.ts';
import { type EventType, EventTypeSchema } from '#domain/catalog/event-type.ts';
import { MAX_SEALED_BYTES, type Originals, originalsOf } from '#domain/originals.ts';
import { peopleOf, personRoleOf } from '#domain/people.ts';

const tokeniser = hmacTokeniser({ current: 1, keys: ['a key of sixteen or more'] });

const eventType = (overrides: object = {}): EventType =>
  EventTypeSchema.parse({
    format: 1,
    eventType: 'order',
    purpose: 'fraud-detection',
    entities: { shop: 'shop', buyer: 'person', payee: 'person' },
    variables: {
      amount: { type: 'number' },
      email: { type: 'email', personal: true },
      payee_phone: { type: 'phone', personal: { of: 'payee' } },
    },
    ...overrides,
  });

const admitted = (type: EventType, variables: Record<string, unknown> = {}, ids: Record<string, string> = {}) => {
  const entities = Object.fromEntries(Object.keys(type.entities).map((role) => [role, ids[role] ?? `${role}-id`]));
  const raw = { eventId: 'o-1', occurredAt: '2026-11-20T10:00:00Z', entities, variables };
  const result = admitEvent(raw, type, { tokeniser, nowMs: Date.parse('2026-11-20T12:00:00Z'), retentionDays: 30 });
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result;
};

/** What would be sealed, by person. */
const held = (originals: Originals | undefined) =>
  Object.fromEntries(
    (originals?.seal((_, text) => text) ?? []).map(({ person, box }) => [person, JSON.parse(box) as unknown]),
  );
const person = (kind: string, id: string) => `${kind}#${tokeniser.token(kind, id)}`;

describe('whose a personal value is', () => {
  test('ids of people are theirs, and personal variables those of the first of them, or of whom the variable names', () => {
    const { originals } = admitted(eventType(), {
      amount: 5,
      email: 'Jane@Mail.example',
      payee_phone: '+44 20 7946 0958',
    });

    expect(held(originals)).toEqual({
      [person('person', 'buyer-id')]: { entities: { buyer: 'buyer-id' }, variables: { email: expect.any(String) } },
      [person('person', 'payee-id')]: {
        entities: { payee: 'payee-id' },
        variables: { payee_phone: expect.any(String) },
      },
    });
  });

  test('one person in two roles has one box', () => {
    const { originals } = admitted(eventType(), { email: 'j@mail.example' }, { buyer: 'same', payee: 'same' });

    expect(held(originals)).toEqual({
      [person('person', 'same')]: {
        entities: { buyer: 'same', payee: 'same' },
        variables: { email: 'j@mail.example' },
      },
    });
  });

  test('an event type says itself who its people are', () => {
    const type = eventType({ people: ['shop'] });

    expect(peopleOf(type)).toEqual(['shop']);
    expect(held(admitted(type, { email: 'j@mail.example' }).originals)).toEqual({
      [person('shop', 'shop-id')]: { entities: { shop: 'shop-id' }, variables: { email: 'j@mail.example' } },
    });
  });

  test('without people, a personal variable is of the first role; its id is not sealed', () => {
    const type = eventType({ people: [], variables: { email: { type: 'email', personal: true } } });

    expect(held(admitted(type, { email: 'j@mail.example' }).originals)).toEqual({
      [person('shop', 'shop-id')]: { variables: { email: 'j@mail.example' } },
    });
  });

  test('without any role, originals are kept nowhere', () => {
    const type = eventType({ entities: {}, variables: { email: { type: 'email', personal: true } } });

    expect(admitted(type, { email: 'j@mail.example' }).originals).toBeUndefined();
  });

  test.each([
    { personal: false, role: undefined },
    { personal: true, role: 'buyer' },
    { personal: { of: 'payee' }, role: 'payee' },
  ] as const)('personal: $personal is of role $role', ({ personal, role }) => {
    expect(personRoleOf({ personal }, eventType())).toBe(role);
  });
});

describe('originals', () => {
  const { originals, event } = admitted(eventType(), { email: 'jane.planted@mail.example' });

  test('show nothing of themselves to logs, JSON and consoles', () => {
    const shown = [
      JSON.stringify({ originals }),
      String(originals),
      inspect(originals, { depth: 9, showHidden: true }),
    ];

    expect(shown[0]).toBe('{}');
    for (const text of shown) expect(text).not.toMatch(/jane|buyer-id/);
    expect(JSON.stringify(event)).not.toMatch(/jane|buyer-id/);
  });

  test('take at most the bytes that they say, a function of what was sent alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (note) => {
        const type = eventType({ variables: { note: { type: 'text', personal: true } } });
        const of = () => originalsOf({ ...event, variables: { note } }, event, type)!;

        const boxes = of().seal((_, text) =>
          'x'.repeat(Math.ceil(((61 + Math.ceil((Buffer.byteLength(text) + 1) / 32) * 32) * 4) / 3)),
        );

        expect(of().messageBytes).toBe(Buffer.byteLength(`,"sealed":${JSON.stringify(boxes)}`));
      }),
    );
  });

  test('are not kept when they take too much, and little room is taken for saying so', () => {
    const type = eventType({
      variables: Object.fromEntries(
        Array.from({ length: 4 }, (_, at) => [`t${at}`, { type: 'text', personal: true, maxLength: 8_192 }]),
      ),
    });
    const long = Object.fromEntries(Object.keys(type.variables).map((name) => [name, 'x'.repeat(8_000)]));

    const tooMuch = admitted(type, long).originals!;

    expect(tooMuch.tooLarge).toBe(true);
    expect(tooMuch.messageBytes).toBeLessThan(100);
    expect(MAX_SEALED_BYTES).toBeLessThan(Buffer.byteLength(JSON.stringify(long)) * 1.4);
  });
});

test('the hash of the content knows nothing of sealing: it is what it was before there was any', () => {
  const { contentHash } = admitted(eventType(), { email: 'j@mail.example' });

  expect(contentHash).toBe(admitted(eventType({ people: [] }), { email: 'j@mail.example' }).contentHash);
});

import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { hmacTokeniser } from '#adapters/secret-tokeniser.ts';
import { type AdmittedEvent, admitEvent } from '#domain/admit-event.ts';
import { EventTypeSchema } from '#domain/catalog/event-type.ts';
import { resolveColumns, rowOf } from '#domain/columns.ts';
import { EventSchema } from '#domain/event.ts';

const CARD = '4111111111111111';
const NOW = Date.parse('2026-03-10T12:00:00.000Z');

const eventType = EventTypeSchema.parse({
  format: 1,
  eventType: 'card_payment',
  purpose: 'fraud-detection',
  entities: { customer: 'person', terminal: 'terminal' },
  variables: {
    amount: { type: 'money', min: 0, max: 100_000, required: true },
    items: { type: 'integer' },
    three_ds: { type: 'boolean' },
    email: { type: 'email', personal: true },
    ip: { type: 'ip' },
    note: { type: 'text', maxLength: 20 },
    order_id: { type: 'string', cardNumbers: 'exempt' },
    shipped_at: { type: 'datetime' },
  },
  columns: { note: 'Remark' },
});

const token = (domain: string, value: string): string => `<${domain}:${value}>`;
const tokeniser = {
  token,
  tokens: (domain: string, value: string) => [token(domain, value)],
  fingerprint: (content: string) => `fingerprint of ${content}`,
};
const admission = { tokeniser, nowMs: NOW, retentionDays: 30 };
const admit = (raw: unknown): AdmittedEvent => admitEvent(raw, eventType, admission);
/** With tokens as they are, which say nothing. */
const admitUnderKey = (raw: unknown): AdmittedEvent =>
  admitEvent(raw, eventType, {
    ...admission,
    tokeniser: hmacTokeniser({ current: 1, keys: ['a key of some length'] }),
  });

const valid = {
  eventId: 'e-1',
  occurredAt: '2026-03-10T13:00:00+01:00',
  entities: { customer: 'c-1', terminal: 't-1' },
  variables: { amount: 12.5, items: 2, three_ds: true, email: ' Ann@Example.ORG ', note: 'hello' },
};

const withVariables = (variables: object) => ({ ...valid, variables: { ...valid.variables, ...variables } });

const problemsOf = (admitted: AdmittedEvent): string[] =>
  'problems' in admitted ? admitted.problems.map(({ field, reason }) => `${field} ${reason}`) : ['admitted'];

const eventOf = (admitted: AdmittedEvent) => {
  if ('problems' in admitted) throw new Error(JSON.stringify(admitted.problems));
  return admitted.event;
};

test('an event is typed, normalised, put into UTC and tokenised', () => {
  const event = eventOf(admit(valid));

  expect(event).toEqual({
    eventId: 'e-1',
    eventType: 'card_payment',
    occurredAt: '2026-03-10T12:00:00.000Z',
    entities: { customer: '<person:c-1>', terminal: '<terminal:t-1>' },
    variables: { amount: 12.5, items: 2, three_ds: true, email: '<email:ann@example.org>', note: 'hello' },
  });
  expect(EventSchema.safeParse(eventOf(admitUnderKey(valid))).success).toBe(true);
});

describe('the same event in another form is the same event', () => {
  const [first] = [admit(valid)];
  const header = [
    'EVENT_ID',
    ' Event_Timestamp',
    'Customer',
    'terminal',
    'AMOUNT',
    'items',
    'three_ds',
    'email',
    'remark',
  ];
  const cells = ['e-1', '2026-03-10T12:00:00Z', 'c-1', 't-1', '12.50', '2', 'True', 'ann@example.org', 'hello'];
  const resolved = resolveColumns(header, eventType);
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));

  test.each([
    { form: 'keys in another order', raw: Object.fromEntries(Object.entries(valid).reverse()) },
    {
      form: "Amazon Fraud Detector's, by kind and by role",
      raw: {
        eventId: 'e-1',
        eventTypeName: 'card_payment',
        eventTimestamp: '2026-03-10T12:00:00Z',
        entities: [
          { entityType: 'person', entityId: 'c-1' },
          { entityType: 'terminal', entityId: 't-1' },
        ],
        eventVariables: {
          amount: '12.5',
          items: '2',
          three_ds: 'true',
          email: 'ann@example.org',
          note: 'hello',
          ip: '',
        },
      },
    },
    {
      form: 'a flat object',
      raw: {
        event_id: 'e-1',
        occurred_at: '2026-03-10T12:00:00Z',
        customer: 'c-1',
        terminal: 't-1',
        amount: 12.5,
        items: 2,
        three_ds: true,
        email: 'ann@example.org',
        Remark: 'hello',
      },
    },
    { form: 'a row of a file', raw: rowOf(resolved.plan, cells) },
  ])('$form', ({ raw }) => {
    const admitted = admit(raw);

    expect(eventOf(admitted)).toEqual(eventOf(first!));
    expect(admitted).toMatchObject({ contentHash: (first as { contentHash: string }).contentHash });
  });

  test('and other content has another hash', () => {
    const changed = admit(withVariables({ amount: 12.51 }));

    expect((changed as { contentHash: string }).contentHash).not.toBe((first as { contentHash: string }).contentHash);
  });
});

test('keys of a flat object that mean nothing here are named', () => {
  const admitted = admit({
    event_id: 'e-1',
    occurred_at: '2026-03-10T12:00:00Z',
    customer: 'c-1',
    terminal: 't-1',
    amount: 1,
    stray: 1,
  });

  expect(admitted).toMatchObject({ ignored: ['stray'] });
});

describe('what is wrong is said by field and reason', () => {
  test.each([
    { raw: 'text', problems: ['(row) not_an_object'] },
    { raw: null, problems: ['(row) not_an_object'] },
    { raw: [valid], problems: ['(row) not_an_object'] },
    { raw: { ...valid, eventId: undefined }, problems: ['eventId missing_field'] },
    { raw: { ...valid, eventId: 7 }, problems: ['eventId bad_event_id'] },
    { raw: { ...valid, eventId: 'with space' }, problems: ['eventId bad_event_id'] },
    { raw: { ...valid, eventId: `id-${CARD}` }, problems: ['eventId card_number'] },
    { raw: { ...valid, eventType: 'login' }, problems: ['eventType wrong_event_type'] },
    { raw: { ...valid, occurredAt: '2026-02-30T12:00:00Z' }, problems: ['occurredAt bad_time'] },
    { raw: { ...valid, occurredAt: '2026-03-10T12:00:00' }, problems: ['occurredAt bad_time'] },
    { raw: { ...valid, occurredAt: NOW }, problems: ['occurredAt bad_time'] },
    { raw: { ...valid, occurredAt: '2026-03-10T12:05:00.001Z' }, problems: ['occurredAt in_future'] },
    { raw: { ...valid, occurredAt: '2026-03-10T12:05:00Z' }, problems: ['admitted'] },
    { raw: { ...valid, occurredAt: '2026-02-08T11:59:59.999Z' }, problems: ['occurredAt too_old'] },
    { raw: { ...valid, occurredAt: '2026-02-08T12:00:00Z' }, problems: ['admitted'] },
    { raw: { ...valid, entities: { customer: 'c' } }, problems: ['entities.terminal missing_field'] },
    { raw: { ...valid, entities: { customer: 7, terminal: 't' } }, problems: ['entities.customer bad_entity'] },
    { raw: { ...valid, entities: { customer: ' ', terminal: 't' } }, problems: ['entities.customer bad_entity'] },
    {
      raw: { ...valid, entities: { customer: 'x'.repeat(257), terminal: 't' } },
      problems: ['entities.customer bad_entity'],
    },
    { raw: { ...valid, entities: { customer: CARD, terminal: 't' } }, problems: ['entities.customer card_number'] },
    {
      raw: { ...valid, entities: { ...valid.entities, shop: 's' } },
      problems: ['entities.shop unknown_field'],
    },
    {
      raw: { ...valid, entities: [{ entityType: 'person', entityId: 'c' }, { entityType: 'shop' }] },
      problems: ['entities.1 unknown_field', 'entities.terminal missing_field'],
    },
    { raw: withVariables({ amount: undefined }), problems: ['variables.amount missing_field'] },
    { raw: withVariables({ amount: null }), problems: ['variables.amount missing_field'] },
    { raw: withVariables({ amount: -1 }), problems: ['variables.amount out_of_range'] },
    { raw: withVariables({ amount: Number.POSITIVE_INFINITY }), problems: ['variables.amount out_of_range'] },
    { raw: withVariables({ items: 1.5 }), problems: ['variables.items wrong_type'] },
    { raw: withVariables({ items: '2.0' }), problems: ['admitted'] },
    { raw: withVariables({ three_ds: 'maybe' }), problems: ['variables.three_ds wrong_type'] },
    { raw: withVariables({ note: 7 }), problems: ['variables.note wrong_type'] },
    { raw: withVariables({ note: 'x'.repeat(21) }), problems: ['variables.note too_long'] },
    { raw: withVariables({ note: '\ud800' }), problems: ['variables.note bad_text'] },
    { raw: withVariables({ note: `pay ${CARD}` }), problems: ['variables.note card_number'] },
    { raw: withVariables({ email: `${CARD}@example.org` }), problems: ['variables.email card_number'] },
    { raw: withVariables({ order_id: CARD }), problems: ['admitted'] },
    { raw: withVariables({ shipped_at: '2026-13-01T00:00:00Z' }), problems: ['variables.shipped_at bad_time'] },
    { raw: withVariables({ cvv: '123' }), problems: ['variables.cvv secret_field'] },
    { raw: withVariables({ stray: 1 }), problems: ['variables.stray unknown_field'] },
    { raw: withVariables({ note: { deep: 1 } }), problems: ['variables.note wrong_type'] },
    { raw: { ...valid, assignedLabel: 'fraud' }, problems: ['assignedLabel unknown_field'] },
    { raw: { ...valid, eventVariables: {} }, problems: ['eventVariables unknown_field'] },
  ])('%#', ({ raw, problems }) => {
    expect(problemsOf(admit(raw))).toEqual(problems);
  });

  test.each(['1e400', '0x10', ' 1 ', '1,5', '+1', '.5', '007', 'NaN', 'Infinity', '1_000', ''])(
    'the text %j is no number',
    (amount) => {
      const [problem] = problemsOf(admit(withVariables({ amount })));

      expect(problem).toMatch(amount === '1e400' ? /out_of_range/ : /wrong_type/);
    },
  );
});

test('a __proto__ key is a stranger, and pollutes nothing', () => {
  const raw = JSON.parse(JSON.stringify(valid).replace('"variables":{', '"variables":{"__proto__":{"amount":1},'));

  expect(problemsOf(admit(raw))).toEqual(['variables.__proto__ unknown_field']);
  expect(({} as { amount?: number }).amount).toBeUndefined();
});

test('no problem quotes a value, or a name that could be one', () => {
  const admitted = admit({
    ...valid,
    eventId: `${CARD} x`,
    occurredAt: CARD,
    entities: { [CARD]: CARD, customer: CARD, terminal: [CARD] },
    variables: { [CARD]: CARD, amount: CARD, note: CARD, items: [CARD] },
    [CARD]: CARD,
  });

  expect(problemsOf(admitted).length).toBeGreaterThan(6);
  expect(JSON.stringify(admitted)).not.toContain(CARD);
});

test('whatever is sent, there is an event that its schema takes or a problem, and no exception', () => {
  let admittedCount = 0;
  const key = fc.constantFrom('amount', 'items', 'three_ds', 'email', 'ip', 'note', 'shipped_at', 'order_id');
  const value = fc.oneof(
    fc.anything(),
    fc.string(),
    fc.double({ min: 0, max: 10 }),
    fc.boolean(),
    fc.constantFrom('1', 'text'),
  );
  const change = fc.oneof(
    fc.record({ path: fc.constant('variables' as const), key, value }),
    fc.record({
      path: fc.constant('variables' as const),
      key: fc.constantFrom('note', 'order_id', 'ip'),
      value: fc.string(),
    }),
    fc.record({ path: fc.constant('entities' as const), key: fc.constantFrom('customer', 'terminal'), value }),
    fc.record({
      path: fc.constant('top' as const),
      key: fc.constantFrom('eventId', 'occurredAt', 'eventType', 'entities', 'variables'),
      value,
    }),
  );

  fc.assert(
    fc.property(change, (changed) => {
      const raw: Record<string, unknown> = structuredClone(valid);
      const target = changed.path === 'top' ? raw : (raw[changed.path] as object);
      Object.assign(target, { [changed.key]: changed.value });

      const admitted = admitUnderKey(raw);

      if ('problems' in admitted) expect(admitted.problems.length).toBeGreaterThan(0);
      else {
        admittedCount++;
        expect(EventSchema.safeParse(admitted.event).success).toBe(true);
      }
    }),
    { numRuns: 1_000, seed: 20_261_122 },
  );
  expect(admittedCount).toBeGreaterThan(300);
});

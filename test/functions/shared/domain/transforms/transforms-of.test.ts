import { describe, expect, test } from '@jest/globals';

import { admitEvent } from '#domain/admit-event.ts';
import { EventTypeSchema } from '#domain/catalog/event-type.ts';
import { doorValuesOf, transformsOf } from '#domain/transforms/transforms-of.ts';

const typeWith = (features: object) =>
  EventTypeSchema.parse({
    format: 1,
    eventType: 'sign_up',
    purpose: 'fraud-detection',
    entities: { customer: 'person' },
    variables: {
      email: { type: 'email', personal: true },
      name: { type: 'string', personal: true },
      ip: { type: 'ip' },
      plan: { type: 'category' },
    },
    features,
  });

const FEATURES = {
  domain: { transform: 'email_domain', of: 'email' },
  likeness: { transform: 'email_name_likeness', of: 'email', with: 'name' },
  network: { transform: 'ip_network', of: 'ip' },
  tier: { transform: 'category', of: 'plan', levels: ['Free', 'pro'] },
};

const admission = {
  tokeniser: {
    token: (domain: string, value: string) => `<${domain}:${value.length}>`,
    tokens: () => [],
    fingerprint: (content: string) => content,
  },
  nowMs: Date.parse('2026-03-10T12:00:00.000Z'),
  retentionDays: 30,
};
const SENT = {
  eventId: 'e-1',
  occurredAt: '2026-03-10T11:00:00Z',
  entities: { customer: 'c-1' },
  variables: { email: 'Ann.Smith@Example.com', name: 'Ann Smith', ip: '203.0.113.9', plan: 'FREE' },
};
const admitted = (features: object) => {
  const result = admitEvent(SENT, typeWith(features), admission);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result;
};

test('transforms of personal variables are made at the door, beside the tokens', () => {
  const { event } = admitted(FEATURES);

  expect(event.variables).toEqual({
    email: '<email:21>',
    name: '<string:9>',
    ip: '203.0.113.9',
    plan: 'FREE',
    domain: 'example.com',
    likeness: 12 / 13,
  });
});

test('what is made at the door changes neither the hash of what was sent nor what is sealed', () => {
  const [plain, derived] = [admitted({}), admitted(FEATURES)];

  expect(derived.contentHash).toBe(plain.contentHash);
  expect(derived.originals?.messageBytes).toBe(plain.originals?.messageBytes);
});

test('behind the door every transform is there, from plain variables or from the door', () => {
  const { event } = admitted(FEATURES);

  const values = transformsOf(typeWith(FEATURES)).map(({ name, value }) => [name, value(event)]);

  expect(Object.fromEntries(values)).toEqual({
    domain: 'example.com',
    likeness: 12 / 13,
    network: '203.0.113.0/24',
    tier: 'free',
  });
});

test('what the door cannot make, and what came before the feature, is missing', () => {
  expect(doorValuesOf({ email: 'nobody', ip: '203.0.113.9' }, typeWith(FEATURES))).toEqual({});
  const [domain] = transformsOf(typeWith(FEATURES));
  expect(domain?.value({ variables: { email: '<email:21>' } })).toBeUndefined();
});

describe('no transform tells a personal value', () => {
  test.each([
    { transform: 'text_shape', of: 'name' },
    { transform: 'category', of: 'name' },
  ])('$transform is not made', (feature) => {
    expect(transformsOf(typeWith({ told: feature }))).toEqual([]);
    expect(admitted({ told: feature }).event.variables).not.toHaveProperty('told');
  });

  test('a category is, among levels that are written in the catalog', () => {
    const feature = { transform: 'category', of: 'name', levels: ['ann smith'] };

    expect(admitted({ told: feature }).event.variables).toMatchObject({ told: 'ann smith' });
  });
});

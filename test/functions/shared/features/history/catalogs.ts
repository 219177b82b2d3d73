import { type EventType, EventTypeSchema } from '#domain/catalog/event-type.ts';
import { type FeaturePlan, featurePlansOf } from '#features/history/compile.ts';
import { createResolver } from '#features/history/definition-resolve.ts';

/** Definitions of features as a team writes them. */
export type Written = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Payments, with these features. */
export const paymentType = (features?: Written, overrides: Readonly<Record<string, unknown>> = {}): EventType =>
  EventTypeSchema.parse({
    format: 1,
    eventType: 'card_payment',
    purpose: 'fraud-detection',
    entities: { customer: 'person', terminal: 'terminal' },
    variables: {
      amount: { type: 'money', min: 0, max: 10_000_000, required: true },
      fee: { type: 'number' },
      items: { type: 'integer', min: 0 },
      country: { type: 'category', maxLength: 2 },
      note: { type: 'text' },
      three_ds: { type: 'boolean' },
      signed_up_at: { type: 'datetime' },
      ip: { type: 'ip' },
      email: { type: 'email', personal: true },
      full_name: { type: 'string', personal: true },
    },
    ...(features && { features }),
    ...overrides,
  });

/** Logins, of one person. */
export const loginType = (features?: Written): EventType =>
  EventTypeSchema.parse({
    format: 1,
    eventType: 'login',
    purpose: 'fraud-detection',
    entities: { user: 'person' },
    variables: { succeeded: { type: 'boolean' }, ip: { type: 'ip' } },
    labels: { taken_over: ['ato'] },
    ...(features && { features }),
  });

/** Transfers between two accounts, which are of one kind. */
export const transferType = (features?: Written): EventType =>
  EventTypeSchema.parse({
    format: 1,
    eventType: 'transfer',
    purpose: 'fraud-detection',
    entities: { payer: 'account', payee: 'account' },
    variables: { amount: { type: 'money' } },
    ...(features && { features }),
  });

/** The plan of payments with these features, logins beside them. */
export const planOf = (features: Written, logins?: Written): FeaturePlan =>
  featurePlansOf([paymentType(features), loginType(logins), transferType()]).get('card_payment')!;

/** What is wrong with the features of an event type, as `path | problem | remedy`. */
export const problemsWith = (eventType: EventType, others: readonly EventType[] = []): readonly string[] => {
  const problems: string[] = [];
  const all = [eventType, ...others];
  createResolver(new Map(all.map((one) => [one.eventType, one])))(eventType, (path, problem, remedy) => {
    problems.push(`${path.join('.')} | ${problem} | ${remedy}`);
  });
  return problems;
};

import type { SimulatedLabel } from './labels.ts';
import type { PaymentVariables } from './payment.ts';
import { EVENT_TYPE, type SimulatedPayment } from './simulate.ts';

type CsvValue = string | number | boolean | null;

/** One kind of record, as a line of CSV and as a line of JSON. */
export interface RecordShape<T> {
  readonly columns: readonly string[];
  readonly fieldsOf: (record: T) => readonly CsvValue[];
  readonly objectOf: (record: T) => object;
}

/** The variables in the order of their columns. */
export const VARIABLE_NAMES = [
  'amount',
  'currency',
  'merchant_category',
  'channel',
  'country',
  'card_country',
  'distance_km',
  'card_age_days',
  'device_age_days',
  'attempt_count',
  'three_ds',
  'billing_match',
  'email',
  'email_domain',
  'items',
  'local_hour',
] as const satisfies readonly (keyof PaymentVariables)[];

const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** A payment as Assay takes it in; what is missing is an empty field, or left out of the object. */
export const PAYMENT_SHAPE: RecordShape<SimulatedPayment> = {
  columns: ['event_id', 'occurred_at', 'customer', 'terminal', ...VARIABLE_NAMES],
  fieldsOf: ({ eventId, at, customer, terminal, variables }) => [
    eventId,
    timeOf(at),
    customer,
    terminal,
    ...VARIABLE_NAMES.map((name) => variables[name]),
  ],
  objectOf: ({ eventId, at, customer, terminal, variables }) => ({
    eventId,
    eventType: EVENT_TYPE,
    occurredAt: timeOf(at),
    entities: { customer, terminal },
    variables: Object.fromEntries(
      VARIABLE_NAMES.filter((name) => variables[name] !== null).map((name) => [name, variables[name]]),
    ),
  }),
};

/** A label as Assay's feedback takes it in. */
export const LABEL_SHAPE: RecordShape<SimulatedLabel> = {
  columns: ['event_id', 'kind', 'value', 'source', 'happened_at', 'said_at'],
  fieldsOf: ({ eventId, value, source, happenedAt, saidAt }) => [
    eventId,
    'label',
    value,
    source,
    timeOf(happenedAt),
    timeOf(saidAt),
  ],
  objectOf: ({ eventId, value, source, happenedAt, saidAt }) => ({
    eventId,
    eventType: EVENT_TYPE,
    kind: 'label',
    value,
    source,
    happenedAt: timeOf(happenedAt),
    saidAt: timeOf(saidAt),
  }),
};

/** What a payment really was; for judging models, never for training or feedback. */
export const TRUTH_SHAPE: RecordShape<SimulatedPayment> = {
  columns: ['event_id', 'fraud', 'scenario'],
  fieldsOf: ({ eventId, fraud, scenario }) => [eventId, fraud, scenario ?? null],
  objectOf: ({ eventId, fraud, scenario }) => ({ eventId, fraud, ...(scenario && { scenario }) }),
};

/** A line of CSV without its end; fields are quoted where they must be (RFC 4180). */
export const csvLine = (fields: readonly CsvValue[]): string =>
  fields.map((field) => (field === null ? '' : quoted(String(field)))).join(',');

const quoted = (field: string): string => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

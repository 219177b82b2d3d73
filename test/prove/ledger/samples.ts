import type { Random } from '../cloud/random.ts';

/** Event types of the proof: in strict order and not, judged by rules, by models with a score, by an endpoint, and by history. */
export const EVENT_TYPES = ['transfer', 'order', 'card_payment', 'deposit'] as const;
export type SampleType = (typeof EVENT_TYPES)[number];

/** Detectors that judge each type, and how their decisions are made. */
export const DETECTORS: Readonly<Record<SampleType, readonly string[]>> = {
  transfer: ['transfers'],
  order: ['orders', 'orders-frozen'],
  card_payment: ['card-payments', 'card-payments-policy'],
  deposit: ['deposits'],
};

/** An event as its sender has it: cells by column. */
export interface Sample {
  readonly eventType: SampleType;
  readonly eventId: string;
  readonly cells: Readonly<Record<string, string>>;
  /** What makes it inadmissible. */
  readonly defect?: Defect;
}

const COLUMNS: Readonly<Record<SampleType, readonly string[]>> = {
  transfer: ['payer', 'payee', 'amount'],
  order: ['customer', 'device', 'amount', 'note'],
  card_payment: [
    'customer',
    'terminal',
    'amount',
    'currency',
    'channel',
    'country',
    'merchant_category',
    'distance_km',
    'attempt_count',
    'local_hour',
  ],
  deposit: ['account', 'branch', 'amount'],
};

/** Columns of a file of events. */
export const headerOf = (eventType: SampleType): readonly string[] => [
  'event_id',
  'occurred_at',
  ...COLUMNS[eventType],
];

/** Ways in which a row is not an event, each by one changed cell. */
const DEFECTS = {
  no_amount: { amount: '' },
  not_a_number: { amount: 'twelve' },
  below_zero: { amount: '-1' },
  infinite: { amount: '1e400' },
  no_such_day: { occurred_at: '2026-02-30T00:00:00Z' },
  no_offset: { occurred_at: '2026-10-31T10:00:00' },
  in_future: { occurred_at: '2031-01-01T00:00:00Z' },
  too_old: { occurred_at: '2019-01-01T00:00:00Z' },
  no_id: { event_id: '' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;
export type Defect = keyof typeof DEFECTS;
const DEFECT_NAMES = Object.keys(DEFECTS) as readonly Defect[];

const whole = (random: Random, most: number): string => String(random.between(0, most));

/** Amounts around the thresholds of rules and models, both sides alike. */
const amountOf = (random: Random): string => (random.next() * random.pick([100, 2_000])).toFixed(2);

const variablesOf = (eventType: SampleType, random: Random): Record<string, string> => {
  const amount = amountOf(random);
  if (eventType === 'transfer') {
    return { payer: `account-${whole(random, 999)}`, payee: `account-${whole(random, 999)}`, amount };
  }
  // Few of them, so that many meet at one slot of a page.
  if (eventType === 'deposit') {
    return { account: `account-${whole(random, 4)}`, branch: `branch-${whole(random, 2)}`, amount };
  }
  const customer = `customer-${whole(random, 999)}`;
  if (eventType === 'order') {
    return {
      customer,
      device: `device-${whole(random, 99)}`,
      amount,
      note: random.chance(0.2) ? 'says "now", please' : '',
    };
  }
  return {
    customer,
    terminal: `terminal-${whole(random, 199)}`,
    amount,
    currency: 'EUR',
    channel: random.pick(['chip', 'contactless', 'online', 'atm']),
    country: random.pick(['DE', 'FR', 'PL', '']),
    merchant_category: random.pick(['groceries', 'fuel', 'electronics']),
    distance_km: (random.next() * 3_000).toFixed(1),
    attempt_count: String(random.between(1, 5)),
    local_hour: whole(random, 23),
  };
};

/** Deposits are close together: within half an hour. */
const timeOf = (eventType: SampleType, random: Random): number =>
  eventType === 'deposit'
    ? Date.UTC(2026, 9, 20, 9, 0, random.between(0, 1_799))
    : Date.UTC(2026, 9, random.between(1, 30), 0, 0, random.between(0, 86_399));

/** A well-formed event. */
export const sampleOf = (eventType: SampleType, eventId: string, random: Random): Sample => ({
  eventType,
  eventId,
  cells: {
    event_id: eventId,
    occurred_at: new Date(timeOf(eventType, random)).toISOString(),
    ...variablesOf(eventType, random),
  },
});

/** The same event with one defect that keeps it out. */
export const defective = (sample: Sample, random: Random): Sample => {
  const defect = random.pick(DEFECT_NAMES);
  return { ...sample, cells: { ...sample.cells, ...DEFECTS[defect] }, defect };
};

/** Another event under the same id. */
export const otherContent = (sample: Sample): Sample => ({
  ...sample,
  cells: { ...sample.cells, amount: (Number(sample.cells.amount) + 1).toFixed(2) },
});

/** What tells two samples of one id apart. */
export const contentOf = ({ cells }: Sample): string => JSON.stringify(cells);

const cellText = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A CSV file of samples of one type. */
export const csvOf = (eventType: SampleType, samples: readonly Sample[]): string => {
  const columns = headerOf(eventType);
  const lines = samples.map(({ cells }) => columns.map((column) => cellText(cells[column] ?? '')).join(','));
  return `${[columns.join(','), ...lines].join('\n')}\n`;
};

const NUMBERS: ReadonlySet<string> = new Set(['amount', 'distance_km', 'attempt_count', 'local_hour']);

/** A sample as the API takes it. */
export const bodyOf = ({ eventType, cells }: Sample): Readonly<Record<string, unknown>> => {
  const { event_id, occurred_at, ...values } = cells;
  const given = Object.entries(values)
    .filter(([, text]) => text !== '')
    .map(([name, text]) => [name, NUMBERS.has(name) ? Number(text) : text]);
  return { eventId: event_id, eventType, occurredAt: occurred_at, ...Object.fromEntries(given) };
};

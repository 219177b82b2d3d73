import { Random } from './random.ts';
import { csvLine, PAYMENT_SHAPE } from './records.ts';
import type { SimulatedPayment } from './simulate.ts';

type Fields = ReturnType<typeof PAYMENT_SHAPE.fieldsOf>;

const column = (name: string): number => {
  const index = PAYMENT_SHAPE.columns.indexOf(name);
  if (index < 0) throw new RangeError(`a payment has no column '${name}'`);
  return index;
};

const setting = (name: string, value: string) => {
  const index = column(name);
  return (fields: Fields): Fields => fields.with(index, value);
};

/** What can be wrong with one row; each must end in quarantine. */
const DAMAGES = {
  too_few_fields: (fields: Fields): Fields => fields.slice(0, -3),
  too_many_fields: (fields: Fields): Fields => [...fields, 'surplus'],
  amount_unparsable: setting('amount', 'twelve'),
  amount_missing: setting('amount', ''),
  event_id_missing: setting('event_id', ''),
  customer_missing: setting('customer', ''),
  date_impossible: setting('occurred_at', '2026-02-30T12:00:00.000Z'),
  date_unparsable: setting('occurred_at', 'yesterday'),
} as const;

export type Damage = keyof typeof DAMAGES;

export interface DefectOptions {
  /** Part of the payments that become a bad row. @default 0.03 */
  readonly badShare?: number;
  /** Part of the payments whose id comes a second time. @default 0.02 */
  readonly repeatShare?: number;
  /** @default 1 */
  readonly seed?: number;
}

/** How the rows must end, exactly: rows = decided + duplicate + conflict + quarantined. */
export interface DefectCounts {
  /** Data rows; the header is none. */
  rows: number;
  decided: number;
  /** Repeats of an earlier row, byte for byte. */
  duplicate: number;
  /** Repeats of an earlier id with another amount. */
  conflict: number;
  quarantined: number;
  readonly byDamage: Record<Damage, number>;
}

/** A repeat follows its row at most this many rows later: within one chunk, or a few chunks on. */
const LATEST_REPEAT = 400;

/**
 * Payments as lines of CSV, some damaged and some repeated, as files are in life.
 *
 * Damages take turns, and so do identical and changed repeats. An id is repeated at most once and a damaged row never,
 * so the counts hold in whichever order the rows are handled.
 *
 * @returns the lines, header first, and the counts, which are complete when the last line was read.
 */
export const withDefects = (
  payments: AsyncIterable<SimulatedPayment>,
  { badShare = 0.03, repeatShare = 0.02, seed = 1 }: DefectOptions = {},
): { readonly lines: AsyncGenerator<string, void, undefined>; readonly counts: DefectCounts } => {
  const names = Object.keys(DAMAGES) as Damage[];
  const byDamage = Object.fromEntries(names.map((name) => [name, 0])) as Record<Damage, number>;
  const counts: DefectCounts = { rows: 0, decided: 0, duplicate: 0, conflict: 0, quarantined: 0, byDamage };
  return { lines: defectiveLines(payments, { badShare, repeatShare, seed }, names, counts), counts };
};

async function* defectiveLines(
  payments: AsyncIterable<SimulatedPayment>,
  { badShare, repeatShare, seed }: Required<DefectOptions>,
  names: readonly Damage[],
  counts: DefectCounts,
): AsyncGenerator<string, void, undefined> {
  const random = new Random(seed, 'defects');
  const repeats = new Map<number, string[]>();
  const amount = column('amount');
  let read = 0;

  const repeatOf = (payment: SimulatedPayment, fields: Fields): string => {
    const identical = counts.duplicate <= counts.conflict;
    counts[identical ? 'duplicate' : 'conflict']++;
    return csvLine(identical ? fields : fields.with(amount, Math.round((payment.variables.amount + 1) * 100) / 100));
  };

  yield csvLine(PAYMENT_SHAPE.columns);
  for await (const payment of payments) {
    const fields = PAYMENT_SHAPE.fieldsOf(payment);
    counts.rows++;
    if (random.chance(badShare)) {
      const damage = names[counts.quarantined % names.length]!;
      counts.quarantined++;
      counts.byDamage[damage]++;
      yield csvLine(DAMAGES[damage](fields));
    } else {
      counts.decided++;
      yield csvLine(fields);
      if (random.chance(repeatShare)) {
        const due = read + random.whole(0, LATEST_REPEAT);
        repeats.set(due, [...(repeats.get(due) ?? []), repeatOf(payment, fields)]);
      }
    }
    for (const line of repeats.get(read) ?? []) {
      counts.rows++;
      yield line;
    }
    repeats.delete(read++);
  }
  for (const line of [...repeats.values()].flat()) {
    counts.rows++;
    yield line;
  }
}

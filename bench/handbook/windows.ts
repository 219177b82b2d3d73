import { type HistoryPlan, slotsOf } from '#features/history/plan.ts';

const DAY_MS = 86_400_000;
/** What the book takes labels to need. */
export const DELAY_MS = 7 * DAY_MS;

/** A transaction of the stream. */
export interface Transaction {
  readonly customer: string;
  readonly terminal: string;
  readonly atMs: number;
  readonly cents: number;
  readonly isFraud: boolean;
}

/** One window of the book: the column it has there, and the feature that is held against it. */
export interface BookWindow {
  readonly column: string;
  readonly feature: string;
  readonly of: 'customer' | 'terminal';
  readonly days: number;
  /** Of a terminal, the mean is the risk. */
  readonly kind: 'count' | 'mean';
}

/** The columns of the book. */
export const WINDOWS: readonly BookWindow[] = ([1, 7, 30] as const).flatMap((days): BookWindow[] => [
  { ...windowOf('customer', days, 'count'), column: `CUSTOMER_ID_NB_TX_${days}DAY_WINDOW` },
  { ...windowOf('customer', days, 'mean'), column: `CUSTOMER_ID_AVG_AMOUNT_${days}DAY_WINDOW` },
  { ...windowOf('terminal', days, 'count'), column: `TERMINAL_ID_NB_TX_${days}DAY_WINDOW` },
  { ...windowOf('terminal', days, 'mean'), column: `TERMINAL_ID_RISK_${days}DAY_WINDOW` },
]);

function windowOf(of: BookWindow['of'], days: number, kind: BookWindow['kind']): Omit<BookWindow, 'column'> {
  return { of, days, kind, feature: `${of}_${of === 'terminal' && kind === 'mean' ? 'risk' : kind}_${days}d` };
}

/** All transactions of one customer or terminal, in the order of time. Sums are of those before each. */
interface Timeline {
  readonly times: number[];
  readonly cents: number[];
  readonly frauds: number[];
}

/**
 * The book's windows worked out from the raw stream by going through it, apart from the engine: with the book's edges,
 * and with those of slots.
 */
export class StreamWindows {
  readonly #timelines = { customer: new Map<string, Timeline>(), terminal: new Map<string, Timeline>() };

  /** The next transaction of the stream. @returns its places among those of its customer and its terminal. */
  add(transaction: Transaction): Readonly<Record<BookWindow['of'], number>> {
    return { customer: this.#put('customer', transaction), terminal: this.#put('terminal', transaction) };
  }

  /**
   * As the book has it: `(t - window, t]` of a customer, and `(t - delay - window, t - delay]` of a terminal, with 0 for
   * the risk where there is nothing.
   */
  byBook({ of, days, kind }: BookWindow, transaction: Transaction, place: number): number {
    const timeline = this.#timelines[of].get(transaction[of])!;
    const endMs = transaction.atMs - (of === 'terminal' ? DELAY_MS : 0);
    const end = Math.min(place + 1, countUntil(timeline.times, endMs));
    const start = Math.min(end, countUntil(timeline.times, endMs - days * DAY_MS));
    if (of === 'customer') return kind === 'count' ? place + 1 - start : meanCents(timeline, start, place + 1);
    return kind === 'count' ? end - start : (riskOf(timeline, start, end, end) ?? 0);
  }

  /** The same in whole slots, with the labels that had been said. Null where there is nothing. */
  bySlots(
    { of, kind, feature: name }: BookWindow,
    transaction: Transaction,
    place: number,
    { features, reads }: HistoryPlan,
  ): number | null {
    const timeline = this.#timelines[of].get(transaction[of])!;
    const feature = features.find((candidate) => candidate.name === name)!;
    const profile = reads.find(({ hash }) => hash === feature.profile)!;
    const { fromMs, toMs } = slotsOf(profile, feature, transaction.atMs);
    const start = countUntil(timeline.times, fromMs - 1);
    if (of === 'customer') return kind === 'count' ? place + 1 - start : meanCents(timeline, start, place + 1);
    const end = countUntil(timeline.times, toMs - 1);
    if (kind === 'count') return end - start;
    return riskOf(timeline, start, end, Math.min(end, countUntil(timeline.times, transaction.atMs - DELAY_MS)));
  }

  /** Whether others of the customer, or the terminal, are of the same instant: nobody knows in which order. */
  isTied({ of }: BookWindow, transaction: Transaction, place: number): boolean {
    const { times } = this.#timelines[of].get(transaction[of])!;
    return times[place - 1] === times[place] || times[place + 1] === times[place];
  }

  #put(of: BookWindow['of'], transaction: Transaction): number {
    const { atMs, cents, isFraud } = transaction;
    const timelines = this.#timelines[of];
    const timeline = timelines.get(transaction[of]) ?? { times: [], cents: [0], frauds: [0] };
    timelines.set(transaction[of], timeline);
    timeline.times.push(atMs);
    timeline.cents.push(timeline.cents.at(-1)! + cents);
    timeline.frauds.push(timeline.frauds.at(-1)! + Number(isFraud));
    return timeline.times.length - 1;
  }
}

/** How many of the times, which ascend, are at an instant or before it. */
const countUntil = (times: readonly number[], atMs: number): number => {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
};

const meanCents = ({ cents }: Timeline, start: number, end: number): number =>
  (cents[end]! - cents[start]!) / (end - start) / 100;

/** @param said - end of those of whom it is known whether they are fraud. */
const riskOf = ({ frauds }: Timeline, start: number, end: number, said: number): number | null =>
  end === start ? null : (frauds[Math.max(said, start)]! - frauds[start]!) / (end - start);

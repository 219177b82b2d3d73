import type { Prices } from './prices.ts';
import type { Units } from './units.ts';

/** What a bill is asked for. */
export interface Usage {
  readonly eventsPerMonth: number;
  /** Part of the events that come in files, 0 to 1; the rest is decided by the API. */
  readonly fileShare: number;
  /** Days that events and decisions are kept: in the long run so many days of them are stored. */
  readonly retentionDays: number;
}

/** One service's part of the bill, in US dollars a month. */
export interface BillLine {
  readonly service: string;
  /** What is paid without a single event. */
  readonly idle: number;
  /** What the events add. */
  readonly events: number;
  /** What keeping their records adds, once the retention period is full. */
  readonly kept: number;
}

/** The bill of a month. */
export interface Bill {
  /** By service, the dearest first. */
  readonly lines: readonly BillLine[];
  readonly total: number;
  /** Of which nothing depends on events. */
  readonly idle: number;
  /** US dollars for a thousand more events, their keeping included. */
  readonly perThousandEvents: number;
  /** What Amazon Fraud Detector's list price asked for as many predictions and one model hosted all month. */
  readonly fraudDetector: number;
}

const HOURS = 730;
const DAYS = 365 / 12;
const GB = 1e9;

/**
 * What a month costs by service: measured units times stated prices, free tiers and taxes left out.
 *
 * @throws {Error} when something was measured that the price list has no price for: nothing is free by oversight.
 */
export const billOf = ({ eventsPerMonth, fileShare, retentionDays }: Usage, units: Units, prices: Prices): Bill => {
  const lines = new Map<string, { idle: number; events: number; kept: number }>();
  const add = (name: string, part: keyof Omit<BillLine, 'service'>, dollars: number): void => {
    const service = name.slice(0, name.indexOf('.'));
    const line = lines.get(service) ?? { idle: 0, events: 0, kept: 0 };
    line[part] += dollars;
    lines.set(service, line);
  };
  const { perUnit, perGbMonth, perMonth } = prices;
  for (const [name, amount] of Object.entries(units.perIdleHour))
    add(name, 'idle', amount * HOURS * priced(perUnit, name));
  for (const [name, amount] of Object.entries(units.standing)) add(name, 'idle', amount * priced(perMonth, name));
  const doors = [
    [units.perFileEvent, fileShare],
    [units.perApiEvent, 1 - fileShare],
  ] as const;
  for (const [amounts, share] of doors) {
    for (const [name, amount] of Object.entries(amounts)) {
      add(name, 'events', amount * eventsPerMonth * share * priced(perUnit, name));
    }
  }
  const kept = eventsPerMonth * (retentionDays / DAYS);
  for (const [name, bytes] of Object.entries(units.bytesPerEvent)) {
    add(name, 'kept', ((bytes * kept) / GB) * priced(perGbMonth, name));
  }
  return summed(lines, eventsPerMonth, fraudDetectorPrice(eventsPerMonth, prices));
};

const summed = (
  lines: ReadonlyMap<string, Omit<BillLine, 'service'>>,
  eventsPerMonth: number,
  fraudDetector: number,
): Bill => {
  const all = [...lines].map(([service, parts]): BillLine => ({ service, ...parts }));
  const sum = (part: (line: BillLine) => number): number => all.reduce((total, line) => total + part(line), 0);
  const idle = sum((line) => line.idle);
  const total = sum(totalOf);
  return {
    lines: all.sort((left, right) => totalOf(right) - totalOf(left)),
    total,
    idle,
    perThousandEvents: eventsPerMonth === 0 ? 0 : ((total - idle) / eventsPerMonth) * 1_000,
    fraudDetector,
  };
};

/** A service's whole part of the bill. */
export const totalOf = ({ idle, events, kept }: BillLine): number => idle + events + kept;

const priced = (list: Readonly<Record<string, number>>, name: string): number => {
  const price = list[name];
  if (price === undefined) throw new Error(`the price list has no price for '${name}'; add it`);
  return price;
};

/** Predictions by steps, and one model hosted all month. */
const fraudDetectorPrice = (predictions: number, { fraudDetector }: Prices): number => {
  let from = 0;
  let dollars = HOURS * fraudDetector.modelHour;
  for (const { upTo = Number.POSITIVE_INFINITY, each } of fraudDetector.predictions) {
    dollars += Math.max(0, Math.min(predictions, upTo) - from) * each;
    from = upTo;
  }
  return dollars;
};

import { setImmediate } from 'node:timers/promises';
import { ordinaryPayments } from './habits.ts';
import { type FraudDraft, IncidentSchedule } from './incidents.ts';
import { labelsFor, type SimulatedLabel } from './labels.ts';
import { type SimulationInput, type SimulationOptions, SimulationOptionsSchema } from './options.ts';
import type { Draft, PaymentVariables } from './payment.ts';
import { hashOf, Random } from './random.ts';
import type { ScenarioName } from './scenarios.ts';
import { worldOf } from './world.ts';

export const EVENT_TYPE = 'card_payment';

/** One payment as it is sent, and what only the simulation knows about it. */
export interface SimulatedPayment {
  readonly eventId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly customer: string;
  readonly terminal: string;
  readonly variables: PaymentVariables;
  readonly fraud: boolean;
  /** How the fraud was done; none for a legitimate payment. */
  readonly scenario?: ScenarioName;
  /** What will be said about it, later, sometimes wrongly. */
  readonly labels: readonly SimulatedLabel[];
}

/**
 * Card payments of a made-up world in order of time, the same for the same options.
 *
 * Holds one day at a time, so memory grows with customers and terminals, not with the number of payments. Gives way to
 * other work of the process once a day of the simulation.
 *
 * @throws {z.ZodError} if an option is out of range.
 */
export async function* simulateCardPayments(input: SimulationInput): AsyncGenerator<SimulatedPayment, void, undefined> {
  const options = SimulationOptionsSchema.parse(input);
  const world = worldOf(options);
  const startMs = Date.parse(`${options.start}T00:00:00Z`);
  const incidents = new IncidentSchedule(world, startMs, options.fraudRate);
  const idOf = eventIds(options);

  for (let day = 0; day < options.days; day++) {
    const legit = world.customers.flatMap((customer) => ordinaryPayments(customer, day, startMs, world));
    const drafts: (Draft | FraudDraft)[] = [...legit, ...incidents.fraudsOf(day, legit.length)];
    drafts.sort((one, other) => one.at - other.at);

    const random = new Random(options.seed, 'labels', day);
    for (const draft of drafts) yield paymentOf(draft, idOf(), options.fraudRate, random);
    await setImmediate();
  }
}

const paymentOf = (draft: Draft | FraudDraft, eventId: string, fraudRate: number, random: Random): SimulatedPayment => {
  const { at, customer, terminal, variables } = draft;
  const fraud = 'scenario' in draft;
  const labels = labelsFor({ eventId, at, fraud }, fraudRate, random);
  const known = { eventId, at, customer: customer.id, terminal: terminal.id, variables, fraud, labels };
  return fraud ? { ...known, scenario: draft.scenario } : known;
};

/** Numbered in order of time, under a prefix of all options but the length, so that different worlds share no id. */
const eventIds = ({ seed, customers, terminals, fraudRate, start }: SimulationOptions): (() => string) => {
  const prefix = hashOf([seed, customers, terminals, fraudRate, start].join('/')).toString(36).padStart(7, '0');
  let count = 0;
  return () => `pay-${prefix}-${String(++count).padStart(8, '0')}`;
};

import { DAY_MS, momentOn } from './habits.ts';
import type { MerchantCategoryName } from './merchants.ts';
import {
  CONTACTLESS_LIMIT,
  type Draft,
  madeUpEmail,
  type PaymentVariables,
  paymentFor,
  usualEuros,
} from './payment.ts';
import type { City } from './places.ts';
import type { Random } from './random.ts';
import type { Customer, Terminal, World } from './world.ts';

export type ScenarioName = 'card_testing' | 'takeover' | 'compromised_terminal' | 'slow_large';

/** One fraud from its first day on. */
interface Incident {
  readonly world: World;
  readonly day: number;
  readonly dayMs: number;
  /** How many payments it makes. */
  readonly size: number;
  readonly random: Random;
}

export interface Scenario {
  /** Part of all fraudulent payments. */
  readonly share: number;
  /** Fewest and most payments of one incident. */
  readonly sizes: readonly [number, number];
  /** The payments, of this day and later ones, in no order. */
  readonly plan: (incident: Incident) => readonly Draft[];
}

/** Somebody finds out which of many stolen cards work: small amounts at one online shop, minutes apart. */
const cardTesting = ({ world, day, dayMs, size, random }: Incident): readonly Draft[] => {
  const terminal = onlineShop(world, ['digital_goods', 'marketplace', 'entertainment', 'transport'], random);
  const pauseMs = random.between(20_000, 300_000);
  let at = momentOn(dayMs, random.chance(0.4) ? random.between(0, 6) : random.between(6, 24), terminal.city, random);
  let customer = random.pick(world.customers);
  return Array.from({ length: size }, () => {
    at += exponential(pauseMs, random);
    if (random.chance(0.8)) customer = random.pick(world.customers);
    const euros = random.chance(0.2) ? usualEuros(customer, terminal, random) : random.logNormal(4, 0.9);
    return altered(paymentFor({ at, day: dayOf(at, day, dayMs), customer, terminal, euros }, random), {
      device_age_days: random.pick([0, 0, 0, 1, null, null, random.whole(2, 300), random.whole(2, 300)]),
      attempt_count: random.chance(0.3) ? random.whole(2, 4) : 1,
      three_ds: random.chance(0.12),
      billing_match: random.pick(['full', 'full', 'full', 'partial', 'partial', 'none', 'none', 'none', null]),
      ...(random.chance(0.35) && { distance_km: farAway(random) }),
      ...(random.chance(0.6) && madeUpEmail(random)),
    });
  });
};

/** Somebody else is in the account: a new device, often a new address, larger purchases within a day or two. */
const takeover = ({ world, day, dayMs, size, random }: Incident): readonly Draft[] => {
  const customer = random.pick(world.customers);
  const from = random.chance(0.55) ? { distance_km: farAway(random) } : {};
  const address = random.chance(0.6) ? madeUpEmail(random) : {};
  const knowsBilling = random.chance(0.6);
  let at = momentOn(dayMs, random.chance(0.45) ? random.between(0, 6) : random.between(6, 24), customer.city, random);
  return Array.from({ length: size }, () => {
    at += exponential(9_000_000, random);
    const today = dayOf(at, day, dayMs);
    const terminal = onlineShop(world, ['electronics', 'clothing', 'marketplace', 'travel', 'digital_goods'], random);
    const euros = usualEuros(customer, terminal, random) * random.logNormal(1.7, 0.5);
    return altered(paymentFor({ at, day: today, customer, terminal, euros }, random), {
      device_age_days: random.chance(0.15) ? null : today - day,
      attempt_count: random.chance(0.22) ? random.whole(2, 3) : 1,
      three_ds: random.chance(0.2),
      billing_match: knowsBilling ? 'full' : random.pick(['partial', 'none', null]),
      ...from,
      ...address,
    });
  });
};

/** A machine in a town copies cards for weeks; the copies are used there, in between what is genuine. */
const compromisedTerminal = ({ world, day, dayMs, size, random }: Incident): readonly Draft[] => {
  const terminal = world.pickInTown(world.pickTown.home(random), random);
  const days = random.whole(8, 24);
  return Array.from({ length: size }, (_, index) => {
    const today = day + Math.floor((index * days) / size);
    const customer = victimNear(terminal.city, world, random);
    const hour = random.chance(0.25) ? random.between(0, 24) : random.normal(17, 4);
    const at = momentOn(dayMs + (today - day) * DAY_MS, hour, terminal.city, random);
    const usual = usualEuros(customer, terminal, random) * random.logNormal(1.35, 0.3);
    // A copied card has no PIN, so whoever has it stays below the amount that asks for one.
    const tapped = terminal.category !== 'cash' && random.chance(0.6);
    const euros = tapped ? Math.min(usual, random.between(0.7, 1) * CONTACTLESS_LIMIT) : usual;
    return altered(paymentFor({ at, day: today, customer, terminal, euros }, random), {
      ...(tapped && { channel: 'contactless' as const }),
      ...(!tapped && random.chance(0.12) && { attempt_count: random.whole(2, 3) }),
    });
  });
};

/** A stolen card is used with patience: large purchases days apart, everything else as it should be. */
const slowLarge = ({ world, day, dayMs, size, random }: Incident): readonly Draft[] => {
  const customer = random.pick(world.customers);
  const knownForDays = random.whole(1, 25);
  const address = random.chance(0.3) ? madeUpEmail(random) : {};
  let today = day;
  return Array.from({ length: size }, (_, index) => {
    if (index > 0) today += random.whole(1, 5);
    const online = random.chance(0.7);
    const terminal = online
      ? onlineShop(world, ['electronics', 'travel', 'clothing', 'marketplace'], random)
      : world.pickInTown(world.pickTown.home(random), random);
    const at = momentOn(dayMs + (today - day) * DAY_MS, random.normal(15, 5), customer.city, random);
    const euros = usualEuros(customer, terminal, random) * random.logNormal(3, 0.4);
    const draft = paymentFor({ at, day: today, customer, terminal, euros }, random);
    if (!online) return draft;
    return altered(draft, {
      device_age_days: random.chance(0.1) ? null : knownForDays + today - day,
      billing_match: random.pick(['full', 'full', 'full', 'partial', null]),
      three_ds: random.chance(0.5),
      ...address,
    });
  });
};

/** Fraud as it is met, each with its part of all fraudulent payments. */
export const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = {
  card_testing: { share: 0.35, sizes: [5, 12], plan: cardTesting },
  takeover: { share: 0.3, sizes: [2, 6], plan: takeover },
  compromised_terminal: { share: 0.2, sizes: [8, 18], plan: compromisedTerminal },
  slow_large: { share: 0.15, sizes: [2, 5], plan: slowLarge },
};

const altered = (draft: Draft, changes: Partial<PaymentVariables>): Draft => ({
  ...draft,
  variables: { ...draft.variables, ...changes },
});

/** An online shop, of one of the categories if a few draws find one. */
const onlineShop = (world: World, categories: readonly MerchantCategoryName[], random: Random): Terminal => {
  let terminal = world.pickOnline(random);
  for (let draw = 0; draw < 5 && !categories.includes(terminal.category); draw++) terminal = world.pickOnline(random);
  return terminal;
};

/** Mostly somebody who lives in that town, if a few draws find one. */
const victimNear = (city: City, world: World, random: Random): Customer => {
  let customer = random.pick(world.customers);
  if (random.chance(0.35)) return customer;
  for (let draw = 0; draw < 40 && customer.city !== city; draw++) customer = random.pick(world.customers);
  return customer;
};

const farAway = (random: Random): number => Math.round(random.logNormal(900, 1.1) * 10) / 10;

const exponential = (mean: number, random: Random): number => Math.round(-mean * Math.log(1 - random.unit()));

const dayOf = (at: number, day: number, dayMs: number): number => day + Math.floor((at - dayMs) / DAY_MS);

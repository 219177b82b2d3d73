import { type Draft, type Purchase, paymentFor, usualEuros } from './payment.ts';
import type { City } from './places.ts';
import { Random } from './random.ts';
import type { Customer, Terminal, World } from './world.ts';

export const DAY_MS = 86_400_000;

/** How busy each weekday is, from Sunday on. */
const WEEKDAYS = [0.8, 0.9, 0.92, 0.96, 1.02, 1.22, 1.25] as const;

/** What one customer pays on one day by habit, in no order of time. */
export const ordinaryPayments = (customer: Customer, day: number, startMs: number, world: World): readonly Draft[] => {
  const random = new Random(world.seed, 'habits', customer.index, day);
  const dayMs = startMs + day * DAY_MS;
  const away = tripOf(customer, day, world);
  const busy = WEEKDAYS[new Date(dayMs).getUTCDay()]! * (away ? 1.5 : 1);
  const payments = Array.from({ length: random.poisson(customer.paymentsPerDay * busy) }, () => {
    const terminal = terminalFor(customer, away, world, random);
    const euros = usualEuros(customer, terminal, random);
    const at = momentOn(dayMs, hourFor(terminal, customer, random), away ?? customer.city, random);
    return paymentFor({ at, day, customer, terminal, euros, ...(away && { whereabouts: away }) }, random);
  });
  return [...payments, ...subscriptionsDue(customer, day, dayMs, random)];
};

/** A moment of the UTC day at which the clocks of the town show the hour. */
export const momentOn = (dayMs: number, localHour: number, { utcOffsetHours }: City, random: Random): number => {
  const hour = (((localHour - utcOffsetHours) % 24) + 24) % 24;
  return dayMs + Math.min(DAY_MS - 1, Math.floor(hour * 3_600_000) + random.whole(0, 999));
};

/** The town that the customer is travelling in on that day, if any. */
const tripOf = ({ index, city, trips }: Customer, day: number, world: World): City | undefined => {
  const [phase, number] = [
    (trips.startDay + day) % trips.cycleDays,
    Math.floor((trips.startDay + day) / trips.cycleDays),
  ];
  if (phase >= trips.lengthDays) return undefined;
  const destination = world.pickTown.any(new Random(world.seed, 'trip', index, number));
  return destination === city ? undefined : destination;
};

const terminalFor = (customer: Customer, away: City | undefined, world: World, random: Random): Terminal => {
  if (random.chance(away ? 0.15 : customer.onlineShare)) {
    return random.chance(0.55) ? random.pick(customer.usualOnline) : world.pickOnline(random);
  }
  if (away) return world.pickInTown(away, random);
  const where = random.weighted({ usual: 78, nearby: 19, elsewhere: 3 });
  if (where === 'usual') return random.pick(customer.usualShops);
  return world.pickInTown(where === 'nearby' ? customer.city : world.pickTown.home(random), random);
};

const HOURS_IN_TOWN = { morning: 20, noon: 32, evening: 42, any: 6 } as const;
const HOURS_ONLINE = { morning: 0, noon: 25, evening: 63, any: 12 } as const;

/** Morning, noon and evening peaks in town; evenings online; some of everything at any hour. */
const hourFor = ({ place }: Terminal, { lateness }: Customer, random: Random): number => {
  const part = random.weighted(place ? HOURS_IN_TOWN : HOURS_ONLINE);
  if (part === 'any') return random.between(0, 24);
  const peak = part === 'morning' ? 9 : part === 'noon' ? 13 : place ? 18 : 20.5;
  return random.normal(peak + lateness * 0.5, part === 'evening' ? 2 : 1.5);
};

const subscriptionsDue = (customer: Customer, day: number, dayMs: number, random: Random): readonly Draft[] =>
  customer.subscriptions
    .filter(({ everyDays, firstDay }) => day % everyDays === firstDay)
    .map(({ terminal, amount, localHour }) => {
      const at = momentOn(dayMs, localHour, customer.city, random);
      return withoutTheCustomer(paymentFor({ at, day, customer, terminal, euros: amount } satisfies Purchase, random));
    });

/** The shop charges by itself: no device, no proof of identity, the address on file. */
const withoutTheCustomer = (draft: Draft): Draft => ({
  ...draft,
  variables: {
    ...draft.variables,
    device_age_days: null,
    distance_km: null,
    attempt_count: 1,
    three_ds: false,
    billing_match: 'full',
  },
});

import { MERCHANT_CATEGORIES, type MerchantCategoryName } from './merchants.ts';
import type { SimulationOptions } from './options.ts';
import { CITIES, type City, type Place, placeIn } from './places.ts';
import { hashOf, Random, weightedPicker } from './random.ts';

/** A place that takes cards: a shop or cash machine in a town, or a shop online. */
export interface Terminal {
  readonly id: string;
  readonly category: MerchantCategoryName;
  /** The town whose country and currency it has. */
  readonly city: City;
  /** Where it stands; none when online. */
  readonly place?: Place;
  /** How much it is used, relative to the others. */
  readonly popularity: number;
}

/** A payment that comes back by itself, at night, without its customer being there. */
export interface Subscription {
  readonly terminal: Terminal;
  readonly amount: number;
  readonly everyDays: number;
  readonly firstDay: number;
  readonly localHour: number;
}

/** A person with one card, a home and habits. What changes with time does so in cycles, so no state is kept. */
export interface Customer {
  readonly id: string;
  readonly index: number;
  readonly city: City;
  readonly home: Place;
  readonly paymentsPerDay: number;
  /** What this person spends, as a multiple of what people spend. */
  readonly spending: number;
  readonly onlineShare: number;
  /** Hours by which this person's day is later than others'. */
  readonly lateness: number;
  readonly usualShops: readonly Terminal[];
  readonly usualOnline: readonly Terminal[];
  readonly subscriptions: readonly Subscription[];
  readonly email: string;
  /** Kilometres by which network addresses mislead about this person, when a VPN is in use. */
  readonly vpnKm?: number;
  /** The card, the phone and the next trip: day 0 lies `startDay` days into a cycle of `cycleDays`. */
  readonly card: Cycle;
  readonly phone: Cycle;
  readonly trips: Cycle & { readonly lengthDays: number };
}

interface Cycle {
  readonly startDay: number;
  readonly cycleDays: number;
}

export interface World {
  readonly seed: number;
  readonly customers: readonly Customer[];
  readonly terminals: readonly Terminal[];
  readonly pickTown: Record<'home' | 'any', (random: Random) => City>;
  readonly pickOnline: (random: Random) => Terminal;
  /** A shop or machine in the town, the popular ones more often. */
  readonly pickInTown: (city: City, random: Random) => Terminal;
}

/** Builds the customers and terminals of a seed. Memory grows with their number alone. */
export const worldOf = ({ seed, customers, terminals: count }: SimulationOptions): World => {
  const terminals = terminalsOf(seed, count);
  const online = terminals.filter(({ place }) => !place);
  const byCity = new Map(
    CITIES.map((city) => [
      city,
      weightedPicker(
        terminals.filter((terminal) => terminal.place && terminal.city === city),
        ({ popularity }) => popularity,
      ),
    ]),
  );
  const places = {
    seed,
    terminals,
    pickTown: {
      home: weightedPicker(
        CITIES.filter(({ home }) => home),
        ({ size }) => size,
      ),
      any: weightedPicker(CITIES, ({ size }) => size),
    },
    pickOnline: weightedPicker(online, ({ popularity }) => popularity),
    pickInTown: (city: City, random: Random) => byCity.get(city)!(random),
  };
  return { ...places, customers: Array.from({ length: customers }, (_, index) => customerOf(index, places)) };
};

/** Two of five terminals are online; every town has one before any has a second. */
const terminalsOf = (seed: number, count: number): readonly Terminal[] => {
  const pickCity = weightedPicker(CITIES, ({ size }) => size);
  const weightsOf = (side: 'inTown' | 'online') =>
    Object.fromEntries(Object.entries(MERCHANT_CATEGORIES).map(([name, category]) => [name, category[side]])) as Record<
      MerchantCategoryName,
      number
    >;
  const [inTown, online] = [weightsOf('inTown'), weightsOf('online')];

  return Array.from({ length: count }, (_, index) => {
    const random = new Random(seed, 'terminal', index);
    const inTownIndex = Math.floor(index / 5) * 3 + (index % 5) - 2;
    const standsInTown = index % 5 >= 2;
    const city = (standsInTown && CITIES[inTownIndex]) || pickCity(random);
    return {
      id: `term-${String(index + 1).padStart(5, '0')}`,
      category: random.weighted(standsInTown ? inTown : online),
      city,
      ...(standsInTown && { place: placeIn(city, random) }),
      popularity: random.logNormal(1, 0.8),
    };
  });
};

/** How often each mail provider is met; the last is one where an address costs nothing and lasts an hour. */
export const MAIL_DOMAINS = {
  'mail.example': 38,
  'post.example': 24,
  'inbox.example': 17,
  'office.example': 12,
  'quick.example': 4,
} as const;

const SYLLABLES = ['ba', 'do', 'ke', 'li', 'ma', 'no', 'pe', 'ra', 'si', 'tu', 'va', 'zo'] as const;

/** An address at a domain reserved for examples, so that it belongs to nobody. */
export const emailAt = (domain: string, random: Random): string => {
  const name = Array.from({ length: 3 }, () => random.pick(SYLLABLES)).join('');
  return `${name}.${hashOf(`${name}${random.unit()}`).toString(36)}@${domain}`;
};

const customerOf = (index: number, world: Omit<World, 'customers'>): Customer => {
  const random = new Random(world.seed, 'customer', index);
  const city = world.pickTown.home(random);
  const spending = random.logNormal(1, 0.35);
  const cycle = (low: number, high: number): Cycle => {
    const cycleDays = random.whole(low, high);
    return { cycleDays, startDay: random.whole(0, cycleDays - 1) };
  };
  const vpnKm = random.chance(0.05) ? random.logNormal(700, 1) : undefined;
  return {
    id: `cust-${String(index + 1).padStart(6, '0')}`,
    index,
    city,
    home: placeIn(city, random),
    paymentsPerDay: random.logNormal(1, 0.6),
    spending,
    onlineShare: random.between(0.1, 0.5),
    lateness: random.normal(0, 1.2),
    usualShops: Array.from({ length: random.whole(3, 8) }, () => world.pickInTown(city, random)),
    usualOnline: Array.from({ length: random.whole(2, 5) }, () => world.pickOnline(random)),
    subscriptions: Array.from({ length: random.poisson(1) }, () => subscriptionAt(world.pickOnline(random), random)),
    email: emailAt(random.weighted(MAIL_DOMAINS), random),
    ...(vpnKm !== undefined && { vpnKm }),
    card: cycle(900, 1460),
    phone: cycle(150, 1000),
    trips: { ...cycle(40, 300), lengthDays: random.whole(2, 12) },
  };
};

const subscriptionAt = (terminal: Terminal, random: Random): Subscription => {
  const everyDays = random.weighted({ 7: 1, 30: 8 });
  return {
    terminal,
    amount: random.pick([3.99, 4.99, 7.99, 9.99, 12.99, 14.99, 19.99, 24.9, 39]),
    everyDays: Number(everyDays),
    firstDay: random.whole(0, Number(everyDays) - 1),
    localHour: random.between(1, 6),
  };
};

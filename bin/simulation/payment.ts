import { MERCHANT_CATEGORIES, type MerchantCategoryName } from './merchants.ts';
import { kilometresBetween, PER_EURO, type Place } from './places.ts';
import type { Random } from './random.ts';
import { type Customer, emailAt, MAIL_DOMAINS, type Terminal } from './world.ts';

/** What a processor knows when it is asked to authorise a card payment. `null` is missing. */
export interface PaymentVariables {
  /** In `currency`, two decimals. */
  readonly amount: number;
  readonly currency: string;
  readonly merchant_category: MerchantCategoryName | null;
  readonly channel: Channel;
  /** Countries of the terminal and of the bank that issued the card. */
  readonly country: string;
  readonly card_country: string;
  /** From the customer's home to the terminal or, online, to where the network address seems to be. */
  readonly distance_km: number | null;
  readonly card_age_days: number | null;
  /** Days since the device was first seen with this customer; known only of payments made by hand online. */
  readonly device_age_days: number | null;
  /** Tries at the PIN, at 3-D Secure or at the card's details, this one included. */
  readonly attempt_count: number;
  /** Whether the customer proved who they are (3-D Secure); online only. */
  readonly three_ds: boolean | null;
  /** How much of the billing address agrees with the bank's; online only. */
  readonly billing_match: 'full' | 'partial' | 'none' | null;
  readonly email: string | null;
  readonly email_domain: string | null;
  /** Pieces in the basket, where the shop says so. */
  readonly items: number | null;
  /** Hour of the day, 0 to 23, where the customer lives. */
  readonly local_hour: number;
}

export type Channel = 'chip' | 'contactless' | 'online' | 'atm';

/** A payment before it has an id. */
export interface Draft {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly customer: Customer;
  readonly terminal: Terminal;
  readonly variables: PaymentVariables;
}

/** Who pays where and when; the amount is in euros. */
export interface Purchase {
  readonly at: number;
  /** Days since the simulation's first. */
  readonly day: number;
  readonly customer: Customer;
  readonly terminal: Terminal;
  readonly euros: number;
  /** Where the person is, when not at home. */
  readonly whereabouts?: Place;
}

/** A payment as its customer would make it. Fraud begins with one of these too, and changes what it must. */
export const paymentFor = (purchase: Purchase, random: Random): Draft => {
  const { at, day, customer, terminal, euros } = purchase;
  const currency = terminal.place || random.chance(0.12) ? terminal.city.currency : 'EUR';
  const common = {
    amount: amountIn(currency, euros, terminal),
    currency,
    merchant_category: known(terminal.category, 0.01, random),
    country: terminal.city.country,
    card_country: customer.city.country,
    card_age_days: known((customer.card.startDay + day) % customer.card.cycleDays, 0.02, random),
    local_hour: localHourOf(at, customer),
    items: itemsAt(terminal, random),
  };
  const details = terminal.place ? inTown(terminal, terminal.place, purchase, random) : online(purchase, random);
  return { at, customer, terminal, variables: { ...common, ...details } };
};

/** A usual amount in euros for this customer at this terminal. */
export const usualEuros = ({ spending }: Customer, { category }: Terminal, random: Random): number => {
  const { median, sigma } = MERCHANT_CATEGORIES[category];
  return random.logNormal(median, sigma) * spending;
};

/** The amount in a currency: two decimals, at least 0.5; cash comes in tens. */
export const amountIn = (currency: string, euros: number, { category }: Terminal): number => {
  const units = euros * PER_EURO[currency]!;
  return category === 'cash' ? Math.max(10, Math.round(units / 10) * 10) : Math.max(0.5, Math.round(units * 100) / 100);
};

/** The hour that the customer's own clock shows. */
export const localHourOf = (at: number, { city }: Customer): number =>
  (new Date(at).getUTCHours() + city.utcOffsetHours + 24) % 24;

const known = <T>(value: T, missing: number, random: Random): T | null => (random.chance(missing) ? null : value);

const itemsAt = ({ category }: Terminal, random: Random): number | null => {
  const { items } = MERCHANT_CATEGORIES[category];
  return items === 0 || random.chance(0.2) ? null : 1 + random.poisson(items - 0.6);
};

/** Largest amount that a tap settles without a PIN, in the terminal's currency. */
export const CONTACTLESS_LIMIT = 50;

const NOTHING_ONLINE = {
  device_age_days: null,
  three_ds: null,
  billing_match: null,
  email: null,
  email_domain: null,
} as const;

const inTown = ({ category }: Terminal, place: Place, { customer, euros }: Purchase, random: Random) => {
  const tapped = random.chance(euros <= CONTACTLESS_LIMIT ? 0.8 : 0.15);
  const channel: Channel = category === 'cash' ? 'atm' : tapped ? 'contactless' : 'chip';
  return {
    ...NOTHING_ONLINE,
    channel,
    distance_km: known(rounded(kilometresBetween(customer.home, place)), 0.02, random),
    attempt_count: channel === 'contactless' ? 1 : attempts(0.04, random),
  };
};

const online = ({ day, customer, euros, whereabouts }: Purchase, random: Random) => {
  const from = whereabouts ? kilometresBetween(customer.home, whereabouts) : 0;
  const misled = customer.vpnKm !== undefined && random.chance(0.7) ? customer.vpnKm : 0;
  const { email } = customer;
  return {
    channel: 'online' as const,
    distance_km: known(rounded(from + misled + random.logNormal(9, 1)), 0.08, random),
    device_age_days: deviceAge(customer, day, random),
    attempt_count: attempts(0.05, random),
    three_ds: random.chance(euros > 30 ? 0.75 : 0.35),
    billing_match: known(random.weighted({ full: 90, partial: 7, none: 3 }), 0.07, random),
    ...(random.chance(0.88) ? { email, email_domain: domainOf(email) } : { email: null, email_domain: null }),
  };
};

/** Mostly the phone; now and then a second device of the house, or one never seen: a new one, or its cookies gone. */
const deviceAge = ({ phone }: Customer, day: number, random: Random): number | null => {
  const device = random.weighted({ phone: 82, second: 9, unseen: 4, unknown: 5 });
  if (device === 'unknown') return null;
  if (device === 'unseen') return 0;
  return device === 'second' ? random.whole(0, 500) : (phone.startDay + day) % phone.cycleDays;
};

const attempts = (again: number, random: Random): number => {
  let count = 1;
  while (count < 6 && random.chance(count === 1 ? again : 0.25)) count++;
  return count;
};

/** An address made up for a fraud: at any provider, more often where addresses cost nothing. */
export const madeUpEmail = (random: Random) => {
  const email = emailAt(random.weighted({ ...MAIL_DOMAINS, 'quick.example': 55 }), random);
  return { email, email_domain: domainOf(email) };
};

const domainOf = (email: string): string => email.slice(email.indexOf('@') + 1);

const rounded = (kilometres: number): number => Math.round(kilometres * 10) / 10;

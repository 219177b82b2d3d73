import type { Random } from './random.ts';

/** A point on earth, in degrees. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** A town where customers live or spend. */
export interface City extends Place {
  readonly name: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Hours ahead of UTC, standard time all year: summer time would add nothing to learn from. */
  readonly utcOffsetHours: number;
  /** How many live or trade here, relative to the others. */
  readonly size: number;
  /** Whether customers of the issuing banks live here; elsewhere they only travel. */
  readonly home: boolean;
}

const city = (
  name: string,
  country: string,
  latitude: number,
  longitude: number,
  size: number,
  { currency = 'EUR', utcOffsetHours = 1, home = true } = {},
): City => ({ name, country, latitude, longitude, size, currency, utcOffsetHours, home });

const abroad = (currency: string, utcOffsetHours: number) => ({ currency, utcOffsetHours, home: false });

export const CITIES: readonly City[] = [
  city('Berlin', 'DE', 52.52, 13.4, 9),
  city('Paris', 'FR', 48.86, 2.35, 9),
  city('Madrid', 'ES', 40.42, -3.7, 7),
  city('Milan', 'IT', 45.46, 9.19, 6),
  city('Hamburg', 'DE', 53.55, 9.99, 5),
  city('Munich', 'DE', 48.14, 11.58, 5),
  city('Amsterdam', 'NL', 52.37, 4.9, 5),
  city('Vienna', 'AT', 48.21, 16.37, 5),
  city('London', 'GB', 51.51, -0.13, 4, abroad('GBP', 0)),
  city('New York', 'US', 40.71, -74.01, 3, abroad('USD', -5)),
  city('Barcelona', 'ES', 41.39, 2.17, 5),
  city('Lyon', 'FR', 45.76, 4.84, 4),
  city('Rome', 'IT', 41.9, 12.5, 5),
  city('Zurich', 'CH', 47.38, 8.54, 2, abroad('CHF', 1)),
  city('Singapore', 'SG', 1.35, 103.82, 2, abroad('SGD', 8)),
  city('Brussels', 'BE', 50.85, 4.35, 4),
  city('Lisbon', 'PT', 38.72, -9.14, 4, { utcOffsetHours: 0 }),
  city('Dublin', 'IE', 53.35, -6.26, 3, { utcOffsetHours: 0 }),
  city('Los Angeles', 'US', 34.05, -118.24, 2, abroad('USD', -8)),
  city('Toronto', 'CA', 43.65, -79.38, 2, abroad('CAD', -5)),
];

/** Units of each currency for one euro, rounded and fixed: amounts are given in the terminal's own currency. */
export const PER_EURO: Readonly<Record<string, number>> = {
  EUR: 1,
  GBP: 0.86,
  USD: 1.1,
  CHF: 0.95,
  SGD: 1.45,
  CAD: 1.5,
};

/** A place in or around a town; half of them within about 7 km of its centre. */
export const placeIn = ({ latitude, longitude }: Place, random: Random): Place => ({
  latitude: latitude + random.normal(0, 0.055),
  longitude: longitude + random.normal(0, 0.055) / Math.cos((latitude * Math.PI) / 180),
});

/** Great-circle distance in kilometres (haversine on a sphere of 6,371 km). */
export const kilometresBetween = (from: Place, to: Place): number => {
  const radians = Math.PI / 180;
  const north = Math.sin(((to.latitude - from.latitude) * radians) / 2);
  const east = Math.sin(((to.longitude - from.longitude) * radians) / 2);
  const shrink = Math.cos(from.latitude * radians) * Math.cos(to.latitude * radians);
  return 2 * 6371 * Math.asin(Math.min(1, Math.sqrt(north ** 2 + shrink * east ** 2)));
};

/** Country codes of two digits; all others have three, save 1 and 7. @see ITU-T E.164, list of assigned codes. */
const TWO_DIGITS: ReadonlySet<string> = new Set([
  ...['20', '27', '30', '31', '32', '33', '34', '36', '39', '40', '41', '43', '44', '45', '46', '47', '48', '49'],
  ...['51', '52', '53', '54', '55', '56', '57', '58', '60', '61', '62', '63', '64', '65', '66'],
  ...['81', '82', '84', '86', '90', '91', '92', '93', '94', '95', '98'],
]);

/**
 * The country code of a telephone number in international form: `+49` of `+49 89 123456`. Countries that share a code,
 * as those of `+1` do, are not told apart.
 *
 * @returns undefined for a number without its country.
 */
export const phoneCountry = (phone: string): string | undefined => {
  const digits = /^\+([1-9]\d{6,14})$/.exec(phone)?.[1];
  if (digits === undefined) return undefined;
  if (digits.startsWith('1') || digits.startsWith('7')) return `+${digits[0]}`;
  return `+${digits.slice(0, TWO_DIGITS.has(digits.slice(0, 2)) ? 2 : 3)}`;
};

/** The first six digits of a card's number or BIN, which name the bank; undefined where there are fewer. */
export const cardPrefix = (bin: string): string | undefined => /^\d{6}/.exec(bin)?.[0];

/** Networks by the first six digits of their cards, from and to. @see ISO/IEC 7812, and the networks' own pages. */
const NETWORKS: readonly (readonly [from: number, to: number, network: string])[] = [
  [340_000, 349_999, 'amex'],
  [370_000, 379_999, 'amex'],
  [300_000, 305_999, 'diners'],
  [360_000, 369_999, 'diners'],
  [380_000, 399_999, 'diners'],
  [352_800, 358_999, 'jcb'],
  [400_000, 499_999, 'visa'],
  [222_100, 272_099, 'mastercard'],
  [510_000, 559_999, 'mastercard'],
  [601_100, 601_199, 'discover'],
  [644_000, 659_999, 'discover'],
  [620_000, 629_999, 'unionpay'],
  [500_000, 509_999, 'maestro'],
  [560_000, 589_999, 'maestro'],
  [630_000, 639_999, 'maestro'],
  [670_000, 679_999, 'maestro'],
];

/** The network of a card, by its first six digits: `visa`, `mastercard`, `amex` …; `other` where it is none of these. */
export const cardNetwork = (bin: string): string | undefined => {
  const prefix = cardPrefix(bin);
  if (prefix === undefined) return undefined;
  const number = Number(prefix);
  return NETWORKS.find(([from, to]) => number >= from && number <= to)?.[2] ?? 'other';
};

/** Issuers by the first digits of their cards (all of a range's, both ends included) and the lengths they issue. */
interface Issuer {
  readonly from: string;
  readonly to: string;
  readonly lengths: readonly number[];
}

const issuer = (from: string, to: string, ...lengths: readonly number[]): Issuer => ({ from, to, lengths });

/**
 * The schemes' published ranges. Maestro's are those in use, not all of 50 and 56 to 69, which would take in one in
 * five of all 16-digit ids.
 */
const ISSUERS: readonly Issuer[] = [
  issuer('4', '4', 13, 16, 19), // Visa, and national schemes that share its ranges
  issuer('51', '55', 16), // Mastercard
  issuer('2221', '2720', 16), // Mastercard, and Mir (2200 to 2204) below
  issuer('2200', '2204', 16, 17, 18, 19),
  issuer('34', '34', 15), // American Express
  issuer('37', '37', 15),
  issuer('300', '305', 14, 16, 19), // Diners Club
  issuer('3095', '3095', 14, 16, 19),
  issuer('36', '36', 14, 16, 19),
  issuer('38', '39', 14, 16, 19),
  issuer('3528', '3589', 16, 17, 18, 19), // JCB
  issuer('60', '60', 16, 17, 18, 19), // Discover, RuPay
  issuer('644', '659', 16, 17, 18, 19),
  issuer('62', '62', 16, 17, 18, 19), // UnionPay
  issuer('81', '82', 16, 17, 18, 19), // UnionPay, RuPay
  issuer('5018', '5020', 12, 13, 14, 15, 16, 17, 18, 19), // Maestro, Dankort
  issuer('5038', '5038', 12, 13, 14, 15, 16, 17, 18, 19),
  issuer('5893', '5893', 12, 13, 14, 15, 16, 17, 18, 19),
  issuer('6304', '6304', 12, 13, 14, 15, 16, 17, 18, 19),
  issuer('6759', '6763', 12, 13, 14, 15, 16, 17, 18, 19),
  issuer('5041', '5041', 16), // Elo
  issuer('5066', '5067', 16, 18, 19), // Elo, Verve
  issuer('506', '509', 16), // RuPay, Elo, Verve
  issuer('6362', '6363', 16), // Elo, InterPayment
  issuer('8600', '8600', 16), // Uzcard
  issuer('9860', '9860', 16), // Humo
  issuer('9792', '9792', 16), // Troy
];

const SHORTEST = 12;
const LONGEST = 19;

/** What people and programs write between the digits of a card, invisible characters included. */
const SEPARATORS = String.raw`[\s.\-_\u2010-\u2015\u2212\p{Cf}]{0,3}`;
const CANDIDATES = new RegExp(String.raw`\d(?:${SEPARATORS}\d){${SHORTEST - 1},}`, 'gu');

/** The digits of a random UUID would pass for a card once in ten thousand. */
const UUID = /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi;

/**
 * Whether a text holds a payment card number: digits that begin as an issuer's cards do, are as many as that issuer
 * uses, and pass the Luhn check; alone or within other text, in one piece or in groups.
 *
 * Digits in one piece count as a whole, so that an id of 20 digits is not refused for a part of it. Of 16-digit ids
 * at random about 2 % pass for cards; a variable may be declared exempt. Linear in the length of the text.
 */
export const holdsCardNumber = (text: string): boolean => {
  if (text.length < SHORTEST) return false;
  // Full-width and other compatibility forms of digits become the plain ones.
  for (const [candidate] of text.normalize('NFKC').replace(UUID, ' id ').matchAll(CANDIDATES)) {
    if (holdsCardSpan(candidate.match(/\d+/g) ?? [])) return true;
  }
  return false;
};

/** Whether some groups in a row make a card number. */
const holdsCardSpan = (groups: readonly string[]): boolean =>
  groups.some((_, first) => {
    let digits = '';
    for (let next = first; next < groups.length && digits.length < LONGEST; next++) {
      digits += groups[next];
      if (isCardNumber(digits)) return true;
    }
    return false;
  });

const isCardNumber = (digits: string): boolean =>
  digits.length >= SHORTEST &&
  digits.length <= LONGEST &&
  ISSUERS.some(({ from, to, lengths }) => {
    const prefix = digits.slice(0, from.length);
    return prefix >= from && prefix <= to && lengths.includes(digits.length);
  }) &&
  passesLuhn(digits);

/** The check digit of ISO/IEC 7812-1, annex B. */
const passesLuhn = (digits: string): boolean => {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
};

/** Words that name a card's security code, its PIN or its magnetic stripe, which nobody may store. */
const SECRET_WORDS: ReadonlySet<string> = new Set([
  'cvv',
  'cvv2',
  'cvc',
  'cvc2',
  'cvn',
  'cvn2',
  'cvd',
  'csc',
  'cav',
  'cav2',
  'magstripe',
]);
/** Whole names, since `pin_code` is a postal code in India and a track may be a race's. */
const SECRET_NAMES: ReadonlySet<string> = new Set(['pin', 'cardpin', 'track1', 'track2', 'track1data', 'track2data']);
const SECRET_PHRASES = [
  'pinblock',
  'securitycode',
  'cardverificationvalue',
  'cardverificationcode',
  'cardverificationnumber',
];

/** Words that turn the name into that of a check's result, which is no secret: `cvv_result`, `pin_attempts`. */
const ABOUT_THE_CHECK: ReadonlySet<string> = new Set([
  'attempts',
  'check',
  'checked',
  'count',
  'entered',
  'failed',
  'failures',
  'indicator',
  'match',
  'matched',
  'matches',
  'ok',
  'present',
  'provided',
  'response',
  'result',
  'retries',
  'status',
  'tries',
  'valid',
  'verified',
]);

/** Answers by name: the same few names come with every event. */
const answered = new Map<string, boolean>();
const MOST_ANSWERED = 1_000;
/** Longer names are no variable's. */
const LONGEST_ANSWERED = 100;

/** Whether a field's name says that it holds a card's security code or PIN, however it is spelt: `cardCvv`, `CVC2`. */
export const namesCardSecret = (name: string): boolean => {
  const known = answered.get(name);
  if (known !== undefined) return known;
  const secret = isSecretName(name);
  if (name.length <= LONGEST_ANSWERED && answered.size < MOST_ANSWERED) answered.set(name, secret);
  return secret;
};

const isSecretName = (name: string): boolean => {
  const words = name
    .normalize('NFKC')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  if (words.some((word) => ABOUT_THE_CHECK.has(word))) return false;
  const joined = words.join('');
  if (SECRET_NAMES.has(joined)) return true;
  return words.some((word) => SECRET_WORDS.has(word)) || SECRET_PHRASES.some((phrase) => joined.includes(phrase));
};

/**
 * What is personal in the tests' own data: planted where people's data comes in, and searched for wherever anything is
 * kept or written. `MARK` is in every text, so that the whole needs no search of its own; numbers are searched as such.
 */
const MARK = 'zqplanted';

/** Valid by Luhn, issuer and length, as it is written and as it is stored. */
const CARD = '4556737586899855';

export const PLANTED = {
  mark: MARK,
  name: 'Zqplanted Person-Örtel',
  email: 'zqplanted.person@planted-mail.example',
  otherEmail: 'zqplanted.other@planted-mail.example',
  customer: 'zqplanted-customer-7731',
  guarantor: 'zqplanted-guarantor-7732',
  agent: 'Mozilla/5.0 (zqplanted device of a person)',
  letter: 'I am zqplanted, and this is my letter; ring me.',
  card: CARD,
  cardInGroups: '4556 7375 8689 9855',
  phone: '+44 7700 900461',
  ip: '203.0.113.77',
  taxNumber: 773_177_441_723,
  bornAt: '1931-07-17T03:17:43.771Z',
} as const;

/** Numbers as digits alone, however they were written. */
export const PLANTED_DIGITS: readonly string[] = [
  CARD,
  '447700900461',
  String(PLANTED.taxNumber),
  String(-Date.parse(PLANTED.bornAt)),
];

/** Texts of their own, without the mark. */
export const PLANTED_TEXTS: readonly string[] = [
  CARD,
  PLANTED.cardInGroups,
  '447700900461',
  PLANTED.ip,
  PLANTED.bornAt,
];

import { describe, expect, test } from '@jest/globals';

import { holdsCardNumber, namesCardSecret } from '#domain/card-numbers.ts';

/** Test numbers that the schemes and processors publish. */
const CARDS = {
  visa: '4111111111111111',
  'visa of 13 digits': '4222222222222',
  mastercard: '5555555555554444',
  'mastercard of the 2 series': '2223003122003222',
  'american express': '378282246310005',
  discover: '6011111111111117',
  'diners club': '30569309025904',
  jcb: '3530111333300000',
  unionpay: '6200000000000005',
  maestro: '6759649826438453',
  'maestro of 12 digits': '501800000009',
};

describe('card numbers are recognised', () => {
  test.each(Object.entries(CARDS))('%s', (_, card) => {
    expect(holdsCardNumber(card)).toBe(true);
  });

  const spaced = '4111 1111 1111 1111';
  test.each([
    { how: 'in groups', text: spaced },
    { how: 'with dashes', text: '4111-1111-1111-1111' },
    { how: 'with dots', text: '4111.1111.1111.1111' },
    { how: 'with dashes between spaces', text: '4111 - 1111 - 1111 - 1111' },
    { how: 'digit by digit', text: [...'4111111111111111'].join(' ') },
    { how: 'with no-break spaces', text: '4111\u00a01111\u00a01111\u00a01111' },
    { how: 'with invisible characters', text: '4111\u200b1111\u200b1111\u200b1111' },
    { how: 'in full-width digits', text: '４１１１１１１１１１１１１１１１' },
    { how: 'within a sentence', text: `card ${spaced}, thank you` },
    { how: 'with an expiry date behind', text: `${spaced} 12 27` },
    { how: 'with a count before', text: `2 ${spaced}` },
    { how: 'next to letters', text: 'PAN4111111111111111x' },
  ])('$how', ({ text }) => {
    expect(holdsCardNumber(text)).toBe(true);
  });
});

test.each([
  { what: 'a wrong check digit', text: '4111111111111112' },
  { what: 'a prefix that no issuer has', text: '1234567812345670' },
  { what: 'a length that the issuer does not use', text: '41111111111111111117' },
  { what: 'epoch milliseconds', text: '1700000000000' },
  { what: 'an ISO time', text: '2026-03-01T12:00:00.000Z' },
  { what: 'an id of 20 digits that holds a card number inside', text: '99411111111111111199' },
  { what: 'a telephone number', text: '+49 30 1234567' },
  { what: 'an IP address', text: '192.168.100.200' },
  { what: 'a UUID whose digits would pass', text: '41111111-1111-1111-aaaa-bbbbbbbbbbbb' },
  { what: 'nothing', text: '' },
])('$what is no card number', ({ text }) => {
  expect(holdsCardNumber(text)).toBe(false);
});

test('of 16-digit ids at random few are taken for cards', () => {
  let seed = 7;
  const digit = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * 10);
  };
  const ids = Array.from({ length: 5_000 }, () => Array.from({ length: 16 }, digit).join(''));

  const refused = ids.filter(holdsCardNumber).length / ids.length;

  // One in ten passes Luhn, and issuers hold about a quarter of the prefixes.
  expect(refused).toBeGreaterThan(0.01);
  expect(refused).toBeLessThan(0.035);
});

test('a long text is read in linear time', () => {
  const started = performance.now();

  holdsCardNumber('4 '.repeat(4_096));
  holdsCardNumber('4'.repeat(8_192));

  expect(performance.now() - started).toBeLessThan(500);
});

test.each(['cvv', 'CVV2', 'card_cvc', 'cardCvv', 'Card Security Code', 'cvc-number', 'pin', 'pin_block', 'track2'])(
  '%s names a secret',
  (name) => {
    expect(namesCardSecret(name)).toBe(true);
  },
);

test.each(['cvv_result', 'cvv_match', 'pin_attempts', 'pin_code', 'shipping', 'track', 'score', 'pinned', 'cid'])(
  '%s names no secret',
  (name) => {
    expect(namesCardSecret(name)).toBe(false);
  },
);

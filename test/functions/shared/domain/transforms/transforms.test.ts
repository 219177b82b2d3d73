import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { TRANSFORM_NAMES, type TransformName } from '#domain/transforms/names.ts';
import { TRANSFORMS } from '#domain/transforms/transforms.ts';

describe.each<{ transform: TransformName; cases: readonly (readonly [text: string, value: unknown])[] }>([
  {
    transform: 'email_domain',
    cases: [
      ['ann@example.com', 'example.com'],
      ['Ann@Example.COM', 'example.com'],
      ['"a@b"@mail.example.co.uk', 'mail.example.co.uk'],
      ['ann@localhost', undefined],
      ['ann@', undefined],
      ['ann@.com', undefined],
      ['ann@exa mple.com', undefined],
      ['example.com', undefined],
      ['', undefined],
    ],
  },
  {
    transform: 'email_is_free',
    cases: [
      ['a@gmail.com', true],
      ['a@yahoo.co.uk', true],
      ['a@web.de', true],
      ['a@example.com', false],
      ['a@gmail.example.com.au', false],
      ['a@notgmail.com', false],
      ['gmail.com', undefined],
    ],
  },
  {
    transform: 'email_digits',
    cases: [
      ['ann1984x7@example1.com', 5],
      ['ann@example.com', 0],
      ['@example.com', undefined],
    ],
  },
  {
    transform: 'email_length',
    cases: [
      ['ann.smith@example.com', 9],
      ['ünï@example.com', 3],
      ['example.com', undefined],
    ],
  },
  {
    transform: 'ip_version',
    cases: [
      ['203.0.113.9', 4],
      ['2001:db8::1', 6],
      ['256.0.0.1', undefined],
      ['1.2.3', undefined],
      ['::1::', undefined],
      ['', undefined],
    ],
  },
  {
    transform: 'ip_is_private',
    cases: [
      ['10.255.0.1', true],
      ['127.0.0.1', true],
      ['172.15.0.1', false],
      ['172.16.0.1', true],
      ['172.31.255.255', true],
      ['172.32.0.1', false],
      ['192.168.1.1', true],
      ['192.169.1.1', false],
      ['169.254.9.9', true],
      ['100.63.0.1', false],
      ['100.64.0.1', true],
      ['100.127.0.1', true],
      ['100.128.0.1', false],
      ['8.8.8.8', false],
      ['::1', true],
      ['::', true],
      ['fd12:3456::1', true],
      ['fe80::1', true],
      ['febf::1', true],
      ['fec0::1', false],
      ['2001:db8::1', false],
      ['::ffff:192.168.1.1', true],
      ['::ffff:8.8.8.8', false],
      ['host', undefined],
    ],
  },
  {
    transform: 'ip_network',
    cases: [
      ['203.0.113.9', '203.0.113.0/24'],
      ['::ffff:203.0.113.9', '203.0.113.0/24'],
      ['2001:db8:1:2::9', '2001:db8:1::/48'],
      ['2001:db8::9', '2001:db8::/48'],
      ['::1', '::/48'],
      ['203.0.113', undefined],
    ],
  },
  {
    transform: 'phone_country',
    cases: [
      ['+4989123456', '+49'],
      ['+12025550123', '+1'],
      ['+79161234567', '+7'],
      ['+390612345678', '+39'],
      ['+35312345678', '+353'],
      ['+2347012345678', '+234'],
      ['089123456', undefined],
      ['+49', undefined],
      ['+0123456789', undefined],
    ],
  },
  {
    transform: 'card_prefix',
    cases: [
      ['41111122', '411111'],
      ['411111', '411111'],
      ['4111', undefined],
      ['visa', undefined],
    ],
  },
  {
    transform: 'card_network',
    cases: [
      ['411111', 'visa'],
      ['222099', 'other'],
      ['222100', 'mastercard'],
      ['272099', 'mastercard'],
      ['272100', 'other'],
      ['51000000', 'mastercard'],
      ['378282', 'amex'],
      ['305999', 'diners'],
      ['352800', 'jcb'],
      ['601100', 'discover'],
      ['622126', 'unionpay'],
      ['675900', 'maestro'],
      ['900000', 'other'],
      ['41111', undefined],
    ],
  },
  {
    transform: 'user_agent_family',
    cases: [
      ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/125.0 Safari/537.36', 'chrome'],
      ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/125.0 Safari/537.36 Edg/125.0', 'edge'],
      ['Mozilla/5.0 (Macintosh; Mac OS X 14_5) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15', 'safari'],
      ['Mozilla/5.0 (X11; Linux) Gecko/20100101 Firefox/126.0', 'firefox'],
      ['Mozilla/5.0 (compatible; Googlebot/2.1) Chrome/125 Safari', 'bot'],
      ['Mozilla/5.0 HeadlessChrome/125.0 Safari/537.36', 'headless'],
      ['python-requests/2.31', 'script'],
      ['curl/8.5.0', 'script'],
      ['Our App 3', 'other'],
      ['', undefined],
    ],
  },
  {
    transform: 'user_agent_system',
    cases: [
      ['Mozilla/5.0 (Linux; Android 14) Chrome/125', 'android'],
      ['Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)', 'ios'],
      ['Mozilla/5.0 (Windows NT 10.0)', 'windows'],
      ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15)', 'mac'],
      ['Mozilla/5.0 (X11; Linux x86_64)', 'linux'],
      ['Mozilla/5.0 (X11; CrOS x86_64)', 'chrome_os'],
      ['curl/8', 'other'],
    ],
  },
  {
    transform: 'text_length',
    cases: [
      ['', 0],
      ['né 😀', 4],
    ],
  },
  {
    transform: 'text_words',
    cases: [
      ['', 0],
      ['  two\nwords ', 2],
    ],
  },
  {
    transform: 'text_shape',
    cases: [
      ['Main St. 12b', 'Aa Aa. 9a'],
      ['ÉCOLE élémentaire', 'A a'],
      ['日本 x', 'a a'],
      ['a.b@c', 'a.a.a'],
      ['', ''],
    ],
  },
  {
    transform: 'text_digits',
    cases: [
      ['ab12', 0.5],
      ['ab', 0],
      ['', undefined],
    ],
  },
  {
    transform: 'text_capitals',
    cases: [
      ['BUY now 99', 0.5],
      ['99', undefined],
    ],
  },
  {
    transform: 'category',
    cases: [
      ['  Food  and Drink ', 'food and drink'],
      ['  ', undefined],
    ],
  },
])('$transform', ({ transform, cases }) => {
  test.each(cases)('of %j is %j', (text, value) => {
    expect(TRANSFORMS[transform].apply(text, {})).toEqual(value);
  });
});

test.each([
  ['DE', 'de'],
  ['fr', 'fr'],
  ['US', 'other'],
])('with levels, the category %s is %s', (text, value) => {
  expect(TRANSFORMS.category.apply(text, { levels: ['De', 'fr'] })).toBe(value);
});

describe('how much an address is like a name', () => {
  const likeness = (email: string, second: string) => TRANSFORMS.email_name_likeness.apply(email, { second });

  test.each([
    // Pairs an, nn · sm, mi, it, th of the name; the address has ns between, of 6 + 7 pairs 6 in common.
    ['ann.smith@example.com', 'Ann Smith', 12 / 13],
    ['annsmith99@example.com', 'Smith Ann', 12 / 13],
    ['zoë@example.com', 'ZOE', 1],
    ['xq7@example.com', 'Ann Smith', 0],
    ['a@example.com', 'Ann Smith', undefined],
    ['ann@example.com', '1', undefined],
  ])('%s and %s: %s', (email, name, expected) => {
    expect(likeness(email, name)).toEqual(expected);
  });

  test('it is missing without a name', () => {
    expect(TRANSFORMS.email_name_likeness.apply('ann@example.com', {})).toBeUndefined();
  });
});

test('every transform is total: it gives a value of its type, or none, whatever the text', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...TRANSFORM_NAMES),
      fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.ipV4(), fc.ipV6(), fc.emailAddress()),
      fc.string({ unit: 'binary' }),
      (name, text, second) => {
        const { apply, returns } = TRANSFORMS[name];
        const value = apply(text, { second });

        expect([returns, 'undefined']).toContain(typeof value);
        if (typeof value === 'number') expect(value).toBeGreaterThanOrEqual(0);
        expect(apply(text, { second })).toBe(value);
      },
    ),
    { numRuns: 500 },
  );
});

test('an IP address is in the network that it is said to be in', () => {
  fc.assert(
    fc.property(fc.ipV6(), (ip) => {
      const network = String(TRANSFORMS.ip_network.apply(ip, {}));

      expect(TRANSFORMS.ip_network.apply(network.replace(/\/\d+$/, ''), {})).toBe(network);
    }),
  );
});

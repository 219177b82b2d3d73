import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { packText, unpackText } from '#domain/packed-text.ts';
import { aDecision, anEvent } from '../../../support/decisions.ts';

test('a packed text is what it was when it is unpacked', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 2_000 }), (text) => {
      expect(unpackText(packText(text))).toBe(text);
    }),
  );
});

test('what was never packed is given back as it is', () => {
  expect(unpackText('{"v":1}')).toBe('{"v":1}');
});

test('what was packed with the first dictionary stays readable', () => {
  expect(unpackText(PACKED_ONCE)).toBe('{"v":1,"event":{"eventId":"e-1"},"outcomes":["approve"],"rung":"full"}');
});

test("a decision's record takes half of its bytes or less", () => {
  const record = JSON.stringify(aDecision({ event: anEvent({ eventId: 'packed' }), detector: 'card-payments' }));

  expect(packText(record).length).toBeLessThan(record.length / 2);
});

test('what is damaged, or larger than any text of ours, is refused', () => {
  expect(() => unpackText('~1////')).toThrow();
  expect(() => unpackText(packText('x'.repeat(5_000_000)))).toThrow();
});

const PACKED_ONCE = '~1w5NbUnUNQamECDNrAQ==';

import { compareBuffers } from './buffers.ts';
import { Big } from './dynalite.ts';

// The first byte orders negative, zero and positive numbers among each other.
const NEGATIVE = 1;
const ZERO = 2;
const POSITIVE = 3;

/** Added to an exponent, so that DynamoDB's range of −130 to 125 becomes 0 to 255: one byte. */
const EXPONENT_BIAS = 130;

/**
 * Encodes a decimal so that comparing bytes compares numbers, exactly, over all 38 digits.
 *
 * A sign byte, the biased exponent, then two digits a byte, each as 1 to 100. For a negative number
 * everything after the sign is complemented and closed with 0xff, so that a longer one sorts lower.
 *
 * @param text - plain decimal notation without an exponent, as validation normalises it.
 */
export const encodeNumber = (text: string): Buffer => {
  const negative = text.startsWith('-');
  const [whole = '', fraction = ''] = (negative ? text.slice(1) : text).split('.');
  const all = whole + fraction;
  const first = all.search(/[1-9]/);
  if (first < 0) return Buffer.from([ZERO]);

  const digits = all.slice(first).replace(/0+$/, '');
  const bytes = [whole.length - 1 - first + EXPONENT_BIAS];
  for (let at = 0; at < digits.length; at += 2) bytes.push(Number(digits.slice(at, at + 2).padEnd(2, '0')) + 1);
  return negative
    ? Buffer.from([NEGATIVE, ...bytes.map((byte) => 0xff - byte), 0xff])
    : Buffer.from([POSITIVE, ...bytes]);
};

/** Negative, zero or positive as the left decimal is below, equal to or above the right one. */
export const compareNumbers = (left: string, right: string): number =>
  compareBuffers(encodeNumber(left), encodeNumber(right));

/** The exact sum of two decimals, in plain notation. */
export const addNumbers = (left: string, right: string): string => new Big(left).plus(right).toFixed();

/** The exact difference of two decimals, in plain notation. */
export const subtractNumbers = (left: string, right: string): string => new Big(left).minus(right).toFixed();

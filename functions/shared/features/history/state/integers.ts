/**
 * An exact integer: a number as long as it is safe (up to 2^53 - 1 either side), else a bigint. So each integer has one
 * form alone, and `===` compares them. Stored as its decimal digits, of which DynamoDB keeps 38.
 */
export type Int = number | bigint;

/** The one form of a whole number of any size. -0 is 0. */
export const intOf = (value: bigint | number): Int => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value + 0 : BigInt(value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

/** An integer from its decimal digits. @throws {RangeError} if there is anything else. */
export const parseInt10 = (digits: string): Int => {
  if (!DIGITS.test(digits)) throw new RangeError('an integer is a sign, if any, and digits alone');
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number + 0 : intOf(BigInt(digits));
};

const DIGITS = /^-?\d+$/;

export const addInts = (left: Int, right: Int): Int => {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return intOf(BigInt(left) + BigInt(right));
};

export const multiplyInts = (left: Int, right: Int): Int => {
  if (typeof left === 'number' && typeof right === 'number') {
    const product = left * right;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return intOf(BigInt(left) * BigInt(right));
};

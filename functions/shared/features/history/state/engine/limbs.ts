import { addInts, type Int, intOf, multiplyInts } from '../integers.ts';

/**
 * Integers of any size in doubles: limbs of 50 bits, the lowest first, of which all but the highest are from 0 to
 * 2^50 - 1. The highest may be below 0. So sums in typed arrays stay exact.
 */
const LIMB = 2 ** 50;
const LIMB_BITS = 50n;
const LIMB_MASK = 2n ** LIMB_BITS - 1n;

/** Limbs of a sum of safe integers, and of their squares: room for 2^49 of the largest. */
export const SUM_LIMBS = 2;
export const SQUARE_LIMBS = 3;

/** Puts the limbs of an integer at a place. @param limbs - how many it may take. */
export const putLimbs = (into: Float64Array, at: number, limbs: number, value: Int): void => {
  if (typeof value === 'number') {
    const high = Math.floor(value / LIMB);
    into[at] = value - high * LIMB;
    into[at + 1] = high;
    for (let limb = 2; limb < limbs; limb++) into[at + limb] = 0;
    return;
  }
  let rest = value;
  for (let limb = 0; limb < limbs - 1; limb++) {
    into[at + limb] = Number(rest & LIMB_MASK);
    rest >>= LIMB_BITS;
  }
  into[at + limbs - 1] = Number(rest);
};

/** The integer whose limbs are at a place. */
export const intAt = (from: Float64Array, at: number, limbs: number): Int => {
  let value: Int = from[at + limbs - 1]!;
  for (let limb = limbs - 2; limb >= 0; limb--) {
    const low: number = from[at + limb]!;
    value = value === 0 ? low : addInts(multiplyInts(value, LIMB), low);
  }
  return intOf(value);
};

/**
 * Adds lanes to lanes, or takes them away: limb by limb, with what is carried.
 *
 * @param carries - for each lane, whether it is a limb with a higher one behind it.
 * @param sign - 1 or -1.
 */
export const addLanes = (
  into: Float64Array,
  at: number,
  from: Float64Array,
  start: number,
  lanes: Int32Array,
  carries: Uint8Array,
  sign: number,
): void => {
  for (let lane = 0; lane < lanes.length; lane++) {
    let value = into[at + lane]! + sign * from[start + lanes[lane]!]!;
    if (carries[lane] === 1) {
      if (value >= LIMB) {
        value -= LIMB;
        into[at + lane + 1]! += 1;
      } else if (value < 0) {
        value += LIMB;
        into[at + lane + 1]! -= 1;
      }
    }
    into[at + lane] = value;
  }
};

import { isUtf8 } from 'node:buffer';

import type { ColumnShape } from './footer.ts';

/** A value as it is stored. */
export type Stored = number | bigint | boolean | Buffer;

/** A value as a CSV file would have it: empty for none; undefined for bytes that are no UTF-8. */
export type Cell = string | undefined;

/**
 * How the values of a column are written as text, so that a row means the same in whichever format it comes: whole
 * numbers and decimals with all their digits, instants as ISO 8601 with `Z`, dates as `2026-03-01`, bytes as UTF-8.
 * An instant that does not say that it is in UTC has no offset, here neither, so that admission refuses it as a time.
 *
 * @returns undefined for types that have no plain text (intervals, BSON, geometries, variants, half-precision floats).
 */
export const textOf = (shape: ColumnShape): ((value: Stored) => Cell) | undefined => {
  const { type, converted, logical } = shape;
  if (converted === 'BSON' || converted === 'INTERVAL' || isWithoutText(logical)) return undefined;
  if (converted === 'DECIMAL' || logical?.field_5) return (value) => decimalText(wholeOf(value), shape.scale);
  switch (type) {
    case 'BYTE_ARRAY':
      return (value) => utf8Text(value as Buffer);
    case 'FIXED_LEN_BYTE_ARRAY':
      return logical?.field_14 ? (value) => uuidText(value as Buffer) : (value) => utf8Text(value as Buffer);
    case 'INT96':
      return (value) => int96Text(value as Buffer);
    case 'FLOAT':
      return (value) => floatText(value as number);
    case 'INT32':
    case 'INT64':
      return wholeText(shape);
    default:
      return String;
  }
};

type Logical = ColumnShape['logical'];

const isWithoutText = (logical: Logical): boolean =>
  [13, 15, 16, 17, 18].some((kind) => logical?.[`field_${kind}` as keyof NonNullable<Logical>] !== undefined);

const wholeText = ({ type, converted, logical }: ColumnShape): ((value: Stored) => Cell) => {
  if (converted === 'DATE' || logical?.field_6) return (value) => dateText(Number(value));
  const instant = logical?.field_8;
  if (instant || converted === 'TIMESTAMP_MILLIS' || converted === 'TIMESTAMP_MICROS') {
    const unit = unitOf(instant, converted === 'TIMESTAMP_MICROS');
    const zone = instant && !instant.field_1 ? '' : 'Z';
    return (value) => instantText(BigInt(value as bigint), unit, zone);
  }
  const time = logical?.field_7;
  if (time || converted === 'TIME_MILLIS' || converted === 'TIME_MICROS') {
    const unit = unitOf(time, converted === 'TIME_MICROS');
    return (value) => instantText(BigInt(value as bigint), unit, '').slice('1970-01-01T'.length);
  }
  const unsigned = converted?.startsWith('UINT_') === true || logical?.field_10?.field_2 === false;
  if (!unsigned) return String;
  return type === 'INT32'
    ? (value) => String((value as number) >>> 0)
    : (value) => String(BigInt.asUintN(64, value as bigint));
};

/** Digits of a second's fraction: 3, 6 or 9. */
const unitOf = (timed: NonNullable<Logical>['field_8'], isMicros: boolean): number => {
  if (timed?.field_2.field_3) return 9;
  return isMicros || timed?.field_2.field_2 ? 6 : 3;
};

const DAY_MS = 86_400_000;
/** Days that `Date` can tell, on both sides of 1970. */
const MOST_DAYS = 100_000_000;

const dateText = (days: number): string =>
  Math.abs(days) > MOST_DAYS ? String(days) : new Date(days * DAY_MS).toISOString().split('T')[0]!;

/** @param digits - of a second's fraction: the unit of `value`. */
const instantText = (value: bigint, digits: number, zone: string): string => {
  const unit = 10n ** BigInt(digits);
  const seconds = (value - (((value % unit) + unit) % unit)) / unit;
  if (seconds > 8_640_000_000_000n || seconds < -8_640_000_000_000n) return String(value);
  const fraction = String(value - seconds * unit).padStart(digits, '0');
  const [whole] = new Date(Number(seconds) * 1_000).toISOString().split('.');
  return `${whole}.${fraction}${zone}`;
};

const JULIAN_DAY_OF_1970 = 2_440_588n;
const DAY_NS = 86_400_000_000_000n;

/** Nanoseconds of the day, then the Julian day: how Spark and Impala write instants, in UTC. */
const int96Text = (value: Buffer): string => {
  const day = BigInt(value.readInt32LE(8)) - JULIAN_DAY_OF_1970;
  return instantText(day * DAY_NS + value.readBigInt64LE(0), 9, 'Z');
};

/** Bytes of the longest decimal: 76 digits. */
const MOST_DECIMAL_BYTES = 32;

/** The whole number that a decimal is stored as; bytes have the most significant first. */
const wholeOf = (value: Stored): bigint => {
  if (!Buffer.isBuffer(value)) return BigInt(value);
  if (value.length === 0 || value.length > MOST_DECIMAL_BYTES) return 0n;
  return BigInt.asIntN(8 * value.length, BigInt(`0x${value.toString('hex')}`));
};

const decimalText = (whole: bigint, scale: number): string => {
  const digits = String(whole < 0n ? -whole : whole).padStart(scale + 1, '0');
  const sign = whole < 0n ? '-' : '';
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
};

const REPLACEMENT = '\ufffd';

const utf8Text = (value: Buffer): Cell => {
  const text = value.toString('utf8');
  return text.includes(REPLACEMENT) && !isUtf8(value) ? undefined : text;
};

const uuidText = (value: Buffer): string =>
  value.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** The shortest decimal that is the same float of 32 bits: 0.1, not 0.10000000149011612. */
const floatText = (value: number): string => {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
};

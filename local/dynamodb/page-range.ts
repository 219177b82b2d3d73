import { after, afterPrefix, compareBuffers, EMPTY, LAST } from './buffers.ts';
import { checkKeyPiece, type KeyCondition, type KeyConditions } from './dynalite.ts';
import { Fault, validationFault } from './errors.ts';
import {
  type EncodedKey,
  encodeHash,
  encodeKey,
  encodeRange,
  type KeyAttributes,
  segmentBound,
  tieBreakOf,
} from './keys.ts';
import type { Source } from './page-source.ts';
import { checkValues } from './request-values.ts';
import type { QueryRequest, ScanRequest } from './requests.ts';
import type { RangeQuery, ScanQuery } from './table-store.ts';
import type { Item } from './values.ts';

const invalidStart = (why = ''): Fault => validationFault(`The provided starting key is invalid${why}`);

const checkStartPieces = (start: Item, keys: KeyAttributes): void => {
  for (const { name, type } of keys.range ? [keys.hash, keys.range] : [keys.hash]) {
    try {
      checkKeyPiece(start, name, type, name === keys.hash.name);
    } catch (error) {
      throw error instanceof Fault ? invalidStart(`: ${error.message}`) : error;
    }
  }
};

type Start = EncodedKey & { readonly tieBreak: Buffer };

/** Where a page continues, in the order of its source. */
const startOf = (request: QueryRequest, { table, keys, startNames }: Source): Start | undefined => {
  const start = request.ExclusiveStartKey;
  if (!start) return undefined;
  checkValues(start, (message) => `The provided starting key is invalid: ${message}`);
  if (Object.keys(start).length !== startNames.length) throw invalidStart();
  if (!startNames.every((name) => Object.hasOwn(start, name))) throw invalidStart();
  checkStartPieces(start, table.keys);
  checkStartPieces(start, keys);
  return { ...encodeKey(start, keys), tieBreak: tieBreakOf(encodeKey(start, table.keys)) };
};

/** The bytes of a range condition: from low, up to but without high. */
const rangeOf = ({ ComparisonOperator, AttributeValueList }: KeyCondition): { low: Buffer; high: Buffer } => {
  const [first, second] = AttributeValueList;
  const bytes = encodeRange(first!);
  switch (ComparisonOperator) {
    case 'EQ':
      return { low: bytes, high: after(bytes) };
    case 'LT':
      return { low: EMPTY, high: bytes };
    case 'LE':
      return { low: EMPTY, high: after(bytes) };
    case 'GT':
      return { low: after(bytes), high: LAST };
    case 'GE':
      return { low: bytes, high: LAST };
    case 'BETWEEN':
      return { low: bytes, high: after(encodeRange(second!)) };
    case 'BEGINS_WITH':
      return { low: bytes, high: afterPrefix(bytes) };
  }
};

/** The key conditions of a query, checked against the keys of what it reads. */
const checkConditions = (conditions: KeyConditions, { hash, range }: KeyAttributes): void => {
  const names = Object.keys(conditions);
  for (const { name, type } of range ? [hash, range] : [hash]) {
    const condition = conditions[name];
    if (!condition) {
      if (name === hash.name || names.length > 1)
        throw validationFault(`Query condition missed key schema element: ${name}`);
      continue;
    }
    if (condition.AttributeValueList.some((value) => !(type in value))) {
      throw validationFault(
        'One or more parameter values were invalid: Condition parameter type does not match schema type',
      );
    }
    if (condition.AttributeValueList.some((value) => Object.values(value)[0] === '')) {
      throw validationFault(
        `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${type === 'B' ? 'binary' : 'string'} value. Key: ${name}`,
      );
    }
  }
  if (conditions[hash.name]!.ComparisonOperator !== 'EQ' || (!range && names.length > 1)) {
    throw validationFault('Query key condition not supported');
  }
};

const checkStartWithin = (start: Start | undefined, hash: Buffer, low: Buffer, high: Buffer, ranged: boolean): void => {
  if (!start) return;
  if (!start.hash.equals(hash)) {
    throw validationFault('The provided starting key is outside query boundaries based on provided conditions');
  }
  if (ranged && (compareBuffers(start.range, low) < 0 || compareBuffers(start.range, high) >= 0)) {
    throw validationFault('The provided starting key does not match the range key predicate');
  }
};

const checkSegments = ({ Segment, TotalSegments }: ScanRequest): void => {
  if (Segment !== undefined && TotalSegments === undefined) {
    throw validationFault(
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    );
  }
  if (TotalSegments === undefined) return;
  if (Segment === undefined) {
    throw validationFault(
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    );
  }
  if (Segment >= TotalSegments) {
    throw validationFault(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${Segment} is not less than TotalSegments: ${TotalSegments}`,
    );
  }
};

/**
 * The stretch that a query reads.
 *
 * @throws {Fault} a ValidationException for conditions that the keys do not allow, or a start outside them.
 */
export const queryRangeOf = (request: QueryRequest, conditions: KeyConditions, source: Source): RangeQuery => {
  const { hash, range } = source.keys;
  checkConditions(conditions, source.keys);
  const hashBytes = encodeHash(conditions[hash.name]!.AttributeValueList[0]!);
  const rangeCondition = range && conditions[range.name];
  const { low, high } = rangeCondition ? rangeOf(rangeCondition) : { low: EMPTY, high: LAST };
  const start = startOf(request, source);
  checkStartWithin(start, hashBytes, low, high, rangeCondition !== undefined);
  return { hash: hashBytes, low, high, after: start, backward: request.ScanIndexForward === false };
};

/** The stretch that a scan, or a segment of one, reads. @throws {Fault} a ValidationException. */
export const scanRangeOf = (request: ScanRequest, source: Source): ScanQuery => {
  checkSegments(request);
  const { Segment = 0, TotalSegments = 1 } = request;
  const [low, high] = [segmentBound(Segment, TotalSegments), segmentBound(Segment + 1, TotalSegments)];
  const start = startOf(request, source);
  if (start && (compareBuffers(start.hash, low) < 0 || compareBuffers(start.hash, high) >= 0)) {
    throw invalidStart(
      `: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: ${TotalSegments} Segment: ${Segment}`,
    );
  }
  return { low, high, after: start };
};

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { afterPrefix, compareBuffers } from '#local/dynamodb/buffers.ts';
import { addNumbers, compareNumbers, encodeNumber } from '#local/dynamodb/numbers.ts';
import type { Item } from '#local/dynamodb/values.ts';
import { type Served, serveDynamoDb } from './serve.ts';

let served: Served;
beforeAll(async () => {
  served = await serveDynamoDb();
});
afterAll(() => served.close());

/** Digits with an exponent: all numbers that DynamoDB stores, and equal ones in several ways. */
const decimal = fc
  .tuple(fc.boolean(), fc.bigInt(0n, 10n ** 38n - 1n), fc.integer({ min: -130, max: 87 }))
  .map(([negative, digits, exponent]) => ({ digits: negative ? -digits : digits, exponent }));
type Decimal = typeof decimal extends fc.Arbitrary<infer T> ? T : never;
const near = fc
  .tuple(fc.integer({ min: -1200, max: 1200 }), fc.integer({ min: -3, max: 3 }))
  .map(([digits, exponent]) => ({
    digits: BigInt(digits),
    exponent,
  }));

/** As an integer multiple of 10⁻¹³⁰, which orders and adds exactly. */
const scaled = ({ digits, exponent }: Decimal): bigint => digits * 10n ** BigInt(exponent + 130);
const plain = (units: bigint): string => {
  const text = (units < 0n ? -units : units).toString().padStart(131, '0');
  const fraction = text.slice(-130).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${text.slice(0, -130)}${fraction && `.${fraction}`}`;
};
const sign = (value: bigint | number): number => (value > 0 ? 1 : value < 0 ? -1 : 0);

/** A number and another that goes on where it ends, a few digits later: the pairs that encodings get wrong. */
const neighbours = fc
  .tuple(decimal, fc.bigInt(-999n, 999n), fc.integer({ min: 0, max: 6 }))
  .map(([{ digits, exponent }, more, shift]): [Decimal, Decimal] => {
    const shorter = { digits: digits / 10n ** 10n, exponent };
    return [shorter, { digits: shorter.digits * 10n ** BigInt(shift) + more, exponent: exponent - shift }];
  })
  .filter(([, { exponent }]) => exponent >= -130);

test('encoded numbers sort as the numbers do', () => {
  const numbers = fc.oneof(decimal, near);
  fc.assert(
    fc.property(fc.oneof(fc.tuple(numbers, numbers), neighbours), ([left, right]) => {
      const expected = sign(scaled(left) - scaled(right));

      expect(sign(compareNumbers(plain(scaled(left)), plain(scaled(right))))).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});

test('numbers add as exact decimals', () => {
  fc.assert(
    fc.property(decimal, decimal, (left, right) => {
      const total = scaled(left) + scaled(right);

      expect(encodeNumber(addNumbers(plain(scaled(left)), plain(scaled(right))))).toEqual(encodeNumber(plain(total)));
    }),
  );
});

test('what begins with a prefix lies between it and the bytes after it', () => {
  const bytes = fc.uint8Array({ maxLength: 4 }).map((one) => Buffer.from(one));
  const edge = fc.array(fc.constantFrom(0, 1, 254, 255), { maxLength: 4 }).map((one) => Buffer.from(one));
  fc.assert(
    fc.property(fc.oneof(bytes, edge), fc.oneof(bytes, edge), (prefix, other) => {
      const within = compareBuffers(other, prefix) >= 0 && compareBuffers(other, afterPrefix(prefix)) < 0;

      expect(within).toBe(other.subarray(0, prefix.length).equals(prefix));
    }),
  );
});

type Operation =
  | { readonly kind: 'put' | 'insert'; readonly id: Id; readonly group?: string; readonly rank?: string }
  | { readonly kind: 'add'; readonly id: Id; readonly by: number }
  | { readonly kind: 'delete'; readonly id: Id }
  | {
      readonly kind: 'query';
      readonly pk: string;
      readonly from: string;
      readonly forward: boolean;
      readonly limit: number;
    }
  | { readonly kind: 'index'; readonly group: string; readonly forward: boolean; readonly limit: number };
interface Id {
  readonly pk: string;
  readonly sk: string;
}

const [pk, sk, group, rank] = [
  fc.constantFrom('a', 'b'),
  fc.constantFrom('-10', '-9.5', '0', '2', '10', '11e1'),
  fc.constantFrom('g', 'h'),
  fc.constantFrom('x', 'y', 'yy', 'ÿ'),
];
const id = fc.record({ pk, sk });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constantFrom('put', 'insert'), id, group, rank }, { requiredKeys: ['kind', 'id'] }),
  fc.record({ kind: fc.constant('add'), id, by: fc.integer({ min: -5, max: 5 }) }),
  fc.record({ kind: fc.constant('delete'), id }),
  fc.record({ kind: fc.constant('query'), pk, from: sk, forward: fc.boolean(), limit: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('index'), group, forward: fc.boolean(), limit: fc.integer({ min: 1, max: 4 }) }),
);

/** A table that is nothing but a map. */
class Oracle {
  readonly items = new Map<string, Item>();

  write(operation: Exclude<Operation, { kind: 'query' | 'index' }>): boolean {
    const sk = String(Number(operation.id.sk));
    const name = `${operation.id.pk}/${sk}`;
    const key: Item = { pk: { S: operation.id.pk }, sk: { N: sk } };
    if (operation.kind === 'delete') this.items.delete(name);
    else if (operation.kind === 'add') {
      const before = this.items.get(name) ?? key;
      const n = before.n && 'N' in before.n ? Number(before.n.N) : 0;
      this.items.set(name, { ...before, n: { N: String(n + operation.by) } });
    } else {
      if (operation.kind === 'insert' && this.items.has(name)) return false;
      const { group, rank } = operation;
      this.items.set(name, {
        ...key,
        ...(group ? { group: { S: group } } : {}),
        ...(rank ? { rank: { S: rank } } : {}),
      });
    }
    return true;
  }

  query(pk: string, from: string, forward: boolean): Item[] {
    const found = [...this.items.values()].filter(
      (item) => text(item, 'pk') === pk && Number(text(item, 'sk')) >= Number(from),
    );
    return found.sort((left, right) => (Number(text(left, 'sk')) - Number(text(right, 'sk'))) * (forward ? 1 : -1));
  }

  index(group: string): Item[] {
    return [...this.items.values()].filter((item) => text(item, 'group') === group && item.rank);
  }
}

const text = (item: Item, name: string): string | undefined => {
  const value = item[name];
  return value && ('S' in value ? value.S : 'N' in value ? value.N : undefined);
};

interface Answer {
  readonly Items: Item[];
  readonly LastEvaluatedKey?: Item;
}

const write = (TableName: string, operation: Exclude<Operation, { kind: 'query' | 'index' }>): boolean => {
  const Key = { pk: { S: operation.id.pk }, sk: { N: operation.id.sk } };
  const { handle } = served.service();
  if (operation.kind === 'delete') return handle('DeleteItem', { TableName, Key }).status === 200;
  if (operation.kind === 'add') {
    const UpdateExpression = 'ADD n :by';
    const ExpressionAttributeValues = { ':by': { N: String(operation.by) } };
    return handle('UpdateItem', { TableName, Key, UpdateExpression, ExpressionAttributeValues }).status === 200;
  }
  const { kind, group, rank } = operation;
  const Item = { ...Key, ...(group ? { group: { S: group } } : {}), ...(rank ? { rank: { S: rank } } : {}) };
  const ConditionExpression = kind === 'insert' ? 'attribute_not_exists(pk)' : undefined;
  return handle('PutItem', { TableName, Item, ConditionExpression }).status === 200;
};

/** All pages of a query, joined. */
const readAll = (input: object): Item[] => {
  const items: Item[] = [];
  let ExclusiveStartKey: Item | undefined;
  do {
    const answer = served.service().handle('Query', { ...input, ExclusiveStartKey }).body as Answer;
    items.push(...answer.Items);
    ExclusiveStartKey = answer.LastEvaluatedKey;
    // No table here has more than a dozen items: a page that repeats must end the test, not hang it.
    if (items.length > 100) throw new Error('the pages do not end');
  } while (ExclusiveStartKey);
  return items;
};

const createTable = (TableName: string): void => {
  const string = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const });
  served.service().createTable({
    TableName,
    AttributeDefinitions: [string('pk'), { AttributeName: 'sk', AttributeType: 'N' }, string('group'), string('rank')],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-group',
        KeySchema: [
          { AttributeName: 'group', KeyType: 'HASH' },
          { AttributeName: 'rank', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
};

const byId = (items: Item[]): Item[] =>
  [...items].sort((left, right) =>
    `${text(left, 'pk')}/${text(left, 'sk')}` < `${text(right, 'pk')}/${text(right, 'sk')}` ? -1 : 1,
  );

let tables = 0;

test('any sequence of writes and queries agrees with a map, and the stream replays it', () => {
  fc.assert(
    fc.property(fc.array(operation, { minLength: 20, maxLength: 60, size: 'max' }), (operations) => {
      tables += 1;
      const TableName = `Law${tables}`;
      createTable(TableName);
      const oracle = new Oracle();

      for (const one of operations) {
        if (one.kind === 'query') {
          const found = readAll({
            TableName,
            KeyConditionExpression: 'pk = :pk AND sk >= :from',
            ExpressionAttributeValues: { ':pk': { S: one.pk }, ':from': { N: one.from } },
            ScanIndexForward: one.forward,
            Limit: one.limit,
          });
          expect(found).toEqual(oracle.query(one.pk, one.from, one.forward));
        } else if (one.kind === 'index') {
          const found = readAll({
            TableName,
            IndexName: 'by-group',
            KeyConditionExpression: '#g = :g',
            ExpressionAttributeNames: { '#g': 'group' },
            ExpressionAttributeValues: { ':g': { S: one.group } },
            ScanIndexForward: one.forward,
            Limit: one.limit,
          });
          expect(byId(found)).toEqual(byId(oracle.index(one.group)));
          const ranks = found.map((item) => Buffer.from(text(item, 'rank')!));
          const sorted = [...ranks].sort((left, right) => compareBuffers(left, right) * (one.forward ? 1 : -1));
          expect(ranks).toEqual(sorted);
        } else {
          expect(write(TableName, one)).toBe(oracle.write(one));
        }
      }

      const replayed = new Map<string, Item>();
      for (const { dynamodb } of served.service().readStream(served.service().streamArn(TableName)!, undefined, 1000)) {
        const name = `${text(dynamodb.Keys, 'pk')}/${text(dynamodb.Keys, 'sk')}`;
        expect(dynamodb.OldImage).toEqual(replayed.get(name));
        if (dynamodb.NewImage) replayed.set(name, dynamodb.NewImage);
        else replayed.delete(name);
      }
      expect(replayed).toEqual(oracle.items);
    }),
    { numRuns: 40 },
  );
});

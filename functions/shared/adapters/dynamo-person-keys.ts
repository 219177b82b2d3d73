import { randomBytes } from 'node:crypto';

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

import { ServiceError } from '#domain/errors.ts';
import { KEY_BYTES, keyPairOf, NONCE_BYTES, type SealingKey, seal, sealingKeyFor } from '#domain/seal.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { PersonKeys, PublicKeys } from '#ports/person-keys.ts';
import type { AwsCall } from './aws-call.ts';
import { commitTransaction } from './dynamo-decision-store-commit.ts';
import { type Item, keyOf } from './dynamo-decision-store-items.ts';
import { readItems } from './dynamo-decision-store-read.ts';
import { type KmsWrappingKeys, type WrappingKey, wrappingNameOf } from './kms-wrapping-keys.ts';

/** A table of people's keys. */
export interface PersonTable {
  readonly dynamoDb: DynamoDBClient;
  readonly tableName: string;
  readonly call: AwsCall;
  readonly clock: Clock;
}

export interface DynamoPersonKeysOptions extends PersonTable {
  readonly wrapping: Pick<KmsWrappingKeys, 'current'>;
}

/** Most actions of one transaction. */
const MOST_ACTIONS = 100;
/** Times that others may be faster. */
const MOST_ROUNDS = 3;

/** Sort key of a person's key. */
export const KEY_SK = 'KEY';
/** How the sort key of a note begins that a key was erased; the time follows. */
export const ERASED_SK = 'ERASED#';
export const personPk = (person: string): string => `P#${person}`;
/** The table as messages name it. */
export const PEOPLE = 'the people table';

/** The person that an item is about. */
export const personOfItem = ({ pk }: Item): string => pk?.S?.slice(personPk('').length) ?? '';

/** People's public keys on DynamoDB, and new ones with their private halves wrapped. Can open nothing. */
export class DynamoPersonKeys implements PersonKeys {
  readonly #options: DynamoPersonKeysOptions;

  constructor(options: DynamoPersonKeysOptions) {
    this.#options = options;
  }

  async find(people: readonly string[], deadline: Deadline): Promise<PublicKeys> {
    const keys = people.map((person) => keyOf(personPk(person), KEY_SK));
    const items = await readItems({ ...this.#options, what: PEOPLE }, keys, ['pk', 'publicKey'], deadline);
    return new Map(items.flatMap((item) => (item.publicKey?.B ? [[personOfItem(item), item.publicKey.B]] : [])));
  }

  async make(people: readonly string[], deadline: Deadline): Promise<PublicKeys> {
    const wrapping = await this.#options.wrapping.current(deadline);
    const batches = Array.from({ length: Math.ceil(people.length / MOST_ACTIONS) }, (_, index) =>
      people.slice(index * MOST_ACTIONS, (index + 1) * MOST_ACTIONS),
    );
    const made = await Promise.all(batches.map((batch) => this.#makeBatch(batch, wrapping, deadline)));
    return new Map(made.flatMap((keys) => [...keys]));
  }

  async #makeBatch(people: readonly string[], wrapping: WrappingKey, deadline: Deadline): Promise<PublicKeys> {
    const { dynamoDb, tableName, clock } = this.#options;
    const madeAt = new Date(clock.nowMs()).toISOString();
    const wrapFor = sealingKeyFor(wrappingNameOf(wrapping.id), wrapping.publicKey, keyPairOf(randomBytes(KEY_BYTES)));
    const known = new Map<string, Uint8Array>();
    let open = people;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const items = open.map((person) => newKeyItem(person, { wrapping, wrapFor, madeAt }));
      const puts = items.map((Item) => ({
        Put: { TableName: tableName, Item, ConditionExpression: 'attribute_not_exists(pk)' },
      }));
      const outcome = await commitTransaction(dynamoDb, puts, deadline);
      // Refused, too, where an answer was lost and these very keys are on record.
      const now =
        outcome.kind === 'committed'
          ? items.map((item) => [personOfItem(item), item.publicKey!.B!] as const)
          : await this.find(open, deadline);
      for (const [person, publicKey] of now) known.set(person, publicKey);
      open = open.filter((person) => !known.has(person));
      if (open.length === 0) return known;
    }
    throw new ServiceError('store_unavailable', `${PEOPLE} refuses keys that are not on record; repeat the request`);
  }
}

interface Wrapping {
  readonly wrapping: WrappingKey;
  readonly wrapFor: SealingKey;
  readonly madeAt: string;
}

const newKeyItem = (person: string, { wrapping, wrapFor, madeAt }: Wrapping): Item => {
  const seed = randomBytes(KEY_BYTES);
  const { publicKey } = keyPairOf(seed);
  const privateKey = seal(seed.toString('base64url'), wrapFor, person, randomBytes(NONCE_BYTES));
  seed.fill(0);
  return {
    ...keyOf(personPk(person), KEY_SK),
    v: { N: '1' },
    publicKey: { B: publicKey },
    privateKey: { S: privateKey },
    wrapping: { S: wrapping.id },
    wrappingKey: { B: wrapping.encrypted },
    madeAt: { S: madeAt },
  };
};

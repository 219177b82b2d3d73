import { randomUUID } from 'node:crypto';

import { DecryptCommand, type KMSClient } from '@aws-sdk/client-kms';

import { type KeyPair, keyPairOf, unseal } from '#domain/seal.ts';
import type { Deadline } from '#ports/clock.ts';
import type { Erasure, PersonVault } from '#ports/person-keys.ts';
import { commitTransaction } from './dynamo-decision-store-commit.ts';
import { type Item, keyOf, textOf } from './dynamo-decision-store-items.ts';
import { readItems } from './dynamo-decision-store-read.ts';
import { ERASED_SK, KEY_SK, PEOPLE, type PersonTable, personOfItem, personPk } from './dynamo-person-keys.ts';
import { wrappingContextOf, wrappingNameOf } from './kms-wrapping-keys.ts';

export interface DynamoPersonVaultOptions extends PersonTable {
  readonly kms: KMSClient;
}

/** People's whole keys, for callers that KMS lets decrypt: nobody at a door is one. */
export class DynamoPersonVault implements PersonVault {
  readonly #options: DynamoPersonVaultOptions;

  constructor(options: DynamoPersonVaultOptions) {
    this.#options = options;
  }

  async open(people: readonly string[], deadline: Deadline): Promise<ReadonlyMap<string, KeyPair>> {
    const keys = people.map((person) => keyOf(personPk(person), KEY_SK));
    const attributes = ['pk', 'publicKey', 'privateKey', 'wrapping', 'wrappingKey'];
    const items = await readItems({ ...this.#options, what: PEOPLE }, keys, attributes, deadline);
    const opened = new Map<string, KeyPair>();
    // People whose keys were made in one environment and hour share a wrapping key: one call for all of them.
    for (const [id, ofWrapping] of Map.groupBy(items, (item) => textOf(item, 'wrapping'))) {
      const wrapping = await this.#unwrap(id, ofWrapping[0]!.wrappingKey?.B, deadline);
      for (const item of ofWrapping) opened.set(personOfItem(item), privateKeyOf(item, id, wrapping));
    }
    return opened;
  }

  async erase(person: string, by: string, deadline: Deadline): Promise<Erasure> {
    const { dynamoDb, tableName: TableName, clock } = this.#options;
    const erasedAt = new Date(clock.nowMs()).toISOString();
    const Key = keyOf(personPk(person), KEY_SK);
    const key = { Delete: { TableName, Key, ConditionExpression: 'attribute_exists(pk)' } };
    // Its own for each request: DynamoDB takes what is the same to the letter for a repeat, and says that it is done.
    const request = randomUUID();
    const about = { ...keyOf(personPk(person), `${ERASED_SK}${erasedAt}`), v: { N: '1' }, by: { S: by } };
    const noteOf = (erased: boolean) => ({
      Put: { TableName, Item: { ...about, request: { S: request }, erased: { BOOL: erased } } },
    });
    // Both or neither: a restore goes by the notes, and would bring back a key that was erased without one.
    const { kind } = await commitTransaction(dynamoDb, [key, noteOf(true)], deadline);
    const erased = kind === 'committed';
    if (!erased) await commitTransaction(dynamoDb, [noteOf(false)], deadline);
    return { person, erasedAt, by, erased };
  }

  async #unwrap(id: string, encrypted: Uint8Array | undefined, deadline: Deadline): Promise<KeyPair> {
    const { kms, call } = this.#options;
    const command = new DecryptCommand({ CiphertextBlob: encrypted, EncryptionContext: wrappingContextOf(id) });
    const { Plaintext } = await call((options) => kms.send(command, options), {
      deadline,
      what: 'the key of people’s keys',
    });
    return keyPairOf(Plaintext ?? new Uint8Array());
  }
}

/** @throws {Error} if the item's halves do not belong together. */
const privateKeyOf = (item: Item, wrappingId: string, wrapping: KeyPair): KeyPair => {
  const person = personOfItem(item);
  const seed = unseal(textOf(item, 'privateKey'), wrappingNameOf(wrappingId), wrapping, person);
  const pair = keyPairOf(Buffer.from(seed, 'base64url'));
  if (Buffer.compare(pair.publicKey, item.publicKey?.B ?? new Uint8Array()) === 0) return pair;
  throw new Error('the halves of a person’s key do not belong together; restore the people table');
};

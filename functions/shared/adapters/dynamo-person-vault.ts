import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DecryptCommand, type KMSClient } from '@aws-sdk/client-kms';

import { type KeyPair, keyPairOf, unseal } from '#domain/seal.ts';
import type { Deadline } from '#ports/clock.ts';
import type { Erasure, PersonVault } from '#ports/person-keys.ts';
import { type Item, keyOf, textOf } from './dynamo-decision-store-items.ts';
import { readItems } from './dynamo-decision-store-read.ts';
import { KEY_SK, PEOPLE, type PersonTable, personOfItem, personPk } from './dynamo-person-keys.ts';
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
    const { dynamoDb, tableName, call, clock } = this.#options;
    const erasure = new DeleteItemCommand({
      TableName: tableName,
      Key: keyOf(personPk(person), KEY_SK),
      ReturnValues: 'ALL_OLD',
    });
    const { Attributes } = await call((options) => dynamoDb.send(erasure, options), { deadline, what: PEOPLE });
    const erasedAt = new Date(clock.nowMs()).toISOString();
    const note = new PutItemCommand({
      TableName: tableName,
      Item: {
        ...keyOf(personPk(person), `ERASED#${erasedAt}`),
        v: { N: '1' },
        by: { S: by },
        erased: { BOOL: Attributes !== undefined },
      },
    });
    await call((options) => dynamoDb.send(note, options), { deadline, what: PEOPLE });
    return { person, erasedAt, by, erased: Attributes !== undefined };
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

import { readFileSync } from 'node:fs';

import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { eventItem } from '#adapters/dynamo-decision-store-items.ts';
import { DynamoPersonKeys } from '#adapters/dynamo-person-keys.ts';
import { DynamoPersonVault } from '#adapters/dynamo-person-vault.ts';
import { DynamoSealedStore } from '#adapters/dynamo-sealed-store.ts';
import { EventChunkSchema, PendingDecisionSchema } from '#domain/messages.ts';
import { SealedSchema } from '#domain/sealed.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { revealOriginals } from '../../../../functions/privacy/reveal-originals.ts';
import { type ServedTable, serveTable } from '../../../contracts/dynamodb.ts';
import { fixedClock } from '../../../support/scoring.ts';

const stored = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/stored/v1/${name}.json`, import.meta.url), 'utf8'));
const soon = () => deadlineIn(2_000);

/** Attributes as JSON has them: bytes in base64. */
const itemOf = (name: string): Record<string, AttributeValue> =>
  Object.fromEntries(
    Object.entries(stored(name) as Record<string, { B?: string }>).map(([attribute, value]) => [
      attribute,
      (value.B === undefined ? value : { B: Buffer.from(value.B, 'base64') }) as AttributeValue,
    ]),
  );

describe('what version 1 sealed', () => {
  let table: ServedTable;
  const item = itemOf('person-key-item');
  const event = JSON.parse(itemOf('sealed-event-item').event!.S!);
  const person = item.pk!.S!.slice(2);
  const asked: unknown[] = [];
  /** Gives the private half of the wrapping key, as KMS does for who asks with the right context. */
  const kms = {
    send: async ({ input }: DecryptCommand) => {
      asked.push(input.EncryptionContext);
      return { Plaintext: Buffer.from(stored('person-key-wrapping').seed, 'base64') };
    },
  } as unknown as KMSClient;

  beforeAll(async () => {
    table = await serveTable('stored');
    for (const Item of [item, itemOf('sealed-event-item')]) {
      await table.served.client.send(new PutItemCommand({ TableName: table.tableName, Item }));
    }
  });
  afterAll(() => table.served.close());
  const over = () => ({
    dynamoDb: table.served.client,
    tableName: table.tableName,
    call: table.call,
    clock: fixedClock,
  });

  test('is still opened', async () => {
    const ports = { sealed: new DynamoSealedStore(over()), vault: new DynamoPersonVault({ ...over(), kms }) };

    expect(await revealOriginals(event, soon(), ports)).toMatchObject({
      entities: { customer: 'customer-17' },
      variables: { email: 'someone@mail.example' },
      erased: [],
    });
    expect(asked).toEqual([{ use: 'person-keys', wrapping: item.wrapping!.S }]);
  });

  test('is still sealed for with the key that is on record', async () => {
    const wrapping = { current: () => Promise.reject(new Error('nothing is to be made')) };

    const found = await new DynamoPersonKeys({ ...over(), wrapping }).find([person], soon());

    expect(Buffer.from(found.get(person)!)).toEqual(Buffer.from(item.publicKey!.B!));
  });

  test('is still taken from queues, and has the shape that is stored now', () => {
    const [chunk, pending] = [stored('sealed-event-chunk'), stored('sealed-pending-decision')];
    const sealed = SealedSchema.parse(JSON.parse(itemOf('sealed-event-item').sealed!.S!));

    expect(EventChunkSchema.parse(chunk)).toEqual(chunk);
    expect(PendingDecisionSchema.parse(pending)).toEqual(pending);
    const commit = { event, contentHash: 'h', origin: 'api/r', decisions: [], eventRecorded: false, sealed };
    expect(eventItem(commit, 0).sealed).toEqual(itemOf('sealed-event-item').sealed);
  });
});

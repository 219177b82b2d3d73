import { GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { DynamoPersonKeys } from '#adapters/dynamo-person-keys.ts';
import { DynamoPersonVault } from '#adapters/dynamo-person-vault.ts';
import { KmsWrappingKeys, wrappingContextOf } from '#adapters/kms-wrapping-keys.ts';
import { MemoryPersonKeys } from '#adapters/memory-person-keys.ts';
import { deadlineIn, systemClock } from '#runtime/deadline.ts';
import { type ServedTable, serveTable } from '../../../contracts/dynamodb.ts';
import { personKeysContract } from '../../../contracts/person-keys.contract.ts';
import { openRooms, type Rooms } from '../../../support/rooms.ts';

describe('people’s keys (memory)', () => {
  personKeysContract(() => {
    const keys = new MemoryPersonKeys(systemClock);
    return { doors: [keys, keys], vault: keys };
  });
});

describe('people’s keys (DynamoDB and KMS)', () => {
  let table: ServedTable;
  let rooms: Rooms;
  let keyArn: string;
  let door: KMSClient;
  let developer: KMSClient;
  let encryptions = 0;
  const time = { nowMs: Date.parse('2026-11-07T12:00:00Z') };
  const clock = { nowMs: () => time.nowMs };

  beforeAll(async () => {
    table = await serveTable('people');
    rooms = await openRooms(() => []);
    keyArn = String((await rooms.deploy('AWS::KMS::Key', { Description: 'people' })).attributes.Arn);
    const mayEncrypt = {
      Effect: 'Allow',
      Action: 'kms:Encrypt',
      Resource: keyArn,
      Condition: { StringEquals: { 'kms:EncryptionContext:use': 'person-keys' } },
    };
    door = new KMSClient({ ...rooms.clientOf('Door', [mayEncrypt]), maxAttempts: 1 });
    developer = new KMSClient({ ...rooms.client, maxAttempts: 1 });
  });
  afterAll(async () => {
    for (const client of [door, developer]) client.destroy();
    await rooms.close();
    rooms.remove();
    await table.served.close();
  });

  const people = () => ({ dynamoDb: table.served.client, tableName: table.tableName, call: table.call, clock });
  const aDoor = (kms: Pick<KMSClient, 'send'> = door) => {
    const counted = {
      send: (...args: Parameters<KMSClient['send']>) => {
        encryptions += 1;
        return kms.send(...args);
      },
    } as KMSClient;
    const wrapping = new KmsWrappingKeys({ kms: counted, keyArn, call: table.call, clock });
    return new DynamoPersonKeys({ ...people(), wrapping });
  };
  const aVault = (kms = developer) => new DynamoPersonVault({ ...people(), kms });

  personKeysContract(() => ({ doors: [aDoor(), aDoor()], vault: aVault() }));

  test('a door asks KMS once an hour, however many people it meets', async () => {
    const keys = aDoor();
    encryptions = 0;

    await keys.make(['person#hour-1', 'person#hour-2'], deadlineIn(5_000));
    await keys.make(['person#hour-3'], deadlineIn(5_000));
    expect(encryptions).toBe(1);
    time.nowMs += 3_600_001;
    await keys.make(['person#hour-4'], deadlineIn(5_000));

    expect(encryptions).toBe(2);
    expect((await aVault().open(['person#hour-1', 'person#hour-4'], deadlineIn(5_000))).size).toBe(2);
  });

  test('while KMS is away, a door that has asked within the hour goes on making keys, and another says so', async () => {
    const away = { broken: false };
    const kms = {
      send: (...args: Parameters<KMSClient['send']>) =>
        away.broken
          ? Promise.reject(Object.assign(new Error('down'), { name: 'InternalException' }))
          : door.send(...args),
    } as KMSClient;
    const keys = aDoor(kms);
    await keys.make(['person#before'], deadlineIn(5_000));
    away.broken = true;

    expect((await keys.make(['person#meanwhile'], deadlineIn(5_000))).size).toBe(1);
    await expect(aDoor(kms).make(['person#other'], deadlineIn(5_000))).rejects.toThrow();
    away.broken = false;
    expect((await aDoor(kms).make(['person#other'], deadlineIn(5_000))).size).toBe(1);
  });

  test('a door may not open what it has wrapped, whatever it tries', async () => {
    await aDoor().make(['person#closed'], deadlineIn(5_000));
    const { Item } = await table.served.client.send(
      new GetItemCommand({ TableName: table.tableName, Key: { pk: { S: 'P#person#closed' }, sk: { S: 'KEY' } } }),
    );
    const context = wrappingContextOf(Item!.wrapping!.S!);
    const open = (kms: KMSClient, EncryptionContext: Record<string, string>) =>
      kms.send(new DecryptCommand({ CiphertextBlob: Item!.wrappingKey!.B!, EncryptionContext }));

    await expect(open(door, context)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(aVault(door).open(['person#closed'], deadlineIn(5_000))).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    await expect(open(developer, { ...context, wrapping: 'another' })).rejects.toMatchObject({
      name: 'InvalidCiphertextException',
    });
    expect((await open(developer, context)).Plaintext).toHaveLength(32);
  });

  test('an item that was given another’s halves does not open', async () => {
    await aDoor().make(['person#one', 'person#two'], deadlineIn(5_000));
    const { served, tableName } = table;
    const keyOf = (person: string) => ({ pk: { S: `P#${person}` }, sk: { S: 'KEY' } });
    const { Item } = await served.client.send(new GetItemCommand({ TableName: tableName, Key: keyOf('person#one') }));
    await served.client.send(new PutItemCommand({ TableName: tableName, Item: { ...Item, ...keyOf('person#two') } }));

    await expect(aVault().open(['person#two'], deadlineIn(5_000))).rejects.toThrow('not for this person');
  });

  test('an erasure whose note is refused erases nothing: it may be asked for again, and is on record then', async () => {
    await aDoor().make(['person#unnoted'], deadlineIn(5_000));
    const { served, tableName } = table;
    let refused = 0;
    const failing = {
      send: (command: object, ...rest: []) => {
        const writesNote = JSON.stringify(command).includes('ERASED#');
        if (!writesNote || refused > 0) return served.client.send(command as PutItemCommand, ...rest);
        refused += 1;
        return Promise.reject(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
      },
    } as unknown as typeof served.client;
    const vault = new DynamoPersonVault({ ...people(), dynamoDb: failing, kms: developer });

    await expect(vault.erase('person#unnoted', 'officer', deadlineIn(5_000))).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    const kept = { TableName: tableName, Key: { pk: { S: 'P#person#unnoted' }, sk: { S: 'KEY' } } };
    expect((await served.client.send(new GetItemCommand(kept))).Item).toBeDefined();

    expect(await vault.erase('person#unnoted', 'officer', deadlineIn(5_000))).toMatchObject({ erased: true });
    expect((await served.client.send(new GetItemCommand(kept))).Item).toBeUndefined();
  });

  test('an erasure leaves a note of who asked for it, and nothing of the key', async () => {
    await aDoor().make(['person#noted'], deadlineIn(5_000));

    await aVault().erase('person#noted', 'arn:aws:iam::000000000000:user/officer', deadlineIn(5_000));

    const { Items = [] } = await table.served.client.send(
      new QueryCommand({
        TableName: table.tableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: 'P#person#noted' } },
      }),
    );
    expect(Items).toEqual([
      {
        pk: { S: 'P#person#noted' },
        sk: { S: expect.stringMatching(/^ERASED#2026-11-07T/) },
        v: { N: '1' },
        by: { S: 'arn:aws:iam::000000000000:user/officer' },
        request: { S: expect.stringMatching(/^[0-9a-f-]{36}$/) },
        erased: { BOOL: true },
      },
    ]);
  });
});

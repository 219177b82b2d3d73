import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, GetObjectCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';

import { sha256Hex } from '#domain/content-hash.ts';
import { publishCatalog } from '../../../bin/system/publish-catalog.ts';
import type { TestSystem } from '../../support/system.ts';

/** The registrar mends what the catalog's head points to when it is lost from the bucket. */
export const lostSnapshot = (running: () => TestSystem): void => {
  test('a snapshot of the catalog that is lost is written anew, the same to the byte', async () => {
    const { dynamoDb, s3, system } = running();
    const { Item: head } = await dynamoDb.send(
      new GetItemCommand({ TableName: system.registryTable, Key: { pk: { S: 'CATALOG' }, sk: { S: 'HEAD' } } }),
    );
    const Key = head?.snapshotKey?.S ?? '';
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    const Bucket = Buckets.map(({ Name = '' }) => Name).find((name) => name.includes('-models')) ?? '';
    const bytesNow = async (): Promise<Uint8Array | undefined> => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return Body?.transformToByteArray();
    };
    expect(sha256Hex((await bytesNow()) ?? '')).toBe(head?.snapshotHash?.S);
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    await expect(bytesNow()).rejects.toMatchObject({ name: 'NoSuchKey' });

    const refused = await publishCatalog(system, 'Assay-system-Service', AbortSignal.timeout(30_000));

    expect(refused).toEqual([]);
    expect(sha256Hex((await bytesNow()) ?? '')).toBe(head?.snapshotHash?.S);
  });
};

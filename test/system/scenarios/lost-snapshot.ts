import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, GetObjectCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';

import { sha256Hex } from '#domain/content-hash.ts';
import type { TestSystem } from '../../support/system.ts';

/** Physical name of the registrar's function, as CloudFormation tells it. */
const registrarOf = async ({ system, cloud }: TestSystem): Promise<string> => {
  const client = new CloudFormationClient({ ...cloudOf(system), credentials: cloud.credentials });
  const { StackResourceSummaries: resources = [] } = await client.send(
    new ListStackResourcesCommand({ StackName: 'Assay-system-Service' }),
  );
  client.destroy();
  const found = resources.find(
    ({ ResourceType, LogicalResourceId }) =>
      ResourceType === 'AWS::Lambda::Function' && LogicalResourceId?.startsWith('Registrar'),
  );
  return found?.PhysicalResourceId ?? '';
};

const cloudOf = ({ region, endpoint = '' }: TestSystem['system']) => ({ region, endpoint });

/** The registrar mends what the catalog's head points to when it is lost from the bucket. */
export const lostSnapshot = (running: () => TestSystem): void => {
  test('a snapshot of the catalog that is lost is written anew, the same to the byte', async () => {
    const { dynamoDb, s3, system, cloud } = running();
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

    const lambda = new LambdaClient({ ...cloudOf(system), credentials: cloud.credentials });
    const { FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName: await registrarOf(running()), Payload: '{}' }),
    );
    lambda.destroy();

    expect(FunctionError).toBeUndefined();
    expect(sha256Hex((await bytesNow()) ?? '')).toBe(head?.snapshotHash?.S);
  });
};

import { DynamoDBClient, GetItemCommand, PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { type Cloud, startCore } from '#local/core.ts';
import { createDynamoDbRoom } from '#local/dynamodb-service.ts';
import { createFaults } from '#local/faults.ts';
import { textOf } from '#local/inside.ts';
import type { Host } from '#local/resources.ts';
import { createS3 } from '#local/s3/index.ts';
import type { AwsRequest, AwsService, Need } from '#local/service.ts';
import { roleResource, temporaryFolder, writeAssembly } from '../support/assembly.ts';

const folder = temporaryFolder();
const calls: { arn: string; actions: string[] }[] = [];
let cloud: Cloud;
let host: Host;
let dynamoDb: DynamoDBClient;
let s3: S3Client;

beforeAll(async () => {
  const template = {
    Resources: {
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: 'things',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        },
      },
      Worker: roleResource({ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: '*' }),
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'files' } },
    },
    Outputs: { Worker: { Value: { 'Fn::GetAtt': ['Worker', 'Arn'] } } },
  };
  cloud = await startCore(
    {
      assembly: writeAssembly(`${folder.path}/assembly`, { app: { template } }),
      directory: `${folder.path}/data`,
      onCall: ({ arn }, needs) => calls.push({ arn, actions: needs.map(({ action }) => action) }),
    },
    (opened) => {
      host = opened;
      return [createDynamoDbRoom(host), createS3(host)];
    },
  );
  const settings = {
    region: cloud.region,
    endpoint: cloud.endpoint,
    credentials: cloud.credentials,
    maxAttempts: 1,
  };
  dynamoDb = new DynamoDBClient(settings);
  s3 = new S3Client(settings);
});

afterEach(() => cloud.faults.clear());

afterAll(async () => {
  await cloud.stop();
  folder.remove();
});

const put = (name: string, abortSignal?: AbortSignal) =>
  dynamoDb.send(new PutItemCommand({ TableName: 'things', Item: { pk: { S: name } } }), {
    ...(abortSignal && { abortSignal }),
  });
const get = (name: string) => dynamoDb.send(new GetItemCommand({ TableName: 'things', Key: { pk: { S: name } } }));

describe('a service that is made to fail', () => {
  test.each([
    { does: 'fail', name: 'InternalServerError', status: 500 },
    { does: 'throttle', name: 'ThrottlingException', status: 400 },
  ] as const)('answers $name, does nothing, and works again afterwards', async ({ does, name, status }) => {
    const end = cloud.faults.begin({ service: 'dynamodb', does, actions: ['dynamodb:PutItem'] });

    await expect(put(does)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } });
    expect((await get(does)).Item).toBeUndefined();

    end();
    await put(does);
    expect((await get(does)).Item).toEqual({ pk: { S: does } });
  });

  test('meets the transactions that need the action, too', async () => {
    cloud.faults.begin({ service: 'dynamodb', does: 'fail', actions: ['dynamodb:PutItem'] });
    const Put = { TableName: 'things', Item: { pk: { S: 'in a transaction' } } };

    const transaction = dynamoDb.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }] }));

    await expect(transaction).rejects.toMatchObject({ name: 'InternalServerError' });
  });

  test('leaves other services, and other callers, alone', async () => {
    cloud.faults.begin({ service: 's3', does: 'throttle' });
    cloud.faults.begin({ service: 'dynamodb', does: 'fail', callers: /:role\/worker$/ });

    await expect(put('spared')).resolves.toBeDefined();
    await expect(s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'a', Body: 'b' }))).rejects.toMatchObject({
      name: 'SlowDown',
      $metadata: { httpStatusCode: 503 },
    });
  });

  test('hangs until the caller gives up, and has done nothing', async () => {
    cloud.faults.begin({ service: 'dynamodb', does: 'hang', actions: ['dynamodb:PutItem'] });

    await expect(put('hung', AbortSignal.timeout(50))).rejects.toMatchObject({ name: 'AbortError' });

    expect((await get('hung')).Item).toBeUndefined();
  });

  test('lets go of what hangs when the fault ends', async () => {
    const end = cloud.faults.begin({ service: 's3', does: 'hang' });
    const hanging = s3.send(new ListBucketsCommand());
    setTimeout(end, 50);

    await expect(hanging).rejects.toMatchObject({ name: 'InternalError' });
  });
});

test('of every call that was allowed, the caller and the permissions are told; not of the developer’s', async () => {
  const arn = cloud.outputs.app?.Worker ?? '';
  const { credentials } = host.assumeRole(arn, 'lambda.amazonaws.com');
  const worker = new DynamoDBClient({ region: cloud.region, endpoint: cloud.endpoint, credentials });
  const Key = { pk: { S: 'told' } };

  await put('told');
  await worker.send(new GetItemCommand({ TableName: 'things', Key }));
  await expect(worker.send(new PutItemCommand({ TableName: 'things', Item: Key }))).rejects.toThrow();

  expect(calls).toEqual([{ arn, actions: ['dynamodb:GetItem'] }]);
});

describe('around a service', () => {
  const need: Need = { action: 'sagemaker:InvokeEndpoint', resource: 'arn:aws:sagemaker:::endpoint/e' };
  const request = { principal: { arn: 'arn:aws:iam::1:role/caller', accessKeyId: 'k' } } as AwsRequest;
  const service: AwsService = {
    signingName: 'sagemaker',
    protocol: 'rest-json',
    handle: async ({ principal }, authorise) => {
      authorise(principal, [need]);
      return { status: 200, body: '0.5' };
    },
    close: () => {},
  };

  test('any answer can stand in for the right one', async () => {
    const faults = createFaults();
    const garbage = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' };
    faults.begin({ service: 'sagemaker', does: garbage });

    await expect(faults.around(service).handle(request, () => {})).resolves.toEqual(garbage);
  });

  test('a share of calls meets the fault, the others are answered', async () => {
    const chances = [0.29, 0.3, 0.9];
    const faults = createFaults(() => chances.shift()!);
    faults.begin({ service: 'sagemaker', does: 'fail', share: 0.3 });
    const { handle } = faults.around(service);

    await expect(handle(request, () => {})).rejects.toMatchObject({ code: 'ModelError', status: 424 });
    await expect(handle(request, () => {})).resolves.toMatchObject({ status: 200 });
    await expect(handle(request, () => {})).resolves.toMatchObject({ status: 200 });
  });

  test('what is not allowed is refused as ever, fault or not', async () => {
    const faults = createFaults();
    faults.begin({ service: 'sagemaker', does: { status: 200 } });
    const refused = new Error('not allowed');

    const answer = faults.around(service).handle(request, () => {
      throw refused;
    });

    await expect(answer).rejects.toBe(refused);
  });

  test('of two faults, each strikes its own share', async () => {
    const struck = { throttle: 0, fail: 0 };
    const chances = [0.5, 0.05];
    const faults = createFaults(() => chances.shift()!);
    for (const does of ['throttle', 'fail'] as const) {
      faults.begin({ service: 'sagemaker', does, share: 0.1, onStrike: () => (struck[does] += 1) });
    }

    await expect(faults.around(service).handle(request, () => {})).rejects.toMatchObject({ code: 'ModelError' });

    expect(struck).toEqual({ throttle: 0, fail: 1 });
  });

  test('a fault with so many times strikes no more often, calls and rooms alike', async () => {
    const faults = createFaults();
    faults.begin({ service: 'sagemaker', does: 'throttle', times: 1 });
    faults.begin({ service: 'lambda', does: 'freeze', times: 2 });
    const { handle } = faults.around(service);
    const freezes = () => faults.strikes('lambda', 'freeze');

    await expect(handle(request, () => {})).rejects.toMatchObject({ code: 'ThrottlingException' });
    await expect(handle(request, () => {})).resolves.toMatchObject({ status: 200 });
    expect([freezes(), freezes(), freezes()]).toEqual([true, true, false]);
  });

  test('an answer is lost behind the work, and only where there was work', async () => {
    const faults = createFaults();
    let done = 0;
    const worker = {
      ...service,
      handle: (...call: Parameters<AwsService['handle']>) => {
        done += 1;
        return service.handle(...call);
      },
    };
    const end = faults.begin({ service: 'sagemaker', does: 'lose-answer', operations: ['Work'] });
    const named = (operation: string) => ({ ...request, headers: { 'x-amz-target': `Service.${operation}` } });
    const { handle } = faults.around(worker);

    const lost = handle(named('Work'), () => {});
    const other = await handle(named('Play'), () => {});
    setTimeout(end, 20);

    await expect(lost).rejects.toMatchObject({ code: 'ModelError' });
    expect(other.status).toBe(200);
    expect(done).toBe(2);
  });

  test('a dripping answer is whole in the end, and long in coming', async () => {
    const faults = createFaults();
    faults.begin({ service: 'sagemaker', does: 'drip' });
    const beganMs = performance.now();

    const answer = await faults.around(service).handle(request, () => {});
    const text = await textOf(answer);

    expect(answer.headers?.['content-length']).toBe('3');
    expect(text).toBe('0.5');
    expect(performance.now() - beganMs).toBeGreaterThan(500);
  });
});

test.each([
  { service: 'sagemaker', does: 'conflict' },
  { service: 'sqs', does: 'kill' },
  { service: 'lambda', does: 'hang' },
  { service: 's3', does: 'duplicate' },
] as const)('$service cannot be made to $does, and says so', ({ service, does }) => {
  expect(() => createFaults().begin({ service, does })).toThrow(`${service} cannot be made to ${does}`);
});

test('within a room, a share of what is asked about goes wrong, and is counted', () => {
  const chances = [0.29, 0.3];
  const faults = createFaults(() => chances.shift()!);
  let struck = 0;
  faults.begin({ service: 'lambda', does: 'kill', share: 0.3, callers: /:worker$/, onStrike: () => (struck += 1) });
  const asks = (caller: string) => faults.strikes('lambda', 'kill', { caller });

  expect([asks('arn:worker'), asks('arn:other'), asks('arn:worker')]).toEqual([true, false, false]);
  expect(struck).toBe(1);
});

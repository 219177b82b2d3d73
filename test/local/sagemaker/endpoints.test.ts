import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { InvokeEndpointCommand, type ModelError, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createS3 } from '#local/s3/index.ts';
import { createSageMaker } from '#local/sagemaker/index.ts';
import { fixture, predictions } from '../../functions/shared/model/fixtures.ts';
import { openRooms, type Rooms } from '../../support/rooms.ts';

const MODEL = 'exact.json';
const known = predictions().find(({ file }) => file === MODEL);
if (!known) throw new Error(`no predictions of ${MODEL}`);
const rows = Array.from({ length: 5 }, (_, row) => [
  ...known.rows.subarray(row * known.features, (row + 1) * known.features),
]);
const probabilities = [...known.probabilities.subarray(0, rows.length)];
const asCsv = rows.map((row) => row.map((value) => (Number.isNaN(value) ? '' : value)).join(',')).join('\n');

let rooms: Rooms;
let client: SageMakerRuntimeClient;

/** A gzipped tar of a folder with these files, made by tar itself. */
const archive = (files: Readonly<Record<string, Uint8Array | string>>): Uint8Array => {
  const folder = mkdtempSync(join(tmpdir(), 'archive-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  spawnSync('tar', ['-czf', `${folder}.tgz`, '-C', folder, '.']);
  const bytes = readFileSync(`${folder}.tgz`);
  for (const path of [folder, `${folder}.tgz`]) rmSync(path, { recursive: true });
  return bytes;
};

const deployEndpoint = async (name: string, key: string, role = 'reader'): Promise<void> => {
  const model = await rooms.deploy(
    'AWS::SageMaker::Model',
    {
      ExecutionRoleArn: `arn:aws:iam::${rooms.host.accountId}:role/${role}`,
      PrimaryContainer: { Image: 'xgboost', ModelDataUrl: `s3://models/${key}` },
    },
    `${name}Model`,
  );
  const config = await rooms.deploy(
    'AWS::SageMaker::EndpointConfig',
    {
      ProductionVariants: [
        { VariantName: 'main', ModelName: model.attributes.ModelName, ServerlessConfig: { MaxConcurrency: 2 } },
      ],
    },
    `${name}Config`,
  );
  await rooms.deploy(
    'AWS::SageMaker::Endpoint',
    { EndpointName: name, EndpointConfigName: config.attributes.EndpointConfigName },
    name,
  );
};

beforeAll(async () => {
  rooms = await openRooms((host) => [createS3(host), createSageMaker(host)]);
  const s3 = new S3Client(rooms.client);
  await rooms.deploy('AWS::S3::Bucket', { BucketName: 'models' }, 'Models');
  const put = (Key: string, Body: Uint8Array) => s3.send(new PutObjectCommand({ Bucket: 'models', Key, Body }));
  const deep = `${'folder/'.repeat(30)}xgboost-model`;
  await put('a b/model.tar.gz', archive({ 'code/inference.json': '{}', [deep]: fixture(MODEL) }));
  await put('plain.ubj', fixture('exact.ubj'));
  await put('empty.tar.gz', archive({ 'readme.txt': 'nothing' }));
  s3.destroy();
  rooms.clientOf('reader', [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::models/*' }]);
  rooms.clientOf('blind', []);
  await deployEndpoint('archived', 'a b/model.tar.gz');
  await deployEndpoint('plain', 'plain.ubj');
  await deployEndpoint('empty', 'empty.tar.gz');
  await deployEndpoint('forbidden', 'plain.ubj', 'blind');
  await rooms.start();
  client = new SageMakerRuntimeClient({ ...rooms.client, maxAttempts: 1 });
});

afterAll(async () => {
  client?.destroy();
  await rooms.close();
  rooms.remove();
});

const invoke = async (
  EndpointName: string,
  body: string,
  { ContentType = 'text/csv', Accept }: { ContentType?: string; Accept?: string } = {},
) => {
  const answer = await client.send(new InvokeEndpointCommand({ EndpointName, Body: body, ContentType, Accept }));
  return { ...answer, text: Buffer.from(answer.Body ?? []).toString('utf8') };
};

describe('an endpoint', () => {
  test.each(['archived', 'plain'])('answers what XGBoost itself predicts, a line a row (%s)', async (name) => {
    const answer = await invoke(name, asCsv);

    expect(answer).toMatchObject({ ContentType: 'text/csv; charset=utf-8', InvokedProductionVariant: 'main' });
    const scores = answer.text.trim().split('\n').map(Number);
    expect(scores).toHaveLength(rows.length);
    for (const [index, score] of scores.entries()) expect(score).toBeCloseTo(probabilities[index] as number, 6);
  });

  test.each([
    ['instances', (row: unknown) => ({ instances: [{ features: row }] })],
    ['arrays in instances', (row: unknown) => ({ instances: [row] })],
    ['rows', (row: unknown) => [row]],
    ['one row', (row: unknown) => row],
  ])('answers JSON in JSON: %s', async (_, shape) => {
    const row = rows[0]?.map((value) => (Number.isNaN(value) ? null : value));

    const { text } = await invoke('plain', JSON.stringify(shape(row)), { ContentType: 'application/json' });

    const { predictions: scores } = JSON.parse(text);
    expect(scores).toEqual([{ score: expect.closeTo(probabilities[0] as number, 6) }]);
  });

  test('answers in the type that the caller accepts', async () => {
    const { text, ContentType } = await invoke('plain', asCsv, { Accept: 'application/json' });

    expect(ContentType).toBe('application/json');
    expect(JSON.parse(text).predictions).toHaveLength(rows.length);
  });

  test.each([
    ['a row of another length', '1,2', 'text/csv', 400],
    ['a text among the features', 'a,b,c,d,e,f', 'text/csv', 400],
    ['no rows', '', 'text/csv', 400],
    ['no instances', '{}', 'application/json', 400],
    ['another type', '<a/>', 'text/xml', 415],
  ])('is a model error: %s', async (_, body, ContentType, status) => {
    const error = (await invoke('plain', body, { ContentType }).catch((cause) => cause)) as ModelError;

    expect(error.name).toBe('ModelError');
    expect(error.OriginalStatusCode).toBe(status);
    expect(error.$metadata.httpStatusCode).toBe(424);
  });
});

describe('what is refused', () => {
  test('an endpoint that is not there, or has no model', async () => {
    await expect(invoke('nobody', '1')).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(invoke('empty', '1')).rejects.toThrow(/not in service: the archive holds no XGBoost model/);
  });

  test('a model that the execution role may not read, which the developer is told at the start', async () => {
    await expect(invoke('forbidden', '1')).rejects.toMatchObject({ name: 'ValidationError' });
    expect(rooms.notices.join('\n')).toMatch(/endpoint forbidden has no model: .*s3:GetObject/);
  });

  test('a caller without the grant, by the missing statement', async () => {
    const grant = (name: string) => ({
      Effect: 'Allow',
      Action: 'sagemaker:InvokeEndpoint',
      Resource: `arn:aws:sagemaker:eu-central-1:000000000000:endpoint/${name}`,
    });
    const caller = new SageMakerRuntimeClient(rooms.clientOf('caller', [grant('plain')]));
    const ask = (EndpointName: string) =>
      caller.send(new InvokeEndpointCommand({ EndpointName, Body: asCsv, ContentType: 'text/csv' }));

    await expect(ask('plain')).resolves.toBeDefined();
    await expect(ask('archived')).rejects.toThrow(/Allow sagemaker:InvokeEndpoint on .*endpoint\/archived/);
    caller.destroy();
  });

  test('a configuration with two variants', async () => {
    const variant = { VariantName: 'a', ModelName: 'x' };
    const deploy = rooms.deploy('AWS::SageMaker::EndpointConfig', { ProductionVariants: [variant, variant] });

    await expect(deploy).rejects.toThrow(/ProductionVariants: must be one/);
  });
});

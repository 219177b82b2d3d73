import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { textOf } from '#local/inside.ts';
import type { Properties } from '#local/resources.ts';
import { createSqs } from '#local/sqs/index.ts';
import { type LambdaRooms, openLambda } from './support.ts';

let lambda: LambdaRooms;

beforeAll(async () => {
  lambda = await openLambda({}, (host) => [createSqs(host)]);
});
afterAll(async () => {
  await lambda.close();
  lambda.remove();
});

const get = async (path: string) => {
  const answer = await lambda.host.call(lambda.host.developer, 'lambda', { method: 'GET', path });
  return { status: answer.status, body: JSON.parse(await textOf(answer)) };
};

test.each<[Properties, RegExp]>([
  [{ Runtime: 'nodejs22.x' }, /Runtime: must be nodejs24\.x/],
  [{ Layers: ['x'] }, /Layers is not emulated/],
  [{ VpcConfig: {} }, /VpcConfig is not emulated/],
  [{ Timeout: 901 }, /Timeout/],
  [{ MemorySize: 64 }, /MemorySize/],
  [{ Environment: { Variables: { AWS_REGION: 'x' } } }, /AWS_REGION is set by Lambda/],
  [{ Environment: { Variables: { BIG: 'x'.repeat(4096) } } }, /larger than 4096 bytes/],
  [{ Code: { S3Bucket: 'code', S3Key: 'other' } }, /s3:\/\/code\/other is not an asset/],
])('a function that cannot be honoured is refused by its property (%#)', async (properties, message) => {
  await expect(lambda.define('refused', '', properties)).rejects.toThrow(message);
});

test('a function and its mappings can be looked up', async () => {
  const FunctionName = await lambda.define('seen', '', {
    Timeout: 7,
    Environment: { Variables: { SECRET: 'hidden' } },
  });
  const queue = await lambda.deploy('AWS::SQS::Queue', { QueueName: 'source' });
  await lambda.deploy('AWS::Lambda::EventSourceMapping', { EventSourceArn: queue.attributes.Arn, FunctionName });

  const found = await get('/2015-03-31/functions/seen');
  const mappings = await get('/2015-03-31/event-source-mappings/');

  expect(found.body.Configuration).toMatchObject({ FunctionName: 'seen', Timeout: 7, State: 'Active' });
  expect(JSON.stringify(found.body)).not.toContain('hidden');
  expect(mappings.body.EventSourceMappings).toMatchObject([
    {
      EventSourceArn: queue.attributes.Arn,
      BatchSize: 10,
      State: 'Enabled',
      UUID: expect.stringMatching(/^[0-9a-f-]{36}$/),
    },
  ]);
  expect((await get('/2015-03-31/functions/nobody')).status).toBe(404);
});

test('a role that may not write logs has none, of which the developer is told', async () => {
  await lambda.define('mute', 'exports.handler = async () => { console.log(1); return 2; };', {}, []);

  const answer = await lambda.invoke('mute');

  expect(answer.payload).toBe(2);
  expect(lambda.logOf('mute')).toBe('');
  expect(lambda.notices.join('\n')).toMatch(/mute writes no log, as on AWS: .*Allow logs:CreateLogStream on/);
});

import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';

import { createFaults, type Fault } from '#local/faults.ts';
import { createSqs } from '#local/sqs/index.ts';
import { type LambdaRooms, LOG_GRANTS, openLambda, until } from '../lambda/support.ts';

/** Whatever may strike does so at once, and for as short as it can. */
const faults = createFaults(() => 0);
let lambda: LambdaRooms;
let sqs: SQSClient;
let queueUrl = '';
let struck = 0;

const SQS_GRANTS = { Effect: 'Allow', Action: 'sqs:*', Resource: '*' };

beforeAll(async () => {
  lambda = await openLambda({ concurrency: 8 }, (host) => [createSqs(host)], undefined, faults);
  sqs = new SQSClient(lambda.client);
  await lambda.define('quick', `exports.handler = async () => 'done';`);
  await lambda.define(
    'taker',
    `let calls = 0; exports.handler = async ({ Records }) => {
      process.stdout.write('COUNT ' + Records[0].attributes.ApproximateReceiveCount + '\\n');
    };`,
    { Timeout: 10 },
    [LOG_GRANTS, SQS_GRANTS],
  );
  // Nobody would wait for this queue's own timeout.
  const queue = await lambda.deploy('AWS::SQS::Queue', { QueueName: 'work', VisibilityTimeout: 600 }, 'Work');
  queueUrl = queue.physicalId;
  await lambda.deploy('AWS::Lambda::EventSourceMapping', {
    EventSourceArn: queue.attributes.Arn,
    FunctionName: 'taker',
  });
  await lambda.start();
  await lambda.invoke('quick');
});
afterEach(() => faults.clear());
afterAll(async () => {
  sqs.destroy();
  await lambda.close();
  lambda.remove();
});

const begin = (does: Fault['does']) => {
  struck = 0;
  return faults.begin({ service: 'lambda', does, onStrike: () => (struck += 1) });
};

test('an environment that is killed in the middle loses its answer, and the next one is well', async () => {
  const end = begin('kill');

  const killed = await lambda.invoke('quick');
  end();

  expect(killed).toMatchObject({ functionError: 'Unhandled', payload: { errorType: 'Runtime.ExitError' } });
  expect(await lambda.invoke('quick')).toMatchObject({ functionError: undefined, payload: 'done' });
  expect(struck).toBe(1);
});

test('an environment that is frozen answers when it is let go', async () => {
  begin('freeze');
  const beganMs = performance.now();

  const { payload } = await lambda.invoke('quick');

  expect(payload).toBe('done');
  expect(performance.now() - beganMs).toBeGreaterThan(900);
  expect(struck).toBe(1);
});

test('a service that is down begins no invocation', async () => {
  begin('fail');

  expect(await lambda.invoke('quick')).toMatchObject({ payload: { errorType: 'ServiceException' } });
});

test('a message whose function was killed comes back as soon as was asked, and is counted', async () => {
  faults.redeliverAfter(1);
  const end = begin('kill');
  const before = faults.redeliveries;

  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'x' }));
  await until(() => struck === 1);
  end();
  await until(() => lambda.logOf('taker').includes('COUNT 2'));

  expect(faults.redeliveries - before).toBe(1);
});

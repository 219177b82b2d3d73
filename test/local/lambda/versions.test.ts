import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { textOf } from '#local/inside.ts';
import { type LambdaRooms, openLambda, until } from './support.ts';

const WHO = `exports.handler = async (event, context) => ({
  version: process.env.AWS_LAMBDA_FUNCTION_VERSION, invoked: context.invokedFunctionArn });`;

let lambda: LambdaRooms;

beforeAll(async () => {
  lambda = await openLambda({ repeatWaitsMs: [1, 1] });
  await lambda.start();
});
afterAll(async () => {
  await lambda.close();
  lambda.remove();
});

/** A function with version 1 and the alias `live`. */
const withAlias = async (name: string, code = WHO): Promise<string> => {
  const FunctionName = await lambda.define(name, code);
  const version = await lambda.deploy('AWS::Lambda::Version', { FunctionName }, `${name}Version`);
  const alias = await lambda.deploy(
    'AWS::Lambda::Alias',
    { FunctionName, FunctionVersion: version.attributes.Version, Name: 'live' },
    `${name}Alias`,
  );
  return alias.physicalId;
};

test('an alias runs its version, and the function knows both', async () => {
  const arn = await withAlias('who');

  expect(arn).toBe(`arn:aws:lambda:${lambda.host.region}:${lambda.host.accountId}:function:who:live`);
  expect((await lambda.invoke(arn)).payload).toEqual({ version: '1', invoked: arn });
  expect((await lambda.invoke('who:1')).payload).toEqual({ version: '1', invoked: arn.replace(':live', ':1') });
  expect((await lambda.invoke('who')).payload).toEqual({ version: '$LATEST', invoked: arn.replace(':live', '') });
  expect(lambda.logOf('who')).toMatch(/START RequestId: \S+ Version: 1\n/);
});

test('a declaration keeps its number, and another one gets the next', async () => {
  const FunctionName = await lambda.define('counted', WHO);
  const publish = async (logicalId: string) =>
    (await lambda.deploy('AWS::Lambda::Version', { FunctionName }, logicalId)).attributes.Version;

  expect([await publish('first'), await publish('second'), await publish('first')]).toEqual(['1', '2', '1']);
});

test.each([
  ['a version that there is not', 'AWS::Lambda::Alias', { FunctionVersion: '7', Name: 'live' }, /has no version 7/],
  ['a name of digits', 'AWS::Lambda::Alias', { FunctionVersion: '$LATEST', Name: '12' }, /Name: use letters/],
  [
    'shared traffic',
    'AWS::Lambda::Alias',
    { FunctionVersion: '$LATEST', Name: 'live', RoutingConfig: {} },
    /RoutingConfig is not emulated/,
  ],
  ['provisioned concurrency', 'AWS::Lambda::Version', { ProvisionedConcurrencyConfig: {} }, /is not emulated/],
])('%s is refused', async (_, type, properties, message) => {
  const FunctionName = await lambda.define('plain', WHO);

  await expect(lambda.deploy(type, { FunctionName, ...properties })).rejects.toThrow(message);
});

test('nobody answers under an alias that there is not', async () => {
  await lambda.define('plain', WHO);

  expect(await lambda.invoke('plain:live')).toMatchObject({ status: 404, errorType: 'ResourceNotFoundException' });
});

describe('permissions', () => {
  const rules = 'events.amazonaws.com';
  const asRules = () => ({ arn: rules, accessKeyId: '', context: {} });

  test('stand on the alias or on the function, not on both', async () => {
    const alias = await withAlias('guarded');
    await lambda.deploy('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      FunctionName: alias,
      Principal: rules,
    });

    const policy = await lambda.host.call(lambda.host.developer, 'lambda', {
      method: 'GET',
      path: '/2015-03-31/functions/guarded/policy',
      query: new URLSearchParams({ Qualifier: 'live' }),
    });

    expect(await lambda.invoke(alias, {}, { as: asRules() })).toMatchObject({ status: 200 });
    expect(await lambda.invoke('guarded', {}, { as: asRules() })).toMatchObject({ status: 403 });
    expect(JSON.parse(JSON.parse(await textOf(policy)).Policy).Statement).toMatchObject([{ Resource: alias }]);
  });
});

test('an event for an alias is repeated as the alias says', async () => {
  const alias = await withAlias('flaky', `exports.handler = async () => { throw new Error('x'); };`);
  await lambda.deploy('AWS::Lambda::EventInvokeConfig', {
    FunctionName: 'flaky',
    Qualifier: 'live',
    MaximumRetryAttempts: 0,
  });

  await lambda.invoke(alias, {}, { type: 'Event' });

  await until(() => lambda.notices.some((line) => line.includes('flaky:live') && line.includes('1 attempts')));
});

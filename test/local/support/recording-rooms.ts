import { readBody, readJsonCall } from '#local/bodies.ts';
import { AwsError } from '#local/errors.ts';
import { generatedName, type Host, type Room } from '#local/resources.ts';
import type { PolicyDocument } from '#local/service.ts';

/** One call that a function of the test got. */
export interface RecordedInvocation {
  readonly functionName: string;
  readonly caller: string;
  readonly payload: Record<string, unknown>;
}

export type Answer = (invocation: RecordedInvocation) => unknown;

const MOST_BYTES = 20_000_000;

/**
 * Stands in for Lambda: functions whose code is the test's own. Resource policies (`AWS::Lambda::Permission`) count, so
 * that a test can leave one out. An answer that is an Error is a function that failed.
 */
export const recordingFunctions = (host: Host, answer: Answer): Room => {
  const policies = new Map<string, PolicyDocument>();
  const arnOf = (name: string) => `arn:aws:lambda:${host.region}:${host.accountId}:function:${name}`;
  return {
    resources: [
      {
        type: 'AWS::Lambda::Function',
        deploy(resource) {
          const name = String(resource.properties.FunctionName ?? generatedName(resource, { maxLength: 64 }));
          return { physicalId: name, attributes: { Arn: arnOf(name) } };
        },
        remove() {},
      },
      {
        type: 'AWS::Lambda::Permission',
        deploy(resource) {
          const { FunctionName, Principal, SourceArn } = resource.properties;
          const arn = arnOf(String(FunctionName).split(':').at(-1) ?? '');
          const statement = {
            Effect: 'Allow',
            Action: 'lambda:InvokeFunction',
            Resource: arn,
            Principal: { Service: Principal },
            Condition: { ArnLike: { 'aws:SourceArn': SourceArn } },
          };
          policies.set(arn, { Statement: [...((policies.get(arn)?.Statement as unknown[]) ?? []), statement] });
          return { physicalId: resource.logicalId, attributes: {} };
        },
        remove() {},
      },
    ],
    service: {
      signingName: 'lambda',
      protocol: 'rest-json',
      async handle(request, authorise) {
        const name =
          decodeURIComponent(request.path.split('/')[3] ?? '')
            .split(':')
            .at(-1) ?? '';
        const resource = arnOf(name);
        const resourcePolicy = policies.get(resource);
        authorise(request.principal, [
          { action: 'lambda:InvokeFunction', resource, ...(resourcePolicy ? { resourcePolicy } : {}) },
        ]);
        const payload = JSON.parse((await readBody(request.body, MOST_BYTES)).toString('utf8'));
        const result = await answer({ functionName: name, caller: request.principal.arn, payload });
        if (request.headers['x-amz-invocation-type'] === 'Event') return { status: 202 };
        return result instanceof Error
          ? { status: 200, headers: { 'x-amz-function-error': 'Unhandled' }, body: '{"errorMessage":"failed"}' }
          : { status: 200, body: JSON.stringify(result ?? null) };
      },
      close() {},
    },
  };
};

/** Stands in for SQS: queues that take anything a policy of the template lets in, and keep it for the test. */
export const recordingQueues = (host: Host, sent: Record<string, unknown>[]): Room => {
  const policies = new Map<string, PolicyDocument>();
  return {
    resources: [
      {
        type: 'AWS::SQS::Queue',
        deploy(resource) {
          const name = String(resource.properties.QueueName ?? generatedName(resource, { maxLength: 80 }));
          return {
            physicalId: `${host.endpoint}/${host.accountId}/${name}`,
            attributes: { Arn: `arn:aws:sqs:${host.region}:${host.accountId}:${name}`, QueueName: name },
          };
        },
      },
      {
        type: 'AWS::SQS::QueuePolicy',
        deploy(resource) {
          for (const url of resource.properties.Queues as string[]) {
            policies.set(url, resource.properties.PolicyDocument as PolicyDocument);
          }
          return { physicalId: resource.logicalId, attributes: {} };
        },
        remove() {},
      },
    ],
    service: {
      signingName: 'sqs',
      protocol: 'json-1.0',
      async handle(request, authorise) {
        const { operation, input } = await readJsonCall(request);
        if (operation !== 'SendMessage') throw new AwsError('UnknownOperationException', operation);
        const url = String(input.QueueUrl);
        const resourcePolicy = policies.get(url);
        authorise(request.principal, [
          {
            action: 'sqs:SendMessage',
            resource: `arn:aws:sqs:${host.region}:${host.accountId}:${url.split('/').at(-1)}`,
            ...(resourcePolicy ? { resourcePolicy } : {}),
          },
        ]);
        sent.push(input);
        return { status: 200, body: '{}' };
      },
      close() {},
    },
  };
};

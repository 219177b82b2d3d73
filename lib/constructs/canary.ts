import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';

import { CanaryEnvironmentSchema } from '../../functions/canary/environment.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import { TIMEOUTS } from '../timeouts.ts';
import { allow, allowEncrypt } from './grants.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';

export interface CanaryProps extends FunctionDefaults {
  readonly data: DataStack;
  readonly api: RestApi;
}

/** Sends events of its own through the API and the inbox every five minutes, and sees that they are decided. */
export class Canary extends Construct {
  readonly canary: ServiceFunction<typeof CanaryEnvironmentSchema>;

  constructor(scope: Construct, id: string, { data, api, ...defaults }: CanaryProps) {
    super(scope, id);
    this.canary = new ServiceFunction(this, 'Canary', {
      ...defaults,
      entry: 'canary',
      description: 'Sends events of its own, and sees that they are decided as expected',
      environmentSchema: CanaryEnvironmentSchema,
      environment: { API_URL: api.url, INBOX_BUCKET_NAME: data.inbox.bucketName },
      timeout: TIMEOUTS.canary,
      // It waits most of its time.
      memorySize: 256,
    });
    const canary = this.canary.function;
    allow(
      canary,
      ['execute-api:Invoke'],
      api.arnForExecuteApi('POST', '/v1/decisions', api.deploymentStage.stageName),
      api.arnForExecuteApi('GET', '/v1/decisions/assay_canary/*', api.deploymentStage.stageName),
      api.arnForExecuteApi('GET', '/v1/files/*', api.deploymentStage.stageName),
    );
    allow(canary, ['s3:PutObject'], data.inbox.arnForObjects('events/assay_canary/*'));
    allowEncrypt(canary, data.bucketKey);
    new Rule(this, 'Repeated', {
      description: 'Runs the canary',
      schedule: Schedule.rate(Duration.minutes(5)),
      // A run that failed is told of; repeating it would tell of it again.
      targets: [new LambdaFunction(this.canary.live, { maxEventAge: Duration.minutes(5), retryAttempts: 0 })],
    });
  }
}

import { Duration, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';

import { RegistrarEnvironmentSchema } from '../../functions/registrar/environment.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import { TIMEOUTS } from '../timeouts.ts';
import { allowWritingCatalog } from './catalog-access.ts';
import { allow } from './grants.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';
import { catalogEnvironment } from './shared-access.ts';

export interface RegistrarProps extends FunctionDefaults {
  readonly data: DataStack;
  /** The compiled catalog: one JSON file, uploaded with the deployment. */
  readonly catalogFile: string;
}

/**
 * Registers the deployment's catalog: numbers versions, stores them, and moves the head that functions look at.
 *
 * Runs when CloudFormation reports this stack complete, and every five minutes, so that a lost report heals.
 */
export class Registrar extends Construct {
  readonly registrar: ServiceFunction<typeof RegistrarEnvironmentSchema>;

  constructor(scope: Construct, id: string, { data, catalogFile, ...defaults }: RegistrarProps) {
    super(scope, id);
    const catalog = new Asset(this, 'Catalog', { path: catalogFile });
    this.registrar = new ServiceFunction(this, 'Registrar', {
      ...defaults,
      entry: 'registrar',
      description: "Registers the deployment's catalog",
      environmentSchema: RegistrarEnvironmentSchema,
      environment: {
        ...catalogEnvironment(data),
        TOKEN_SECRET_ARN: data.tokenSecret.secretArn,
        AUDIT_BUCKET_NAME: data.audit.bucketName,
        CATALOG_ASSET_BUCKET: catalog.s3BucketName,
        CATALOG_ASSET_KEY: catalog.s3ObjectKey,
      },
      timeout: TIMEOUTS.registrar,
    });
    const registrar = this.registrar.function;
    allow(registrar, ['s3:GetObject'], catalog.bucket.arnForObjects(catalog.s3ObjectKey));
    allowWritingCatalog(registrar, data);

    const targets = [new LambdaFunction(this.registrar.live, { maxEventAge: Duration.hours(2), retryAttempts: 3 })];
    new Rule(this, 'Deployed', {
      description: 'Registers the catalog as soon as the deployment is complete',
      eventPattern: {
        source: ['aws.cloudformation'],
        detailType: ['CloudFormation Stack Status Change'],
        detail: {
          'stack-id': [Stack.of(this).stackId],
          'status-details': { status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'] },
        },
      },
      targets,
    });
    new Rule(this, 'Repeated', {
      description: 'Registers the catalog again, in case the report of a deployment was lost',
      schedule: Schedule.rate(Duration.minutes(5)),
      targets,
    });
  }
}

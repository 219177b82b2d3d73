import type { Integration, IResource, MethodOptions } from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';

import { AdministrationEnvironmentSchema } from '../../functions/administration/environment.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import { TIMEOUTS } from '../timeouts.ts';
import { allowWritingCatalog } from './catalog-access.ts';
import { allow } from './grants.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';
import { catalogEnvironment } from './shared-access.ts';

export interface AdministrationProps extends FunctionDefaults {
  readonly data: DataStack;
}

/**
 * Changes the catalog, lists and switches by API, and tells the audit log of each act. Behind resources of its own, so
 * that who may decide events and who may change how they are decided are different permissions.
 */
export class Administration extends Construct {
  readonly api: ServiceFunction<typeof AdministrationEnvironmentSchema>;

  constructor(scope: Construct, id: string, { data, ...defaults }: AdministrationProps) {
    super(scope, id);
    this.api = new ServiceFunction(this, 'Api', {
      ...defaults,
      entry: 'administration',
      description: 'Registers event types, detectors, models and lists, and turns switches',
      environmentSchema: AdministrationEnvironmentSchema,
      environment: {
        ...catalogEnvironment(data),
        TOKEN_SECRET_ARN: data.tokenSecret.secretArn,
        AUDIT_BUCKET_NAME: data.audit.bucketName,
      },
      timeout: TIMEOUTS.administration,
      // A list of 100,000 values or a model of some megabytes is read whole.
      memorySize: 1769,
    });
    allowWritingCatalog(this.api.function, data);
    // Lists as administrators have them: what is personal is in the clear there.
    allow(this.api.function, ['s3:GetObject'], data.models.arnForObjects('uploads/*'));
  }
}

/** How the methods of the administration are added to the API. */
export interface AdministrationMethods extends Required<Pick<MethodOptions, 'requestModels' | 'requestValidator'>> {
  /** The resource `/v1`. */
  readonly v1: IResource;
  readonly integration: Integration;
}

/** Adds the methods of the administration: a resource for each kind of document, since permissions go by resource. */
export const addAdministration = ({ v1, integration, ...put }: AdministrationMethods): void => {
  const catalog = v1.addResource('catalog');
  catalog.addMethod('GET', integration);
  for (const kind of ['event-types', 'models', 'detectors']) {
    const one = catalog.addResource(kind).addResource('{name}');
    one.addMethod('GET', integration);
    one.addMethod('PUT', integration, put);
    if (kind === 'detectors') one.addResource('activation').addMethod('PUT', integration, put);
  }
  catalog.addResource('references').addResource('{name}').addMethod('PUT', integration, put);
  for (const [kind, parameter] of [
    ['lists', '{name}'],
    ['switches', '{detector}'],
  ] as const) {
    const one = v1.addResource(kind).addResource(parameter);
    one.addMethod('GET', integration);
    one.addMethod('PUT', integration, put);
  }
};

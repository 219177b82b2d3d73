import * as z from 'zod';
import { DeploymentError } from '../errors.ts';
import { checkProperties, parseProperties } from '../properties.ts';
import {
  type DeployedResource,
  generatedName,
  type Host,
  type ResourceDeclaration,
  type ResourceProvider,
} from '../resources.ts';
import type { Principal } from '../service.ts';

/** A model: an object in S3, and the role that reads it. */
export interface ModelDefinition {
  readonly bucket: string;
  readonly key: string;
  readonly principal: Principal;
}

/** What an endpoint serves. */
export interface Served {
  readonly variantName: string;
  readonly model: ModelDefinition;
}

/** Models, configurations and endpoints of the templates, by name. Deploying fills it at every start. */
export interface Endpoints {
  readonly resources: readonly ResourceProvider[];
  names(): readonly string[];
  arnOf(endpointName: string): string;
  find(endpointName: string): Served | undefined;
}

const NAME = z.string().regex(/^[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$/);

const ModelSchema = z.object({
  ModelName: NAME.optional(),
  ExecutionRoleArn: z.string().startsWith('arn:'),
  PrimaryContainer: z.strictObject({
    Image: z.string(),
    ModelDataUrl: z.string().regex(/^s3:\/\/[^/]+\/.+/, 'use s3://bucket/key'),
    Environment: z.record(z.string(), z.string()).optional(),
    Mode: z.literal('SingleModel', 'must be SingleModel').optional(),
  }),
});

const VariantSchema = z.object({
  VariantName: NAME,
  ModelName: z.string(),
  InitialVariantWeight: z.number().optional(),
  InitialInstanceCount: z.number().optional(),
  InstanceType: z.string().optional(),
  ServerlessConfig: z.looseObject({}).optional(),
});

const ConfigSchema = z.object({
  EndpointConfigName: NAME.optional(),
  ProductionVariants: z.array(VariantSchema).length(1, 'must be one: traffic is not split here'),
});

const EndpointSchema = z.object({ EndpointName: NAME.optional(), EndpointConfigName: z.string() });

/** Capacity, network and labels are those of this machine. */
const WITHOUT_EFFECT = {
  model: ['Tags', 'VpcConfig', 'EnableNetworkIsolation'],
  config: ['Tags', 'KmsKeyId', 'VpcConfig', 'EnableNetworkIsolation'],
  endpoint: ['Tags', 'DeploymentConfig', 'RetainAllVariantProperties', 'ExcludeRetainedVariantProperties'],
};

export const createEndpoints = (host: Pick<Host, 'region' | 'accountId' | 'assumeRole'>): Endpoints => {
  const models = new Map<string, ModelDefinition>();
  const configs = new Map<string, { variantName: string; modelName: string }>();
  const endpoints = new Map<string, string>();

  const deployed = (kind: string, attribute: string, name: string): DeployedResource => {
    const arn = `arn:aws:sagemaker:${host.region}:${host.accountId}:${kind}/${name}`;
    return { physicalId: arn, attributes: { [attribute]: name, Id: arn } };
  };

  const model: ResourceProvider = {
    type: 'AWS::SageMaker::Model',
    deploy(resource) {
      const properties = read(resource, ModelSchema, WITHOUT_EFFECT.model);
      const name = properties.ModelName ?? generatedName(resource, { maxLength: 63 });
      const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(properties.PrimaryContainer.ModelDataUrl) ?? [];
      const { principal } = host.assumeRole(properties.ExecutionRoleArn, 'sagemaker.amazonaws.com');
      models.set(name, { bucket, key, principal });
      return deployed('model', 'ModelName', name);
    },
    remove: ({ physicalId }) => void models.delete(nameIn(physicalId)),
  };

  const config: ResourceProvider = {
    type: 'AWS::SageMaker::EndpointConfig',
    deploy(resource) {
      const properties = read(resource, ConfigSchema, WITHOUT_EFFECT.config);
      const name = properties.EndpointConfigName ?? generatedName(resource, { maxLength: 63 });
      const [variant] = properties.ProductionVariants;
      const modelName = nameIn(variant?.ModelName ?? '');
      if (!variant || !models.has(modelName)) {
        throw new DeploymentError('ProductionVariants.0.ModelName: there is no such model');
      }
      configs.set(name, { variantName: variant.VariantName, modelName });
      return deployed('endpoint-config', 'EndpointConfigName', name);
    },
    remove: ({ physicalId }) => void configs.delete(nameIn(physicalId)),
  };

  const endpoint: ResourceProvider = {
    type: 'AWS::SageMaker::Endpoint',
    deploy(resource) {
      const properties = read(resource, EndpointSchema, WITHOUT_EFFECT.endpoint);
      const name = properties.EndpointName ?? generatedName(resource, { maxLength: 63 });
      const configName = nameIn(properties.EndpointConfigName);
      if (!configs.has(configName)) throw new DeploymentError('EndpointConfigName: there is no such configuration');
      endpoints.set(name, configName);
      return deployed('endpoint', 'EndpointName', name);
    },
    remove: ({ physicalId }) => void endpoints.delete(nameIn(physicalId)),
  };

  return {
    resources: [model, config, endpoint],
    names: () => [...endpoints.keys()],
    arnOf: (name) => `arn:aws:sagemaker:${host.region}:${host.accountId}:endpoint/${name}`,
    find(name) {
      const found = configs.get(endpoints.get(name) ?? '');
      const definition = models.get(found?.modelName ?? '');
      return found && definition && { variantName: found.variantName, model: definition };
    },
  };
};

/** Templates refer to these by name, or by the ARN that `Ref` answers. */
const nameIn = (nameOrArn: string): string => nameOrArn.split('/').at(-1) ?? '';

const read = <Schema extends z.ZodObject>(
  resource: ResourceDeclaration,
  schema: Schema,
  withoutEffect: readonly string[],
): z.infer<Schema> => {
  checkProperties(resource, [...Object.keys(schema.shape), ...withoutEffect]);
  return parseProperties(schema, resource);
};

import { resolve } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CfnEndpoint, CfnEndpointConfig, CfnModel } from 'aws-cdk-lib/aws-sagemaker';
import { Construct } from 'constructs';

import type { EndpointConfig } from '../config.ts';

export interface ModelEndpointProps {
  readonly endpoint: EndpointConfig;
  /** Folder that relative paths of model archives start from. */
  readonly root: string;
}

/** A SageMaker endpoint that serves one model: model, configuration and endpoint, with a role that reads the archive. */
export class ModelEndpoint extends Construct {
  readonly endpointName: string;

  constructor(scope: Construct, id: string, { endpoint, root }: ModelEndpointProps) {
    super(scope, id);
    const { partition } = Stack.of(this);
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('sagemaker.amazonaws.com') });
    const archive = this.archiveOf(endpoint, root, partition);
    role.addToPolicy(
      new PolicyStatement({ effect: Effect.ALLOW, actions: ['s3:GetObject'], resources: [archive.arn] }),
    );
    const model = new CfnModel(this, 'Model', {
      executionRoleArn: role.roleArn,
      primaryContainer: { image: endpoint.image, modelDataUrl: archive.url },
    });
    // The model cannot be created before its role may read the archive.
    model.node.addDependency(role);
    const { capacity } = endpoint;
    const configuration = new CfnEndpointConfig(this, 'Configuration', {
      productionVariants: [
        {
          variantName: 'main',
          modelName: model.attrModelName,
          initialVariantWeight: 1,
          ...(capacity.kind === 'serverless'
            ? {
                serverlessConfig: { memorySizeInMb: capacity.memoryMb, maxConcurrency: capacity.maxConcurrency },
              }
            : { instanceType: capacity.instanceType, initialInstanceCount: capacity.instances }),
        },
      ],
    });
    new CfnEndpoint(this, 'Endpoint', {
      endpointName: endpoint.name,
      endpointConfigName: configuration.attrEndpointConfigName,
    });
    this.endpointName = endpoint.name;
  }

  private archiveOf(endpoint: EndpointConfig, root: string, partition: string): { url: string; arn: string } {
    if ('file' in endpoint.modelData) {
      const asset = new Asset(this, 'Archive', { path: resolve(root, endpoint.modelData.file) });
      return { url: asset.s3ObjectUrl, arn: asset.bucket.arnForObjects(asset.s3ObjectKey) };
    }
    const { s3Uri } = endpoint.modelData;
    return { url: s3Uri, arn: `arn:${partition}:s3:::${s3Uri.slice('s3://'.length)}` };
  }
}

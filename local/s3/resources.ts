import * as z from 'zod';
import { DeploymentError } from '../errors.ts';
import { readPolicy } from '../iam/policy.ts';
import { checkProperties } from '../properties.ts';
import { generatedName, type ResourceProvider } from '../resources.ts';
import type { PolicyDocument } from '../service.ts';
import { type Bucket, BucketPropertiesSchema, type Buckets } from './bucket.ts';
import { overlapping } from './notifications.ts';

/**
 * Buckets and their policies, from templates.
 *
 * @param onDeploy - told of each bucket, with its notifications.
 */
export const createS3Resources = (
  buckets: Buckets,
  region: string,
  onDeploy: (bucket: Bucket) => void,
): readonly ResourceProvider[] => [
  {
    type: 'AWS::S3::Bucket',
    deploy(resource) {
      checkProperties(resource, Object.keys(BucketPropertiesSchema.shape));
      const parsed = BucketPropertiesSchema.safeParse(resource.properties);
      if (!parsed.success) throw new DeploymentError(z.prettifyError(parsed.error));
      const name = parsed.data.BucketName ?? generatedName(resource, { maxLength: 63, lowerCase: true });
      if (overlapping(parsed.data.NotificationConfiguration?.QueueConfigurations ?? [])) {
        throw new DeploymentError('NotificationConfiguration: two configurations would tell of the same object');
      }
      const { ObjectLockConfiguration, ObjectLockEnabled, VersioningConfiguration } = parsed.data;
      if (ObjectLockConfiguration && !(ObjectLockEnabled && VersioningConfiguration?.Status === 'Enabled')) {
        throw new DeploymentError('ObjectLockConfiguration: takes ObjectLockEnabled, and versions that are kept');
      }
      const bucket = buckets.declare(name, parsed.data);
      onDeploy(bucket);
      return {
        physicalId: name,
        attributes: {
          Arn: bucket.arn,
          DomainName: `${name}.s3.amazonaws.com`,
          RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
        },
      };
    },
  },
  {
    type: 'AWS::S3::BucketPolicy',
    deploy(resource) {
      checkProperties(resource, ['Bucket', 'PolicyDocument']);
      const name = String(resource.properties.Bucket);
      if (!buckets.find(name)) throw new DeploymentError('Bucket: there is no such bucket');
      const policy = resource.properties.PolicyDocument as PolicyDocument;
      readPolicy(policy, 'PolicyDocument', 'resource');
      buckets.setPolicy(name, policy);
      return { physicalId: name, attributes: {} };
    },
    remove({ physicalId }) {
      buckets.setPolicy(physicalId, undefined);
    },
  },
];

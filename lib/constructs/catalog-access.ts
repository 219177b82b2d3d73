import type { IFunction } from 'aws-cdk-lib/aws-lambda';

import type { DataStack } from '../stacks/data-stack.ts';
import { allow, allowDecrypt, allowEncrypt } from './grants.ts';
import { allowTokens } from './shared-access.ts';

/**
 * Lets a function write the catalog and tell of it in the audit log. The registrar and the administration may, and
 * nothing else: a test holds this.
 */
export const allowWritingCatalog = (to: IFunction, data: DataStack): void => {
  allowTokens(to, data);
  const written = ['objects/*', 'snapshots/*', 'copies/*'].map((keys) => data.models.arnForObjects(keys));
  allow(to, ['s3:GetObject'], ...written);
  allow(to, ['s3:PutObject'], ...written, data.audit.arnForObjects('entries/*'));
  // Without it S3 answers 403 for an object that is lost, and nobody could mend it.
  allow(to, ['s3:ListBucket'], data.models.bucketArn);
  allow(to, ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'], data.registryTable.tableArn);
  allowEncrypt(to, data.bucketKey);
  allowDecrypt(to, data.bucketKey);
};

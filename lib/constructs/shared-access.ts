import type { IFunction } from 'aws-cdk-lib/aws-lambda';

import type { DataStack } from '../stacks/data-stack.ts';
import { allow, allowDecrypt } from './grants.ts';

/** What a function's environment says of the catalog. @see allowCatalog */
export const catalogEnvironment = (data: DataStack) => ({
  REGISTRY_TABLE_NAME: data.registryTable.tableName,
  MODEL_BUCKET_NAME: data.models.bucketName,
});

/** Lets a function read the catalog: the registry's head, and the snapshot that it points to. */
export const allowCatalog = (to: IFunction, data: DataStack): void => {
  allow(to, ['dynamodb:GetItem'], data.registryTable.tableArn);
  allow(to, ['s3:GetObject'], data.models.arnForObjects('snapshots/*'));
};

/** Lets a function read what a snapshot names: models, references, lists. Not what administrators upload. */
export const allowCatalogObjects = (to: IFunction, data: DataStack): void =>
  allow(to, ['s3:GetObject'], data.models.arnForObjects('objects/*'));

/** Lets a function read the key that entity ids and personal values are tokenised with. */
export const allowTokens = (to: IFunction, data: DataStack): void => {
  allow(to, ['secretsmanager:GetSecretValue'], data.tokenSecret.secretArn);
  allowDecrypt(to, data.bucketKey);
};

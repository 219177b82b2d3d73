import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';

/** Lets a function do exactly the named actions on the named resources: CDK's own grants are wider than needed. */
export const allow = (to: IFunction, actions: readonly string[], ...resources: readonly string[]): void => {
  to.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
};

/** Lets a function read what is encrypted under a key. */
export const allowDecrypt = (to: IFunction, key: IKey): void => allow(to, ['kms:Decrypt'], key.keyArn);

/**
 * Lets a function put objects or send messages that a key encrypts. Sending, and uploading in parts, also decrypt: see
 * {@link allowDecrypt}.
 */
export const allowEncrypt = (to: IFunction, key: IKey): void => allow(to, ['kms:GenerateDataKey'], key.keyArn);

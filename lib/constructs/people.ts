import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

import { allow } from './grants.ts';

/** Days that an erased key can still be brought back from the table's own backup; no longer than operations need. */
const RECOVERY_DAYS = 7;

/** Keys of people, under which what is personal is sealed, and the key of KMS that wraps their private halves. */
export class People extends Construct {
  readonly table: TableV2;
  readonly key: Key;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: RECOVERY_DAYS },
      deletionProtection: true,
      timeToLiveAttribute: 'expiresAt',
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.key = new Key(this, 'Key', {
      description: 'Assay: wraps the keys of people. Whoever may decrypt with it, and read the tables, sees originals.',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  /** Lets a door seal for people, and make their keys. It can open nothing, not even what it has sealed itself. */
  allowSealing(to: IFunction): void {
    allow(to, ['dynamodb:BatchGetItem', 'dynamodb:PutItem'], this.table.tableArn);
    to.addToRolePolicy(
      new PolicyStatement({
        actions: ['kms:Encrypt'],
        resources: [this.key.keyArn],
        conditions: { StringEquals: { 'kms:EncryptionContext:use': 'person-keys' } },
      }),
    );
  }
}

/** What a door's environment says of people's keys. @see People.allowSealing */
export const sealingEnvironment = ({ table, key }: People) => ({
  PEOPLE_TABLE_NAME: table.tableName,
  PERSON_KEY_ARN: key.keyArn,
});

import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';

import { allow } from './grants.ts';

/** Keys of people, under which what is personal is sealed: where they are, and what wraps their private halves. */
export class People {
  readonly table: ITable;
  readonly key: IKey;

  /** @param key - of KMS; whoever may decrypt with it, and read the tables, sees originals. */
  constructor(table: ITable, key: IKey) {
    this.table = table;
    this.key = key;
  }

  /** What a door's environment says of people's keys. */
  get environment() {
    return { PEOPLE_TABLE_NAME: this.table.tableName, PERSON_KEY_ARN: this.key.keyArn };
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

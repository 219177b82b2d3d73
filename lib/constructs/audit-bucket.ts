import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

import { DataBucket, type DataBucketProps } from './data-bucket.ts';

export interface AuditBucketProps extends DataBucketProps {
  /** `governance`: who has `s3:BypassGovernanceRetention` may lift a lock. `compliance`: nobody may, for all its days. */
  readonly mode: 'governance' | 'compliance';
  /** Days that each entry is locked. */
  readonly retentionDays: number;
}

/** The bucket of the audit log: no version that comes in can be changed or deleted while it is locked. */
export class AuditBucket extends DataBucket {
  constructor(scope: Construct, id: string, { mode, retentionDays, ...props }: AuditBucketProps) {
    super(scope, id, props);
    const bucket = this.node.defaultChild as CfnBucket;
    bucket.objectLockEnabled = true;
    bucket.objectLockConfiguration = {
      objectLockEnabled: 'Enabled',
      rule: { defaultRetention: { mode: mode.toUpperCase(), days: retentionDays } },
    };
  }
}

import { AwsError } from '../errors.ts';
import { toXml } from '../http/xml.ts';
import { type Operation, objectNeed, permit, type S3Call, xmlResponse } from './call.ts';
import { objectFound, versionIdIn } from './read-operations.ts';
import { isLocked } from './retention.ts';
import type { ObjectRecord, VersionRow } from './schema.ts';

/**
 * Refuses to delete a version that is locked. A lock of mode GOVERNANCE gives way to who says so in a header and may.
 *
 * @throws {AwsError} AccessDenied.
 */
export const refuseLocked = (call: S3Call, row: VersionRow, context: Parameters<Operation>[1]): void => {
  if (!isLocked(row, context.now())) return;
  const { retention } = JSON.parse(row.record) as ObjectRecord;
  if (retention?.mode === 'GOVERNANCE' && call.headers['x-amz-bypass-governance-retention'] === 'true') {
    permit(call, objectNeed(context, row.bucket, row.key, 'BypassGovernanceRetention'));
    return;
  }
  throw new AwsError('AccessDenied', 'Access Denied because object protected by object lock.', 403);
};

export const getRetention: Operation = (call, context) => {
  permit(call, objectNeed(context, call.bucketName, call.key, 'GetObjectRetention'));
  const { retention } = JSON.parse(objectFound(call, context, versionIdIn(call)).record) as ObjectRecord;
  if (!retention) {
    throw new AwsError('NoSuchObjectLockConfiguration', 'The specified object does not have a retention', 404);
  }
  const RetainUntilDate = new Date(retention.untilMs).toISOString();
  return xmlResponse('Retention', toXml({ Mode: retention.mode, RetainUntilDate }));
};

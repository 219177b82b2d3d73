import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

import { type AuditEntry, auditKey } from '#domain/audit.ts';
import type { AuditArchive } from '#ports/audit-trail.ts';
import type { Deadline } from '#ports/clock.ts';
import type { AwsCall } from './aws-call.ts';

/** Entries of the audit log as objects of a bucket with Object Lock, each written once. */
export class AwsAuditArchive implements AuditArchive {
  readonly #s3: S3Client;
  readonly #bucket: string;
  readonly #call: AwsCall;

  constructor(s3: S3Client, bucket: string, call: AwsCall) {
    this.#s3 = s3;
    this.#bucket = bucket;
    this.#call = call;
  }

  async keep(entry: AuditEntry, deadline: Deadline): Promise<void> {
    const command = () =>
      new PutObjectCommand({
        Bucket: this.#bucket,
        Key: auditKey(entry.sequence),
        Body: JSON.stringify(entry),
        ContentType: 'application/json',
        // A second version would be locked as well, and hide the first one from whoever reads the log.
        IfNoneMatch: '*',
      });
    try {
      await this.#call((options) => this.#s3.send(command(), options), { deadline, what: 'the audit bucket' });
    } catch (error) {
      if (!isThere(error)) throw error;
    }
  }
}

const isThere = (error: unknown): boolean =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 412;

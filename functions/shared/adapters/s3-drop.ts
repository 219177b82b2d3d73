import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

import { ServiceError } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import type { AwsCall } from './aws-call.ts';

export interface S3DropOptions {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly call: AwsCall;
}

/** Puts small files into the inbox, as a team does. */
export class S3Drop {
  readonly #options: S3DropOptions;

  constructor(options: S3DropOptions) {
    this.#options = options;
  }

  /** @returns what tells the file from all others. @throws {ServiceError} `store_unavailable`. */
  async drop(key: string, content: string, deadline: Deadline): Promise<{ bucket: string; versionId: string }> {
    const { s3, bucket, call } = this.#options;
    const command = () => new PutObjectCommand({ Bucket: bucket, Key: key, Body: content, ContentType: 'text/csv' });
    const { VersionId } = await call((options) => s3.send(command(), options), { deadline, what: 'the inbox bucket' });
    if (!VersionId) throw new ServiceError('store_unavailable', 'the inbox bucket keeps no versions');
    return { bucket, versionId: VersionId };
  }
}

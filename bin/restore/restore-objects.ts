import { DeleteObjectCommand, ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';

import { mapSideBySide } from '#domain/side-by-side.ts';

export interface RestoreObjectsOptions {
  readonly bucket: string;
  /** Keys that begin so. */
  readonly prefix: string;
  /** What was deleted from then on comes back. */
  readonly since: Date;
  /** Counts, and changes nothing. */
  readonly dryRun: boolean;
  /** Told how many keys have been looked at and how many come back. */
  readonly onPage: (restored: number) => void;
}

const AT_ONCE = 32;

/**
 * Takes away the delete markers that hide objects, so that the versions under them stand again. Nobody is told of a new
 * object: files in the inbox are not read again. May be repeated.
 *
 * @returns how many objects come back.
 */
export const restoreObjects = async (
  s3: S3Client,
  { bucket, prefix, since, dryRun, onPage }: RestoreObjectsOptions,
): Promise<number> => {
  let restored = 0;
  let from: { readonly KeyMarker?: string | undefined; readonly VersionIdMarker?: string | undefined } = {};
  for (;;) {
    const list = new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...from });
    const { DeleteMarkers = [], IsTruncated, NextKeyMarker, NextVersionIdMarker } = await s3.send(list);
    const hiding = DeleteMarkers.filter(
      ({ IsLatest, LastModified }) => IsLatest && LastModified && LastModified >= since,
    );
    await mapSideBySide(dryRun ? [] : hiding, AT_ONCE, ({ Key, VersionId }) =>
      s3.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId })),
    );
    restored += hiding.length;
    onPage(restored);
    if (!IsTruncated) return restored;
    from = { KeyMarker: NextKeyMarker, VersionIdMarker: NextVersionIdMarker };
  }
};

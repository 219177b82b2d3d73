import type { ObjectVersion } from './s3.ts';

/** A notification as S3 sends it: its key is encoded as forms are. */
export const notificationOf = (
  bucket: string,
  key: string,
  { versionId, sequencer, bytes, made, eTag }: ObjectVersion,
) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: 'eu-west-1',
  eventName: 'ObjectCreated:Put',
  s3: {
    s3SchemaVersion: '1.0',
    bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
    object: {
      key: encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/'),
      size: made?.length ?? bytes?.length ?? 0,
      eTag: eTag.replaceAll('"', ''),
      versionId,
      sequencer: sequencer.padStart(16, '0'),
    },
  },
});

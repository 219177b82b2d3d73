import { createHash, randomUUID } from 'node:crypto';
import type { Bucket, Notification } from './bucket.ts';
import type { VersionRow } from './schema.ts';

/** Something that happened to an object: `ObjectCreated:Put`. */
export interface ObjectEvent {
  readonly name: string;
  readonly bucket: Bucket;
  readonly key: string;
  readonly atMs: number;
  /** Grows with every change; events of one key are ordered by it. */
  readonly sequence: number;
  /** The version that came or went; its size and tag are told of objects that came. */
  readonly version?: Pick<VersionRow, 'version_id' | 'size' | 'etag' | 'marker'>;
  /** Who did it; the service itself for what lifecycle rules do. */
  readonly principalId: string;
  readonly requestId: string;
}

/** The notifications that an event of this name on this key sets off. */
export const matching = (bucket: Bucket, eventName: string, key: string): readonly Notification[] =>
  bucket.notifications.filter(
    (notification) =>
      matchesName(notification.Event, eventName) &&
      key.startsWith(filterOf(notification, 'prefix')) &&
      key.endsWith(filterOf(notification, 'suffix')),
  );

const matchesName = (pattern: string, eventName: string): boolean => {
  const wanted = pattern.slice('s3:'.length);
  return wanted.endsWith('*') ? eventName.startsWith(wanted.slice(0, -1)) : eventName === wanted;
};

/** Text that keys must start or end with; empty for all. */
export const filterOf = ({ Filter }: Notification, name: 'prefix' | 'suffix'): string =>
  Filter?.S3Key.Rules.find((rule) => rule.Name === name)?.Value ?? '';

/** Two notifications that would both tell of one object; S3 refuses them. */
export const overlapping = (notifications: readonly Notification[]): Notification | undefined =>
  notifications.find((one, index) =>
    notifications.slice(index + 1).some((other) => {
      const [prefix, otherPrefix] = [filterOf(one, 'prefix'), filterOf(other, 'prefix')];
      const [suffix, otherSuffix] = [filterOf(one, 'suffix'), filterOf(other, 'suffix')];
      return (
        (matchesName(one.Event, other.Event.slice('s3:'.length)) ||
          matchesName(other.Event, one.Event.slice('s3:'.length))) &&
        (prefix.startsWith(otherPrefix) || otherPrefix.startsWith(prefix)) &&
        (suffix.endsWith(otherSuffix) || otherSuffix.endsWith(suffix))
      );
    }),
  );

/** A key as events carry it: URL-encoded, with + for a space; consumers decode it. */
export const encodedKey = (key: string): string =>
  encodeURIComponent(key)
    .replace(/%20/g, '+')
    .replace(/%2F/g, '/')
    .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * The body of a notification: one record.
 *
 * @see Amazon S3 User Guide, "Event message structure", version 2.1.
 */
export const eventBody = (event: ObjectEvent, notification: Notification, region: string): string => {
  const { bucket, version } = event;
  const created = version !== undefined && version.marker === 0 && event.name.startsWith('ObjectCreated:');
  return JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: region,
        eventTime: new Date(event.atMs).toISOString(),
        eventName: event.name,
        userIdentity: { principalId: event.principalId },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': event.requestId, 'x-amz-id-2': event.requestId },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: configurationIdOf(notification),
          bucket: { name: bucket.name, ownerIdentity: { principalId: 'ASSAYLOCAL' }, arn: bucket.arn },
          object: {
            key: encodedKey(event.key),
            ...(created ? { size: version.size, eTag: version.etag } : {}),
            ...(version !== undefined && bucket.versioning ? { versionId: version.version_id } : {}),
            sequencer: event.sequence.toString(16).toUpperCase().padStart(18, '0'),
          },
        },
      },
    ],
  });
};

/** The message that S3 sends once to a queue it has newly been told to notify: it has no records. */
export const testEventBody = (bucket: Bucket, atMs: number): string =>
  JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date(atMs).toISOString(),
    Bucket: bucket.name,
    RequestId: randomUUID(),
    HostId: randomUUID(),
  });

const configurationIdOf = (notification: Notification): string =>
  createHash('sha256').update(JSON.stringify(notification)).digest('hex').slice(0, 32);

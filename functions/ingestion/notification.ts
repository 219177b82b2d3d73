import * as z from 'zod';

import { FileMessageSchema } from '#domain/messages.ts';

/** What S3 sends once, when notifications are set up. */
export const TestEventSchema = z.object({ Event: z.literal('s3:TestEvent') });

const EntrySchema = z.object({
  eventName: z.string(),
  s3: z.object({
    bucket: z.object({ name: z.string().min(1) }),
    object: z.object({
      key: z.string().min(1),
      size: z.int().min(0).default(0),
      versionId: z.string().optional(),
      eTag: z.string().optional(),
    }),
  }),
});
export type NotificationEntry = z.infer<typeof EntrySchema>;

/** S3's notification. One without `Records` is none: it must fail, not pass as empty. */
export const NotificationSchema = z.object({ Records: z.array(EntrySchema).min(1) });

/** All that the files queue carries. */
export const FilesQueueSchema = z.union([FileMessageSchema, TestEventSchema, NotificationSchema]);
export type FilesQueueMessage = z.infer<typeof FilesQueueSchema>;

/** An object that arrived in the inbox. */
export interface ArrivedObject {
  readonly bucket: string;
  /** Decoded; as it was sent where it cannot be. */
  readonly key: string;
  readonly malformedKey: boolean;
  /** `null` in a bucket without versions. */
  readonly versionId: string;
  readonly eTag?: string;
  readonly bytes: number;
}

/** The object that an entry announces; undefined for removals, and for the empty objects that stand for folders. */
export const arrivedObjectOf = ({ eventName, s3 }: NotificationEntry): ArrivedObject | undefined => {
  if (!/^(s3:)?ObjectCreated:/.test(eventName)) return undefined;
  const { key: encoded, size, versionId = 'null', eTag } = s3.object;
  const key = decodeKey(encoded);
  if (key?.endsWith('/') && size === 0) return undefined;
  return {
    bucket: s3.bucket.name,
    key: key ?? encoded,
    malformedKey: key === undefined,
    versionId,
    ...(eTag !== undefined && { eTag }),
    bytes: size,
  };
};

/** A notification's key is encoded as forms are: a space is `+`. @returns undefined for a malformed `%`. */
export const decodeKey = (encoded: string): string | undefined => {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
};

import * as z from 'zod';

/** An attribute as DynamoDB's JSON has it: `{ "S": "text" }`. Only texts are read here. */
const AttributesSchema = z.record(z.string(), z.record(z.string(), z.unknown()));
export type Attributes = z.infer<typeof AttributesSchema>;

/** A change of an item as a DynamoDB stream tells it, as far as Assay looks: every table has `pk` and `sk`. */
export const StreamRecordSchema = z.object({
  eventName: z.enum(['INSERT', 'MODIFY', 'REMOVE']),
  eventSourceARN: z.string(),
  dynamodb: z.object({
    /** Seconds since the Unix epoch; the same each time this record is delivered. */
    ApproximateCreationDateTime: z.number(),
    Keys: z.object({ pk: z.object({ S: z.string() }), sk: z.object({ S: z.string() }) }),
    NewImage: AttributesSchema.optional(),
    OldImage: AttributesSchema.optional(),
    /** Digits; grows within a shard. */
    SequenceNumber: z.string().min(1),
  }),
});
export type StreamRecord = z.infer<typeof StreamRecordSchema>;

/** The record's key. */
export const keyOfRecord = ({ dynamodb: { Keys } }: StreamRecord): { readonly pk: string; readonly sk: string } => ({
  pk: Keys.pk.S,
  sk: Keys.sk.S,
});

/** A text attribute, undefined where there is none. */
export const textAttribute = (attributes: Attributes | undefined, name: string): string | undefined => {
  const value = attributes?.[name]?.S;
  return typeof value === 'string' ? value : undefined;
};

/**
 * Attribute of an item that a restore has put back: when, in ISO 8601. What follows a commit has followed it before, when
 * the item was written first.
 */
export const RESTORED_AT = 'restoredAt';

/** Whether a change is the return of an item from a backup, and so nothing new. What is changed later on is. */
export const isRestored = ({ dynamodb: { NewImage, OldImage } }: StreamRecord): boolean => {
  const restoredAt = textAttribute(NewImage, RESTORED_AT);
  return restoredAt !== undefined && restoredAt !== textAttribute(OldImage, RESTORED_AT);
};

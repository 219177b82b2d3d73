import { Buffer } from 'node:buffer';
import * as z from 'zod';
import { AwsError } from '../errors.ts';
import { invalidParameter, missingParameter } from './errors.ts';
import type { Queue } from './queue.ts';

const AttributeSchema = z.object({
  DataType: z.string(),
  StringValue: z.string().nullish(),
  BinaryValue: z.string().nullish(),
});

/** A message attribute as on the wire: binary values in base64. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

/** One message as a caller sends it, alone or in a batch. */
export const SendSchema = z.object({
  MessageBody: z.string().optional(),
  DelaySeconds: z.number().int().nullish(),
  MessageAttributes: z.record(z.string(), AttributeSchema).nullish(),
  MessageSystemAttributes: z.record(z.string(), AttributeSchema).nullish(),
  MessageDeduplicationId: z.string().nullish(),
  MessageGroupId: z.string().nullish(),
});
export type SendInput = z.infer<typeof SendSchema>;

/** A message that has been found good, ready to be stored. */
export interface Draft {
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly systemAttributes: Readonly<Record<string, MessageAttribute>>;
  readonly delaySeconds: number;
  readonly groupId: string | undefined;
  /** As given; a queue that deduplicates by content fills it in. */
  readonly deduplicationId: string | undefined;
}

const LONGEST_DELAY_SECONDS = 900;
const MOST_ATTRIBUTES = 10;
const ATTRIBUTE_NAME = /^(?!aws\.|amazon\.|\.)(?!.*\.\.)[A-Za-z0-9_.-]{1,256}(?<!\.)$/i;
const DATA_TYPE = /^(String|Number|Binary)(\..{1,248})?$/;
const ID = /^[\x21-\x7e]{1,128}$/;
// What XML 1.0 can carry: the older wire format of the service sets the rule for the newer one, too.
const CONTENTS = /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u;

/**
 * Checks one message for its queue.
 *
 * @throws {AwsError} InvalidParameterValue, MissingParameter or InvalidMessageContents.
 */
export const draftOf = (input: SendInput, queue: Queue): Draft => {
  const { MessageBody: body, MessageGroupId: groupId, MessageDeduplicationId: deduplicationId } = input;
  if (!body) throw missingParameter('MessageBody');
  if (!CONTENTS.test(body)) {
    throw new AwsError('InvalidMessageContents', 'The message contains characters outside the allowed set.');
  }
  const attributes = checkedAttributes(input.MessageAttributes ?? {}, 'MessageAttributes');
  const limit = queue.settings.MaximumMessageSize;
  if (sizeOf(input) > limit) {
    throw invalidParameter('MessageBody', `Message must be shorter than ${limit} bytes`);
  }
  if (groupId != null && !ID.test(groupId))
    throw invalidParameter('MessageGroupId', 'use 1 to 128 printable characters');
  if (deduplicationId != null && !ID.test(deduplicationId)) {
    throw invalidParameter('MessageDeduplicationId', 'use 1 to 128 printable characters');
  }
  checkForKind(input, queue);
  return {
    body,
    attributes,
    systemAttributes: checkedSystemAttributes(input.MessageSystemAttributes ?? {}),
    delaySeconds: delayOf(input, queue),
    groupId: groupId ?? undefined,
    deduplicationId: deduplicationId ?? undefined,
  };
};

const NOT_FOR_THIS_KIND = 'The request includes a parameter that is not valid for this queue type';

const checkForKind = (input: SendInput, { fifo, settings }: Queue): void => {
  if (!fifo) {
    if (input.MessageDeduplicationId != null) throw invalidParameter('MessageDeduplicationId', NOT_FOR_THIS_KIND);
    return;
  }
  if (input.DelaySeconds != null) throw invalidParameter('DelaySeconds', NOT_FOR_THIS_KIND);
  if (input.MessageGroupId == null) throw missingParameter('MessageGroupId');
  if (input.MessageDeduplicationId == null && !settings.ContentBasedDeduplication) {
    throw invalidParameter(
      'MessageDeduplicationId',
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
};

const delayOf = ({ DelaySeconds }: SendInput, { settings }: Queue): number => {
  const delay = DelaySeconds ?? settings.DelaySeconds;
  if (delay < 0 || delay > LONGEST_DELAY_SECONDS) {
    throw invalidParameter('DelaySeconds', `DelaySeconds must be >= 0 and <= ${LONGEST_DELAY_SECONDS}`);
  }
  return delay;
};

type LooseAttributes = Readonly<Record<string, z.infer<typeof AttributeSchema>>>;

const checkedAttributes = (given: LooseAttributes, where: string): Record<string, MessageAttribute> => {
  const entries = Object.entries(given);
  if (entries.length > MOST_ATTRIBUTES) throw invalidParameter(where, `at most ${MOST_ATTRIBUTES} are allowed`);
  return Object.fromEntries(
    entries.map(([name, { DataType, StringValue, BinaryValue }]) => {
      if (!ATTRIBUTE_NAME.test(name)) throw invalidParameter(where, 'an attribute has a name that is not allowed');
      const kind = DATA_TYPE.exec(DataType)?.[1];
      if (!kind) throw invalidParameter(`${where}.${name}`, 'DataType must start with String, Number or Binary');
      const value = kind === 'Binary' ? BinaryValue : StringValue;
      if (!value) throw invalidParameter(`${where}.${name}`, `a non-empty ${kind} value is required`);
      if (kind === 'Number' && !Number.isFinite(Number(value))) {
        throw invalidParameter(`${where}.${name}`, 'the value is not a number');
      }
      return [name, kind === 'Binary' ? { DataType, BinaryValue: value } : { DataType, StringValue: value }];
    }),
  );
};

const checkedSystemAttributes = (given: LooseAttributes): Record<string, MessageAttribute> => {
  const unknown = Object.keys(given).find((name) => name !== 'AWSTraceHeader');
  if (unknown !== undefined) throw invalidParameter('MessageSystemAttributes', 'only AWSTraceHeader can be sent');
  return checkedAttributes(given, 'MessageSystemAttributes');
};

/** Bytes of body and attributes together, as limits count them. */
export const sizeOf = ({ MessageBody, MessageAttributes }: SendInput): number =>
  Object.entries(MessageAttributes ?? {}).reduce(
    (sum, [name, { DataType, StringValue, BinaryValue }]) =>
      sum +
      Buffer.byteLength(name) +
      Buffer.byteLength(DataType) +
      (BinaryValue == null ? Buffer.byteLength(StringValue ?? '') : Buffer.byteLength(BinaryValue, 'base64')),
    Buffer.byteLength(MessageBody ?? ''),
  );

import { Buffer } from 'node:buffer';
import type { Readable } from 'node:stream';
import { AwsError } from './errors.ts';
import type { AwsRequest } from './service.ts';

/**
 * Reads a body whole.
 *
 * @throws {AwsError} RequestEntityTooLarge (413) as soon as it passes the limit.
 */
export const readBody = async (body: Readable, limitBytes: number): Promise<Buffer> => {
  const parts: Buffer[] = [];
  let length = 0;
  // Leaving the loop early must not destroy the stream: its socket still has to carry the refusal.
  for await (const part of body.iterator({ destroyOnReturn: false })) {
    length += part.length;
    if (length > limitBytes) {
      throw new AwsError('RequestEntityTooLarge', `the body is larger than ${limitBytes} bytes`, 413);
    }
    parts.push(part);
  }
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
};

/** A message of 1 MiB, with every character escaped. */
const LARGEST_JSON_BYTES = 8 * 1024 * 1024;

/** One call of a JSON protocol: the operation (`GetSecretValue`) and its input. */
export interface JsonCall {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * Reads a call of a JSON protocol.
 *
 * @throws {AwsError} SerializationException if the body is not a JSON object, UnknownOperationException without a target.
 */
export const readJsonCall = async ({ headers, body }: AwsRequest): Promise<JsonCall> => {
  const operation = headers['x-amz-target']?.split('.').at(-1);
  if (!operation) throw new AwsError('UnknownOperationException', 'the X-Amz-Target header is missing');
  const text = (await readBody(body, LARGEST_JSON_BYTES)).toString('utf8');
  try {
    const input: unknown = text === '' ? {} : JSON.parse(text);
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) {
      return { operation, input: input as Record<string, unknown> };
    }
  } catch {
    // Falls through to the same refusal as any other text that is not an object.
  }
  throw new AwsError('SerializationException', 'the body is not a JSON object');
};

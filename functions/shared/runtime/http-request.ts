import type { APIGatewayProxyEvent } from 'aws-lambda';
import type * as z from 'zod';

import { ServiceError } from '#domain/errors.ts';
import { fieldProblemsOf } from '#domain/field-problems.ts';
import { parseJson } from '#domain/parse-json.ts';
import { plainCorrelation } from './correlation.ts';

/** Who calls, as API Gateway's authorizer established it. */
export interface Principal {
  /** `service`: an AWS identity, by ARN. `person`: a user of the pool, by subject. */
  readonly kind: 'service' | 'person' | 'anonymous';
  readonly id: string;
}

/** Names in lower case; of a header sent twice, the last counts. */
export type Headers = Readonly<Record<string, string>>;

/** Header names in lower case, from both forms in which API Gateway gives them. */
export const headersOf = ({ headers, multiValueHeaders }: APIGatewayProxyEvent): Headers => {
  const lowered: Record<string, string> = {};
  for (const [name, values] of Object.entries(multiValueHeaders ?? {})) {
    const last = values?.at(-1);
    if (last !== undefined) lowered[name.toLowerCase()] = last;
  }
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (value !== undefined) lowered[name.toLowerCase()] = value;
  }
  return lowered;
};

/** The caller that the gateway vouches for; `anonymous` where a method has no authorizer. */
export const principalOf = ({ requestContext }: APIGatewayProxyEvent): Principal => {
  const subject: unknown = requestContext?.authorizer?.claims?.sub;
  if (typeof subject === 'string') return { kind: 'person', id: subject };
  const arn = requestContext?.identity?.userArn;
  return arn ? { kind: 'service', id: arn } : { kind: 'anonymous', id: '' };
};

/** A caller's own id for a chain of calls, which logs carry; anything that is no plain id is not taken over. */
export const correlationIdOf = (headers: Headers, requestId: string): string =>
  plainCorrelation(headers['x-correlation-id']) ?? requestId;

/**
 * Reads the body as the schema has it.
 *
 * @param maxBytes - of the body as sent, after base64.
 * @throws {ServiceError} `unsupported_format`, `too_large` or `invalid_input`, naming the fields at fault.
 */
export const readBody = <Schema extends z.ZodType>(
  event: APIGatewayProxyEvent,
  headers: Headers,
  { schema, maxBytes }: { readonly schema: Schema; readonly maxBytes: number },
): z.output<Schema> => {
  checkFormat(headers);
  const parsed = parseJson(textOf(event, maxBytes));
  if (!parsed.ok) throw new ServiceError('invalid_input', `the body cannot be read: ${parsed.problem}`);
  return parseInput(schema, parsed.value, 'the body');
};

/**
 * Checks values that came from outside.
 *
 * @param what - named in the message, such as `the query`.
 * @throws {ServiceError} `invalid_input`, naming the fields at fault.
 */
export const parseInput = <Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  what: string,
): z.output<Schema> => {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new ServiceError('invalid_input', `${what} is not valid; 'fields' says what to change`, {
    fields: fieldProblemsOf(result.error),
  });
};

const checkFormat = (headers: Headers): void => {
  const type = headers['content-type'] ?? 'application/json';
  if (!/^application\/(?:[a-z0-9.-]+\+)?json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
    throw new ServiceError('unsupported_format', "send JSON in UTF-8 with 'content-type: application/json'");
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw new ServiceError('unsupported_format', 'send the body without content-encoding');
  }
};

const textOf = ({ body, isBase64Encoded }: APIGatewayProxyEvent, maxBytes: number): string => {
  if (body === null || body === undefined || body === '') {
    throw new ServiceError('invalid_input', 'send a JSON body');
  }
  // Base64 takes four characters for three bytes, so what is far too large is refused before it is decoded.
  if (body.length > (isBase64Encoded ? Math.ceil(maxBytes / 3) * 4 : maxBytes)) throw tooLarge(maxBytes);
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > maxBytes) throw tooLarge(maxBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ServiceError('unsupported_format', 'send the body in UTF-8');
  }
};

const tooLarge = (maxBytes: number): ServiceError => new ServiceError('too_large', `send at most ${maxBytes} bytes`);

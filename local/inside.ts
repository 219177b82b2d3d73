import { Buffer } from 'node:buffer';
import { AwsError } from './errors.ts';
import type { Host } from './resources.ts';
import type { AwsResponse, Principal } from './service.ts';

/** The whole body of an answer as text. */
export const textOf = async ({ body }: AwsResponse): Promise<string> => {
  if (body === undefined) return '';
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return Buffer.from(body).toString('utf8');
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
};

/**
 * Calls an operation of a JSON service in another room, as a principal.
 *
 * @param target - the operation as in `X-Amz-Target`: `AmazonSQS.SendMessage`.
 * @throws {AwsError} with the room's own code and message, if it refuses.
 */
export const callJson = async <Output = Record<string, unknown>>(
  host: Pick<Host, 'call'>,
  principal: Principal,
  signingName: string,
  target: string,
  input: Readonly<Record<string, unknown>>,
): Promise<Output> => {
  const answer = await host.call(principal, signingName, {
    headers: { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify(input),
  });
  const text = await textOf(answer);
  const output = text === '' ? {} : JSON.parse(text);
  if (answer.status >= 400) {
    throw new AwsError(
      String(output.__type ?? 'InternalFailure').replace(/^.*#/, ''),
      String(output.message ?? output.Message ?? `${target} failed`),
      answer.status,
    );
  }
  return output as Output;
};

/** How a function answered a call of its own making. */
export interface Invocation {
  readonly payload: string;
  /** `Unhandled` or `Handled` if the function threw, timed out or died; the payload then describes the error. */
  readonly functionError?: string;
}

/**
 * Invokes a function through the Lambda room, as a principal that its resource policy or its own role allows.
 *
 * @param mode - `RequestResponse` waits for the answer; `Event` hands over and leaves retries to the Lambda room.
 * @throws {AwsError} with the room's own code, as `AccessDeniedException` or `TooManyRequestsException`.
 */
export const invokeFunction = async (
  host: Pick<Host, 'call'>,
  principal: Principal,
  functionArn: string,
  payload: string,
  mode: 'RequestResponse' | 'Event',
): Promise<Invocation> => {
  const answer = await host.call(principal, 'lambda', {
    path: `/2015-03-31/functions/${encodeURIComponent(functionArn)}/invocations`,
    headers: { 'x-amz-invocation-type': mode, 'content-type': 'application/json' },
    body: payload,
  });
  const text = await textOf(answer);
  if (answer.status >= 400) {
    const code = answer.headers?.['x-amzn-errortype'] ?? 'ServiceException';
    throw new AwsError(code.replace(/:.*$/, ''), messageIn(text), answer.status);
  }
  const functionError = answer.headers?.['x-amz-function-error'];
  return functionError === undefined ? { payload: text } : { payload: text, functionError };
};

const messageIn = (text: string): string => {
  try {
    const parsed = JSON.parse(text);
    return String(parsed.message ?? parsed.Message ?? text);
  } catch {
    return text;
  }
};

/** The address of a queue, as `Ref` of a queue answers it and functions use it. */
export const queueUrlOf = ({ endpoint, accountId }: Pick<Host, 'endpoint' | 'accountId'>, queueArn: string): string =>
  `${endpoint}/${accountId}/${queueArn.split(':').at(-1)}`;

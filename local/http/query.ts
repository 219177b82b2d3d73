import { randomUUID } from 'node:crypto';
import { readBody } from '../bodies.ts';
import { AwsError } from '../errors.ts';
import type { AwsRequest, AwsResponse } from '../service.ts';
import { toXml, type XmlValue } from './xml.ts';

const LARGEST_QUERY_BYTES = 1024 * 1024;

/**
 * Reads a call of the query protocol, from the body or the address.
 *
 * @throws {AwsError} MissingAction.
 */
export const readQueryCall = async ({
  query,
  body,
}: AwsRequest): Promise<{ action: string; input: URLSearchParams }> => {
  const text = (await readBody(body, LARGEST_QUERY_BYTES)).toString('utf8');
  const input = text === '' ? query : new URLSearchParams(text);
  const action = input.get('Action');
  if (!action) throw new AwsError('MissingAction', 'The request must contain the parameter Action');
  return { action, input };
};

/** Writes the answer to an action of the query protocol. */
export const queryResponse = (
  action: string,
  namespace: string,
  result: { readonly [name: string]: XmlValue },
): AwsResponse => ({
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body:
    `<${action}Response xmlns="${namespace}"><${action}Result>${toXml(result)}</${action}Result>` +
    `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
});

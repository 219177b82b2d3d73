import type { IncomingHttpHeaders } from 'node:http';
import type { AwsResponse, Principal } from '../service.ts';
import type { RestApi, Stage } from './definition.ts';
import type { Route } from './routes.ts';

/** One request at the door of an API, its body read. */
export interface GatewayRequest {
  readonly id: string;
  readonly receivedAt: Date;
  readonly method: string;
  /** Without the stage, still percent-encoded. */
  readonly path: string;
  readonly rawQuery: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names as sent, each value on its own. */
  readonly rawHeaders: readonly (readonly [string, string])[];
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly host: string;
}

/** Proof of identity is the gateway's business; a function never sees it, so it cannot log it. */
const WITHHELD = new Set(['authorization', 'x-amz-security-token', 'connection', 'transfer-encoding', 'expect']);

/**
 * The event of a Lambda proxy integration, payload version 1.0.
 *
 * @see "Input format of a Lambda function for proxy integration" of the API Gateway guide.
 */
export const proxyEvent = (
  request: GatewayRequest,
  api: RestApi,
  stage: Stage,
  { resourcePath, pathParameters, method }: Route,
  requestContext: Readonly<Record<string, unknown>>,
) => {
  const headers = multiValues([
    ...request.rawHeaders.filter(([name]) => !WITHHELD.has(name.toLowerCase())),
    ['X-Forwarded-For', request.sourceIp],
    ['X-Forwarded-Port', request.host.split(':')[1] ?? '80'],
    ['X-Forwarded-Proto', 'http'],
  ]);
  const query = multiValues([...new URLSearchParams(request.rawQuery)]);
  const binary = isBinary(api, request.headers['content-type']);
  return {
    resource: resourcePath,
    path: decodedPath(request.path),
    httpMethod: request.method,
    headers: lastOf(headers),
    multiValueHeaders: headers,
    queryStringParameters: query && lastOf(query),
    multiValueQueryStringParameters: query,
    pathParameters: pathParameters ?? null,
    stageVariables: Object.keys(stage.variables).length > 0 ? stage.variables : null,
    requestContext: { ...requestContext, resourceId: method.resourceId },
    body: request.body.length === 0 ? null : request.body.toString(binary ? 'base64' : 'utf8'),
    isBase64Encoded: binary && request.body.length > 0,
  };
};

/** The part of the context that the event carries. */
export const requestContextOf = (
  request: GatewayRequest,
  {
    api,
    stage,
    resourcePath,
    accountId,
    requestTime,
    principal,
  }: {
    api: RestApi;
    stage: string;
    resourcePath: string;
    accountId: string;
    requestTime: string;
    principal: Principal | undefined;
  },
) => ({
  accountId,
  apiId: api.id,
  domainName: request.host,
  domainPrefix: api.id,
  extendedRequestId: request.id.replaceAll('-', '').slice(0, 16),
  httpMethod: request.method,
  identity: {
    accessKey: principal?.accessKeyId ?? null,
    accountId: principal ? accountId : null,
    apiKey: null,
    caller: principal?.accessKeyId ?? null,
    cognitoIdentityId: null,
    principalOrgId: null,
    sourceIp: request.sourceIp,
    user: principal?.accessKeyId ?? null,
    userAgent: request.headers['user-agent'] ?? null,
    userArn: principal?.arn ?? null,
  },
  path: `/${stage}${request.path}`,
  protocol: 'HTTP/1.1',
  requestId: request.id,
  requestTime,
  requestTimeEpoch: request.receivedAt.getTime(),
  resourcePath,
  stage,
});

/** Reads what a function answered; undefined if it is not the shape that a proxy integration must have. */
export const proxyResponse = (payload: string, api: RestApi, accept: string | undefined): AwsResponse | undefined => {
  const answer = objectIn(payload);
  const status = Number(answer?.statusCode);
  const body = answer?.body ?? '';
  if (!answer || !Number.isInteger(status) || status < 200 || status > 599 || typeof body !== 'string')
    return undefined;
  const single = Object.entries((answer.headers ?? {}) as IncomingHttpHeaders);
  const multi = Object.entries((answer.multiValueHeaders ?? {}) as Record<string, unknown[]>);
  const headers = Object.fromEntries(
    [...single, ...multi]
      .filter(([name]) => !['content-length', 'transfer-encoding', 'connection'].includes(name.toLowerCase()))
      .map(([name, value]) => [
        name.toLowerCase(),
        Array.isArray(value) ? value.map(String).join(', ') : String(value),
      ]),
  );
  // Encoded bytes reach the caller as bytes only when the caller asks for a type that the API lists as binary.
  const decode = answer.isBase64Encoded === true && isBinary(api, accept?.split(',')[0]);
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: decode ? Buffer.from(body, 'base64') : body,
  };
};

const objectIn = (payload: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(payload);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};

const isBinary = ({ binaryMediaTypes }: RestApi, contentType: string | undefined): boolean => {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  return binaryMediaTypes.some(
    (binary) => binary === '*/*' || binary === type || (binary.endsWith('/*') && type?.startsWith(binary.slice(0, -1))),
  );
};

const multiValues = (pairs: readonly (readonly [string, string])[]): Record<string, string[]> | null => {
  if (pairs.length === 0) return null;
  const values: Record<string, string[]> = {};
  for (const [name, value] of pairs) {
    const list = values[name] ?? [];
    list.push(value);
    values[name] = list;
  }
  return values;
};

const lastOf = (values: Record<string, string[]> | null): Record<string, string> | null =>
  values && Object.fromEntries(Object.entries(values).map(([name, list]) => [name, list.at(-1) ?? '']));

const decodedPath = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

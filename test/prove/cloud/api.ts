/** An answer of the API; none when the function did not give one. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A request of the API. */
export interface ApiRequest {
  readonly method?: 'GET' | 'POST';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
}

/** A request as API Gateway hands it to a function. */
export const proxyEventOf = (
  entry: string,
  { method = 'POST', body, headers, query, pathParameters }: ApiRequest,
  requestId: string,
) => ({
  httpMethod: method,
  resource: `/${entry}`,
  path: `/${entry}`,
  headers: { 'content-type': 'application/json', ...headers },
  multiValueHeaders: {},
  queryStringParameters: query ?? null,
  pathParameters: pathParameters ?? null,
  requestContext: { requestId, identity: { userArn: 'arn:aws:iam::111111111111:role/caller' } },
  body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  isBase64Encoded: false,
});

/** Whether an answer of the API leaves its caller to try again. */
export const hasFailed = (result: unknown): boolean =>
  Number((result as { statusCode?: number } | undefined)?.statusCode) >= 400;

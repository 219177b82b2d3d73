import { randomUUID } from 'node:crypto';
import { appendFile, mkdir } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { readBody } from '../bodies.ts';
import { AwsError, DeploymentError } from '../errors.ts';
import { signedRequestOf } from '../http/endpoint.ts';
import { type Listener, listen, writeResponse } from '../http/listener.ts';
import type { SignedRequest } from '../http/signature.ts';
import type { Host, Room } from '../resources.ts';
import type { AwsResponse, Principal } from '../service.ts';
import { type Context, fillTemplate, requestTimeOf } from './context.ts';
import { apiProviders, type RestApi, type Stage } from './definition.ts';
import { authenticate, GatewayError, type GatewayHost, integrate, validate } from './gateway.ts';
import { failureResponse, type GatewayFailure, withFailure } from './gateway-responses.ts';
import { type GatewayRequest, requestContextOf } from './proxy.ts';
import { routeOf } from './routes.ts';
import { createThrottle, settingFor } from './throttle.ts';

/** API Gateway: REST APIs, each at an address of its own. */
export interface ApiGateway extends Room {
  /** Every API with its address: `http://127.0.0.1:<port>`; a stage is the first part of the path. */
  apis(): readonly {
    readonly id: string;
    readonly name: string;
    readonly url: string;
    readonly stages: readonly string[];
  }[];
  /** A text with the addresses of this machine's APIs in place of those that they would have on AWS. */
  withLocalUrls(text: string): string;
}

export interface ApiGatewayOptions extends GatewayHost, Pick<Host, 'directoryOf'> {
  /** Port of the first API; others follow. 0 takes any free ones. */
  readonly firstPort: number;
  readonly now?: () => number;
}

const LARGEST_PAYLOAD_BYTES = 10 * 1024 * 1024;

export const createApiGateway = (options: ApiGatewayOptions): ApiGateway => {
  const apis = new Map<string, RestApi>();
  const listeners = new Map<string, Listener>();
  const throttle = createThrottle();
  const now = options.now ?? Date.now;
  const logs = accessLogs(options.directoryOf('logs'), options.notice);

  const openApi = async (api: RestApi): Promise<void> => {
    if (listeners.has(api.id)) return;
    const port = options.firstPort === 0 ? 0 : options.firstPort + listeners.size;
    listeners.set(api.id, await listen(port, (request, response) => serve(api.id, request, response)));
  };

  const serve = async (apiId: string, incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const api = apis.get(apiId);
    if (!api) throw new DeploymentError(`there is no API ${apiId}`);
    const signed = signedRequestOf(incoming);
    const { stage, request } = await readRequest(api, incoming, signed, new Date(now()));
    const exchange: Exchange = {
      api,
      stage,
      request,
      signed,
      resourcePath: '',
      principal: undefined,
      failure: undefined,
      integrationMs: undefined,
    };
    const result = await answer(exchange);
    await writeResponse(
      incoming,
      response,
      { ...result, headers: { ...result.headers, 'x-amzn-requestid': request.id, 'x-amz-apigw-id': apiId } },
      request.id,
    );
    if (stage?.accessLog) {
      const context = contextOf(exchange, options.accountId);
      const done: Context = {
        ...(exchange.failure ? withFailure(context, exchange.failure) : context),
        status: result.status,
        responseLength: typeof result.body === 'string' ? Buffer.byteLength(result.body) : 0,
        responseLatency: now() - request.receivedAt.getTime(),
        integrationLatency: exchange.integrationMs,
      };
      logs.write(stage.accessLog.logGroup, fillTemplate(stage.accessLog.format, done, '-'));
    }
  };

  const answer = async (exchange: Exchange): Promise<AwsResponse> => {
    try {
      return await pass(exchange);
    } catch (error) {
      if (!(error instanceof GatewayError)) options.notice(`an API failed: ${(error as Error).stack ?? error}`);
      exchange.failure =
        error instanceof GatewayError ? error.failure : { type: 'DEFAULT_5XX', message: 'Internal server error' };
      const context = contextOf(exchange, options.accountId);
      return failureResponse(exchange.failure, exchange.api.gatewayResponses, context);
    }
  };

  /** The stations of a request, in the order of API Gateway. */
  const pass = async (exchange: Exchange): Promise<AwsResponse> => {
    const { api, stage, request, signed } = exchange;
    if (!stage) throw new GatewayError('ACCESS_DENIED', 'Forbidden');
    const route = routeOf(api, request.method, request.path);
    if (!route) throw new GatewayError('MISSING_AUTHENTICATION_TOKEN', 'Missing Authentication Token');
    exchange.resourcePath = route.resourcePath;
    if (request.body.length > LARGEST_PAYLOAD_BYTES) throw new GatewayError('REQUEST_TOO_LARGE', 'Request Too Long');

    exchange.principal = authenticate(request, signed, { api, stage, route }, options);
    const setting = settingFor(stage.settings, request.method, route.resourcePath);
    const bucket = `${api.id}/${stage.name}/${route.method.httpMethod}${route.resourcePath}`;
    if (!throttle.admit(bucket, setting, request.receivedAt.getTime())) {
      throw new GatewayError('THROTTLED', 'Too Many Requests');
    }
    validate(request, api, route);
    const askedAtMs = now();
    try {
      return await integrate(request, { api, stage, route }, requestContext(exchange, options.accountId), options);
    } finally {
      exchange.integrationMs = now() - askedAtMs;
    }
  };

  const urlOf = (id: string): string => listeners.get(id)?.url ?? '';

  return {
    resources: apiProviders(apis, openApi),
    apis: () =>
      [...apis.values()].map(({ id, name, stages }) => ({
        id,
        name,
        url: urlOf(id),
        stages: [...stages.keys()],
      })),
    withLocalUrls: (text) =>
      [...apis.keys()].reduce(
        (given, id) => given.replaceAll(`https://${id}.execute-api.${options.region}.amazonaws.com`, urlOf(id)),
        text,
      ),
    async stop() {
      await Promise.all([...listeners.values()].map((listener) => listener.close()));
      listeners.clear();
      await logs.flush();
    },
  };
};

/** One request on its way; filled in as it passes. */
interface Exchange {
  readonly api: RestApi;
  readonly stage: Stage | undefined;
  readonly request: GatewayRequest;
  readonly signed: SignedRequest;
  resourcePath: string;
  principal: Principal | undefined;
  failure: GatewayFailure | undefined;
  /** How long the function took; undefined if it was not asked. */
  integrationMs: number | undefined;
}

const readRequest = async (
  api: RestApi,
  incoming: IncomingMessage,
  { method, path, rawQuery, headers }: SignedRequest,
  receivedAt: Date,
): Promise<{ stage: Stage | undefined; request: GatewayRequest }> => {
  const [, stageName = '', rest = ''] = /^\/([^/]*)(.*)$/.exec(path) ?? [];
  const request: GatewayRequest = {
    id: randomUUID(),
    receivedAt,
    method,
    path: rest === '' ? '/' : rest,
    rawQuery,
    headers,
    rawHeaders: pairsOf(incoming.rawHeaders),
    body: await bodyUpTo(incoming, LARGEST_PAYLOAD_BYTES),
    sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
    host: headers.host ?? '',
  };
  return { stage: api.stages.get(stageName), request };
};

/** The body, or one byte too many of nothing: enough to be refused as too large, in the API's own words. */
const bodyUpTo = async (incoming: IncomingMessage, limitBytes: number): Promise<Buffer> => {
  try {
    return await readBody(incoming, limitBytes);
  } catch (error) {
    if (error instanceof AwsError) return Buffer.alloc(limitBytes + 1);
    throw error;
  }
};

const pairsOf = (rawHeaders: readonly string[]): [string, string][] =>
  rawHeaders.flatMap((name, index): [string, string][] =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? '']] : [],
  );

const requestContext = ({ api, stage, request, resourcePath, principal }: Exchange, accountId: string) =>
  requestContextOf(request, {
    api,
    stage: stage?.name ?? '',
    resourcePath,
    accountId,
    requestTime: requestTimeOf(request.receivedAt),
    principal,
  });

const contextOf = (exchange: Exchange, accountId: string): Context => {
  const { identity, ...context } = requestContext(exchange, accountId);
  const known = Object.entries(identity).filter((entry): entry is [string, string] => entry[1] !== null);
  return { ...context, identity: Object.fromEntries(known) };
};

/** Access logs are files named after their log group, one line a request. */
const accessLogs = (directory: string, notice: Host['notice']) => {
  let pending: Promise<void> = Promise.resolve();
  return {
    write(logGroup: string, line: string): void {
      const path = join(directory, `${logGroup.replace(/^\/+/, '').replaceAll('..', '_')}.log`);
      pending = pending
        .then(() => mkdir(dirname(path), { recursive: true }))
        .then(() => appendFile(path, `${line}\n`))
        // A log that cannot be written must not stop the requests that it is about.
        .catch((error) => notice(`an access log could not be written: ${error.message}`));
    },
    flush: () => pending,
  };
};

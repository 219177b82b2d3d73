import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../bodies.ts';
import { AwsError } from '../errors.ts';
import { type Listener, listen } from '../http/listener.ts';

/** One invocation as an environment gets it. */
export interface Invocation {
  readonly requestId: string;
  readonly payload: string;
  /** Milliseconds since 1970 at which the environment is killed. */
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly traceId: string;
  /** JSON of the caller's client context, as the caller sent it. */
  readonly clientContext: string | undefined;
}

/** What an environment says over the Runtime API, in the order in which it says it. */
export interface RuntimeListener {
  /** Asks for the next invocation; whatever came before is finished. `give` answers, once, whenever there is one. */
  next(give: (invocation: Invocation) => void): void;
  /** The answer to an invocation; undefined if it was larger than allowed. @param memoryKb - what it holds now. */
  response(requestId: string, payload: string | undefined, memoryKb: number): void;
  error(requestId: string, payload: string, memoryKb: number): void;
  initError(payload: string): void;
}

/** The Runtime API of all environments: one listener on loopback, environments told apart by an unguessable path. */
export interface RuntimeApi {
  /** Opens a path for one environment. */
  register(listener: RuntimeListener): { readonly address: string; close(): void };
  close(): Promise<void>;
}

/** Largest answer of a function. */
export const LARGEST_ANSWER_BYTES = 6 * 1024 * 1024;

const PATH = /^\/([0-9a-f]{32})\/2018-06-01\/runtime\/(?:(init)|invocation\/([^/]+))(?:\/([a-z]+))?$/;

/** @see AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes". */
export const openRuntimeApi = async (): Promise<RuntimeApi> => {
  const listeners = new Map<string, RuntimeListener>();
  const server: Listener = await listen(0, (request, response) => answer(request, response, listeners));
  return {
    register(listener) {
      const token = randomBytes(16).toString('hex');
      listeners.set(token, listener);
      return { address: `127.0.0.1:${server.port}/${token}`, close: () => listeners.delete(token) };
    },
    close: () => server.close(),
  };
};

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  listeners: ReadonlyMap<string, RuntimeListener>,
): Promise<void> => {
  const [, token = '', init, requestId = '', what] = PATH.exec(request.url ?? '') ?? [];
  const listener = listeners.get(token);
  if (!listener) return send(response, 404);
  if (request.method === 'GET' && requestId === 'next') {
    listener.next((invocation) => give(response, invocation));
    return;
  }
  const body = await readBody(request, LARGEST_ANSWER_BYTES).catch((error: unknown) => {
    if (error instanceof AwsError) return undefined;
    throw error;
  });
  const memoryKb = Number(request.headers['x-memory-kb'] ?? 0);
  if (init && what === 'error') listener.initError(body?.toString('utf8') ?? '{}');
  else if (what === 'response') listener.response(requestId, body?.toString('utf8'), memoryKb);
  else if (what === 'error') listener.error(requestId, body?.toString('utf8') ?? '{}', memoryKb);
  else return send(response, 404);
  send(response, body === undefined ? 413 : 202);
};

const give = (response: ServerResponse, invocation: Invocation): void => {
  response.writeHead(200, {
    'content-type': 'application/json',
    'lambda-runtime-aws-request-id': invocation.requestId,
    'lambda-runtime-deadline-ms': String(invocation.deadlineMs),
    'lambda-runtime-invoked-function-arn': invocation.functionArn,
    'lambda-runtime-trace-id': invocation.traceId,
    ...(invocation.clientContext === undefined ? {} : { 'lambda-runtime-client-context': invocation.clientContext }),
  });
  response.end(invocation.payload);
};

const send = (response: ServerResponse, status: number): void => {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end('{"status":"OK"}');
};

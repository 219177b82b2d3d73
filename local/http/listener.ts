import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DeploymentError } from '../errors.ts';
import type { AwsResponse } from '../service.ts';

/** A server on loopback. */
export interface Listener {
  /** `http://127.0.0.1:<port>`. An IP literal, so that the SDK addresses buckets by path. */
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, lets those in hand finish for a short while, then cuts them off. */
  close(): Promise<void>;
}

const GRACE_MS = 2000;

/**
 * Listens on 127.0.0.1.
 *
 * @param port - 0 takes any free one.
 * @throws {DeploymentError} if the port is taken.
 */
export const listen = async (
  port: number,
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Listener> => {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  // Long polls and large files take as long as they take; an idle connection is worth keeping for the next call.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new DeploymentError(`port ${port} of 127.0.0.1 is in use; choose another one, or 0 for a free one`)
          : error,
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return { url: `http://127.0.0.1:${bound}`, port: bound, close: () => close(server) };
};

const close = async (server: Server): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cutOff = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(cutOff);
};

/** Sends an answer, whatever form its body has. What the request has left unread is dropped. */
export const writeResponse = async (
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: AwsResponse,
  requestId: string,
): Promise<void> => {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  if (!response.hasHeader('x-amzn-requestid')) response.setHeader('x-amzn-requestid', requestId);
  if (!request.complete) {
    // The connection cannot be used again while it still carries a body that nobody reads.
    response.setHeader('connection', 'close');
    request.resume();
  }
  if (body instanceof Readable) {
    if (request.method === 'HEAD') {
      body.destroy();
      response.end();
    } else {
      await pipeline(body, response);
    }
    return;
  }
  if (body !== undefined && !response.hasHeader('content-length') && request.method !== 'HEAD') {
    response.setHeader('content-length', Buffer.byteLength(body));
  }
  response.end(request.method === 'HEAD' ? undefined : body);
};

import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { readBody } from '../bodies.ts';
import type { CredentialStore } from '../credentials/credentials.ts';
import { AwsError } from '../errors.ts';
import type { Authorise, AwsResponse, AwsService, Protocol } from '../service.ts';
import { errorResponse } from './errors.ts';
import { type Listener, listen, writeResponse } from './listener.ts';
import { type Claim, EMPTY_BODY_HASH, readClaim, type SignedRequest, verifySignature } from './signature.ts';

export interface EndpointOptions {
  readonly region: string;
  readonly credentials: CredentialStore;
  readonly authorise: Authorise;
  /** By signing name; rooms may be added while the endpoint is open. */
  readonly services: ReadonlyMap<string, AwsService>;
  /** Told of failures inside rooms, which clients see as InternalFailure alone. */
  readonly onFailure: (error: unknown) => void;
  readonly now?: () => number;
}

/** Largest body of any service but S3, which streams: a batch of items for DynamoDB. */
const LARGEST_BODY_BYTES = 17 * 1024 * 1024;

/**
 * Opens the one address of all services on loopback.
 *
 * Every request is signed; its signature is checked, and the service named in its credential scope answers.
 *
 * @param port - 0 takes any free one.
 */
export const openEndpoint = (port: number, options: EndpointOptions): Promise<Listener> =>
  listen(port, (request, response) => answer(request, response, options));

const answer = async (request: IncomingMessage, response: ServerResponse, options: EndpointOptions): Promise<void> => {
  const requestId = randomUUID();
  const signed = signedRequestOf(request);
  let protocol: Protocol = signed.headers['x-amz-target'] ? 'json-1.0' : 's3';
  let result: AwsResponse;
  try {
    const claim = readClaim(signed);
    const service = options.services.get(claim.scope.service);
    if (!service) {
      throw new AwsError(
        'UnknownService',
        `the service '${claim.scope.service}' is not part of the embedded cloud`,
        501,
      );
    }
    protocol = service.protocol;
    const { payloadHash, body } = await payloadOf(request, signed, claim);
    const credentials = options.credentials.find(claim.accessKeyId);
    const nowMs = (options.now ?? Date.now)();
    verifySignature(signed, claim, credentials, { payloadHash, nowMs, region: options.region });
    if (!credentials) throw new Error('a signature was accepted without credentials');
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    result = await service.handle(
      {
        method: signed.method,
        path: signed.path,
        query: new URLSearchParams(signed.rawQuery),
        headers: signed.headers,
        body,
        principal: credentials.principal,
        requestId,
        signal: gone.signal,
      },
      options.authorise,
    );
  } catch (error) {
    if (!(error instanceof AwsError)) options.onFailure(error);
    result = errorResponse(protocol, error, requestId);
  }
  await writeResponse(request, response, result, requestId);
};

/** The parts of a request that a signature covers. */
export const signedRequestOf = (request: IncomingMessage): SignedRequest => {
  const target = request.url ?? '/';
  const question = target.indexOf('?');
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(',') : (value ?? ''),
  ]);
  return {
    method: request.method ?? 'GET',
    path: question < 0 ? target : target.slice(0, question),
    rawQuery: question < 0 ? '' : target.slice(question + 1),
    headers: Object.fromEntries(headers),
  };
};

/**
 * The hash that the signature must cover, and the body to hand on. S3 streams: its signature covers what the header
 * says of the body, and the room checks that against the body itself.
 */
const payloadOf = async (
  request: IncomingMessage,
  { headers }: SignedRequest,
  claim: Claim,
): Promise<{ payloadHash: string; body: Readable }> => {
  const stated = headers['x-amz-content-sha256'];
  if (claim.scope.service === 's3') {
    if (claim.expiresInSeconds !== undefined) return { payloadHash: 'UNSIGNED-PAYLOAD', body: request };
    if (stated === undefined) {
      throw new AwsError('MissingSecurityHeader', 'x-amz-content-sha256 is missing');
    }
    return { payloadHash: stated, body: request };
  }
  const bytes = await readBody(request, LARGEST_BODY_BYTES);
  const payloadHash = bytes.length === 0 ? EMPTY_BODY_HASH : createHash('sha256').update(bytes).digest('hex');
  if (stated !== undefined && stated !== payloadHash) {
    throw new AwsError('SignatureDoesNotMatch', 'x-amz-content-sha256 is not the hash of the body', 403);
  }
  return { payloadHash, body: Readable.from(bytes.length === 0 ? [] : [bytes]) };
};

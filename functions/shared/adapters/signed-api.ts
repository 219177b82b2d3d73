import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';

import { SignatureV4 } from '@smithy/signature-v4';

/** SHA-256 in the shape that the signer takes. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = typeof secret === 'string' ? secret : secret && bytesOf(secret);
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key);
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === 'string' ? data : bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

const bytesOf = (data: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);

export interface SignedApiOptions {
  /** Of the API's stage; ends in `/`. */
  readonly apiUrl: string;
  readonly region: () => Promise<string>;
  /** Asked before each call, since credentials run out. */
  readonly credentials: () => Promise<{
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  }>;
}

export interface ApiAnswer {
  readonly status: number;
  /** Undefined for an empty body. */
  readonly body: unknown;
  /** Of a document that can be changed: its state, for `if-match`. */
  readonly etag?: string;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the stage, such as `v1/decisions`, encoded. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Calls Assay's API as its users do: JSON, signed with SigV4. */
export class SignedApi {
  readonly #options: SignedApiOptions;

  constructor(options: SignedApiOptions) {
    this.#options = options;
  }

  /** @throws {TypeError | SyntaxError | DOMException} when there is no answer, or one that is not JSON. */
  async call({ method, path, body, headers = {}, signal }: ApiRequest): Promise<ApiAnswer> {
    const { apiUrl, region, credentials } = this.#options;
    const url = new URL(path, apiUrl);
    const signer = new SignatureV4({
      service: 'execute-api',
      region: await region(),
      credentials: await credentials(),
      sha256: Sha256,
    });
    const text = body === undefined ? undefined : JSON.stringify(body);
    const signed = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port && { port: Number(url.port) }),
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host, ...(text !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(text !== undefined && { body: text }),
    });
    const answer = await fetch(url, {
      method,
      headers: signed.headers,
      ...(text !== undefined && { body: text }),
      ...(signal && { signal }),
    });
    const received = await answer.text();
    const etag = answer.headers.get('etag');
    return {
      status: answer.status,
      body: received === '' ? undefined : JSON.parse(received),
      ...(etag !== null && { etag }),
    };
  }
}

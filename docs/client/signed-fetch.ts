import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';

/** Whose requests they are. */
export interface Caller {
  readonly region: string;
  readonly credentials: ConstructorParameters<typeof SignatureV4>[0]['credentials'];
}

/** A `fetch` that signs each request for API Gateway, as an IAM identity that may invoke the API. */
export const signedFetch = ({ region, credentials }: Caller): ((request: Request) => Promise<Response>) => {
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
  return async (request) => {
    const url = new URL(request.url);
    const body = request.body === null ? undefined : await request.text();
    const { headers } = await signer.sign({
      method: request.method,
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port && { port: Number(url.port) }),
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...Object.fromEntries(request.headers), host: url.host },
      ...(body !== undefined && { body }),
    });
    return fetch(url, { method: request.method, headers, signal: request.signal, ...(body !== undefined && { body }) });
  };
};

import type { Readable } from 'node:stream';

/** Who makes a call: a function's role or the developer, as the signature proved, or a service of the cloud itself. */
export interface Principal {
  /**
   * `arn:aws:iam::<account>:role/<name>` for functions, `arn:aws:iam::<account>:user/developer` for the developer,
   * and the service's host name (`s3.amazonaws.com`) for a service that acts on its own.
   */
  readonly arn: string;
  /** Empty for a service of the cloud. */
  readonly accessKeyId: string;
  /** Condition keys that every call of this principal carries, as `aws:SourceArn` of a service's call. */
  readonly context?: Readonly<Record<string, string>>;
}

/** One signed request, after its signature has been verified. */
export interface AwsRequest {
  readonly method: string;
  /** Path as sent, still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it arrives; a service that needs it whole reads it with a limit. */
  readonly body: Readable;
  readonly principal: Principal;
  readonly requestId: string;
  /** Aborted when the caller has gone away, so that a long poll takes nothing that nobody would get. */
  readonly signal?: AbortSignal;
}

export interface AwsResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Readable;
}

/** A permission that a request needs: one action on one resource, with the keys that conditions may ask for. */
export interface Need {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
  /** Policies on the resource itself (bucket, queue, key), which count beside the caller's own. */
  readonly resourcePolicy?: PolicyDocument;
}

export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: unknown;
}

/** Refuses a call unless every need is granted. Throws `AccessDenied`, whose message names the missing statement. */
export type Authorise = (principal: Principal, needs: readonly Need[]) => void;

/** How a service writes its errors: the shape that the AWS SDK reads them in. */
export type Protocol = 'json-1.0' | 'json-1.1' | 'query' | 'rest-json' | 's3';

/**
 * A room of the embedded cloud that answers one AWS service's wire protocol.
 *
 * The host verifies signatures and routes by the service named in the credential scope; the room parses the request,
 * says through `authorise` which permissions it needs before it does anything, and answers. It may throw an
 * `AwsError`: the host writes it in the shape of the service's protocol.
 */
export interface AwsService {
  /** The service's name in credential scopes: `s3`, `sqs`, `dynamodb`, … */
  readonly signingName: string;
  readonly protocol: Protocol;
  handle(request: AwsRequest, authorise: Authorise): Promise<AwsResponse>;
  /** Stops timers and closes files; state is durable without it. */
  close(): Promise<void> | void;
}

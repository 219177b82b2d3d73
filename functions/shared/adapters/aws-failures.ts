/** Throttles and other failures that services name and that pass by themselves. */
const PASSING_NAMES: ReadonlySet<string> = new Set([
  'InternalServerError',
  'InternalServerException',
  'KMSThrottlingException',
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestTimeout',
  'ServiceUnavailable',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TimeoutError',
  'TooManyRequestsException',
  'TransactionInProgressException',
]);

const NETWORK_CODES: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** The service refuses everything from here, whatever the request: for the caller it is as good as down. */
const REFUSED_NAME = /AccessDenied|UnrecognizedClient|ExpiredToken|InvalidSignature|CredentialsProviderError|^kms/i;

interface Failure {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly cause?: unknown;
}

const failureOf = (error: unknown): Failure => (typeof error === 'object' && error !== null ? error : {});

const statusOf = (error: unknown): number => failureOf(error).$metadata?.httpStatusCode ?? 0;

/** Whether the same request may succeed a moment later: throttled, server at fault, or connection broken. */
export const isRetryable = (error: unknown): boolean => {
  const { name, code } = failureOf(error);
  if (typeof name === 'string' && PASSING_NAMES.has(name)) return true;
  if (typeof code === 'string' && NETWORK_CODES.has(code)) return true;
  return statusOf(error) >= 500 || isThrottle(error);
};

/** Whether a failure is a throttle, as against a fault of the service or the connection. */
export const isThrottle = (error: unknown): boolean => {
  const { name } = failureOf(error);
  return (
    statusOf(error) === 429 || (typeof name === 'string' && /Throttl|Throughput|TooManyRequests|SlowDown/.test(name))
  );
};

/** Whether a policy, or what stands for one, refused the call: the same call will be refused again. */
export const isRefused = (error: unknown): boolean => {
  const { name } = failureOf(error);
  return statusOf(error) === 403 || (typeof name === 'string' && REFUSED_NAME.test(name) && !isRetryable(error));
};

/** Whether the service could not be asked at all: unreachable, out of time, or closed to this caller. */
export const isUnavailable = (error: unknown): boolean => {
  const { name } = failureOf(error);
  return isRetryable(error) || (typeof name === 'string' && (name === 'AbortError' || REFUSED_NAME.test(name)));
};

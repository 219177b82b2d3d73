import { type FailureCode, type FieldProblem, ServiceError, STATUS } from '#domain/errors.ts';

/** What a handler answers; the body becomes JSON. */
export interface HttpAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** 200 with a body. */
export const ok = (body: unknown, headers: Readonly<Record<string, string>> = {}): HttpAnswer => ({
  status: 200,
  body,
  headers,
});

/** 202: taken, and not finished yet. */
export const accepted = (body: unknown): HttpAnswer => ({ status: 202, body });

/** The body of every error answer, after RFC 9457. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: FailureCode;
  readonly detail: string;
  readonly requestId: string;
  readonly fields?: readonly FieldProblem[];
}

const TITLES: Record<FailureCode, string> = {
  invalid_input: 'The request is not valid',
  too_large: 'The request is too large',
  unsupported_format: 'The format is not supported',
  card_number_refused: 'Card numbers and security codes are refused',
  unauthorised: 'Sign the request',
  forbidden: 'Not permitted',
  not_found: 'Not found',
  conflict: 'Conflict with what is on record',
  precondition_failed: 'Somebody else has changed it',
  throttled: 'Too many requests',
  catalog_unavailable: 'The catalog cannot be read',
  model_unavailable: 'A model cannot be read',
  store_unavailable: 'A store does not answer',
  deadline_exceeded: 'The time is up',
  internal: 'Something went wrong inside',
};

/** What a failure looks like from outside. Anything but a {@link ServiceError} is `internal` and says no more. */
export const problemOf = (error: unknown, requestId: string): Problem => {
  const known = error instanceof ServiceError ? error : undefined;
  const code = known?.code ?? 'internal';
  return {
    type: `urn:assay:problem:${code}`,
    title: TITLES[code],
    status: STATUS[code],
    code,
    detail: known?.message ?? 'the request failed; repeat it, and give the request id when you report it',
    requestId,
    ...(known && known.fields.length > 0 && { fields: known.fields }),
  };
};

/** Codes whose cause passes by itself: a client may repeat the request. */
const PASSING: ReadonlySet<FailureCode> = new Set([
  'throttled',
  'catalog_unavailable',
  'model_unavailable',
  'store_unavailable',
]);

/** API Gateway's form of an answer. */
export interface ProxyResult {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** An answer as API Gateway takes it. Nothing may be cached: decisions and labels change. */
export const proxyResultOf = ({ status, body, headers = {} }: HttpAnswer, requestId: string): ProxyResult => ({
  statusCode: status,
  headers: { ...FIXED_HEADERS, 'content-type': 'application/json', 'x-request-id': requestId, ...headers },
  body: body === undefined ? '' : JSON.stringify(body),
});

/** A failure as API Gateway takes it. */
export const proxyProblemOf = (error: unknown, requestId: string): ProxyResult => {
  const problem = problemOf(error, requestId);
  return proxyResultOf(
    {
      status: problem.status,
      body: problem,
      headers: {
        'content-type': 'application/problem+json',
        ...(PASSING.has(problem.code) && { 'retry-after': '1' }),
      },
    },
    requestId,
  );
};

const FIXED_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

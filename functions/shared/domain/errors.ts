/** Every code that an error answer may carry. A new code needs a status in {@link STATUS} and a line in the README. */
export type FailureCode =
  | 'invalid_input'
  | 'too_large'
  | 'unsupported_format'
  | 'card_number_refused'
  | 'unauthorised'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'precondition_failed'
  | 'throttled'
  | 'catalog_unavailable'
  | 'model_unavailable'
  | 'store_unavailable'
  | 'deadline_exceeded'
  | 'internal';

/** HTTP status of each failure code. */
export const STATUS: Record<FailureCode, number> = {
  invalid_input: 400,
  too_large: 413,
  unsupported_format: 415,
  card_number_refused: 422,
  unauthorised: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  precondition_failed: 412,
  throttled: 429,
  catalog_unavailable: 503,
  model_unavailable: 503,
  store_unavailable: 503,
  deadline_exceeded: 504,
  internal: 500,
};

/** One field at fault: where it is, what is wrong with it, and what to do. Never the value itself. */
export interface FieldProblem {
  /** Path of the field, such as `variables.amount` or `events.3.occurredAt`. */
  readonly field: string;
  readonly problem: string;
}

/**
 * A failure with a code from the closed list. Its message says what is at fault and what to do, and is safe to show
 * to the caller: no personal value, no internals. The original error travels in `cause` and is logged, not shown.
 */
export class ServiceError extends Error {
  override readonly name: string = 'ServiceError';
  readonly code: FailureCode;
  readonly fields: readonly FieldProblem[];

  constructor(code: FailureCode, message: string, options: ErrorOptions & { fields?: readonly FieldProblem[] } = {}) {
    super(message, options);
    this.code = code;
    this.fields = options.fields ?? [];
  }
}

/** Other transactions came in the way of this one too often. Nothing of it is written: parts of it may do better. */
export class ContendedError extends ServiceError {
  override readonly name = 'ContendedError';

  constructor(cause: unknown) {
    super('store_unavailable', 'others write to the same items all the time; repeat the request', { cause });
  }
}

/**
 * A refusal that the caller sees. The host writes it in the shape of the service's protocol.
 *
 * Codes are the service's own (`NoSuchKey`, `ResourceNotFoundException`). Without a status it is a 400.
 */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly status: number;
  /** Further members of the error, as `CancellationReasons`; for JSON protocols alone. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

/** The assembly cannot be brought up as it stands; the message names stack, resource and remedy. */
export class DeploymentError extends Error {
  override readonly name = 'DeploymentError';
}

import { ServiceError } from '#domain/errors.ts';

/** A model, its inputs or its score reference cannot be used; the message says what is wrong and what to do. */
export class ModelError extends ServiceError {
  override readonly name = 'ModelError';

  constructor(message: string, options?: ErrorOptions) {
    super('model_unavailable', message, options);
  }
}

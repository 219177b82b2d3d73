import { AwsError } from '../errors.ts';

/** How each service says that it failed, and that there were too many calls; `sagemaker`: that its model failed. */
export const REFUSALS = {
  dynamodb: {
    fail: () => new AwsError('InternalServerError', 'Internal server error', 500),
    throttle: () => new AwsError('ThrottlingException', 'Throughput exceeds the current capacity', 400),
  },
  s3: {
    fail: () => new AwsError('InternalError', 'We encountered an internal error. Please try again.', 500),
    throttle: () => new AwsError('SlowDown', 'Please reduce your request rate.', 503),
  },
  sagemaker: {
    fail: () =>
      new AwsError('ModelError', 'Received server error (500) from primary', 424, {
        OriginalStatusCode: 500,
        OriginalMessage: 'Internal Server Error',
      }),
    throttle: () => new AwsError('ThrottlingException', 'Rate exceeded', 400),
  },
  sqs: {
    fail: () => new AwsError('ServiceUnavailable', 'The service cannot answer now', 503),
    throttle: () => new AwsError('RequestThrottled', 'The request was denied due to request throttling', 400),
  },
} as const;

/** Services whose calls can be made to fail as a whole. */
export type RefusingService = keyof typeof REFUSALS;

export const refuses = (service: string): service is RefusingService => Object.hasOwn(REFUSALS, service);

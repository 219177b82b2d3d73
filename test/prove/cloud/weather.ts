import { serviceFault, throttled } from '#local/dynamodb/errors.ts';
import { connectionReset, dynamoDbError, s3Error, sageMakerError, secretsError, sqsError } from './aws-errors.ts';
import type { Random } from './random.ts';

export const SERVICES = ['dynamodb', 'sqs', 's3', 'sagemaker', 'secretsmanager', 'kms', 'eventbridge'] as const;
export type Service = (typeof SERVICES)[number];

/** How often calls of a service meet what; shares of 0 to 1. */
export interface ServiceWeather {
  throttle: number;
  /** The service answers with its own server fault; nothing is done. */
  fail: number;
  /** What was asked for is done, and the answer is lost. */
  lost: number;
  /** No answer, and nothing done. */
  hang: number;
  /** No answer gets through: refused, broken off, unanswered, and now and then done all the same. */
  down: boolean;
}

/** What goes wrong at the moment. Groups change it while time passes. */
export interface Weather {
  readonly services: Record<Service, ServiceWeather>;
  /** Of a DynamoDB transaction. */
  conflict: number;
  /** Of a transaction's actions, for throughput. */
  cancelThrottle: number;
  /** Keys of a batch that are left for later. */
  unprocessed: number;
  /** Entries of a batch of messages that are refused alone, with an answer of 200. */
  refusedEntries: number;
  /** Connections that break while an object is read. */
  brokenBodies: number;
  lambda: LambdaWeather;
  messages: MessageWeather;
}

export interface LambdaWeather {
  /** Deliveries that find no room: the messages come back after their visibility timeout, a receive spent. */
  throttle: number;
  /** Invocations that are killed at one of their calls, before it or behind it. */
  kill: number;
  /** Environments that are gone after an invocation: what they still had to do is never done. */
  reap: number;
  /** Clocks of new environments are wrong by up to this much, either way. */
  skewMs: number;
}

export interface MessageWeather {
  /** Messages that are delivered again though they were worked on, ... */
  repeat: number;
  /** ... up to so many deliveries in all. */
  mostDeliveries: number;
  /** Every message is delivered exactly so often. @default once */
  always: number;
  /** Messages of standard queues arrive up to this much later. */
  lagMs: number;
}

const calm = (): ServiceWeather => ({ throttle: 0, fail: 0, lost: 0, hang: 0, down: false });

/** Nothing goes wrong. */
export const calmWeather = (): Weather => ({
  services: {
    dynamodb: calm(),
    sqs: calm(),
    s3: calm(),
    sagemaker: calm(),
    secretsmanager: calm(),
    kms: calm(),
    eventbridge: calm(),
  },
  conflict: 0,
  cancelThrottle: 0,
  unprocessed: 0,
  refusedEntries: 0,
  brokenBodies: 0,
  lambda: { throttle: 0, kill: 0, reap: 0, skewMs: 0 },
  messages: { repeat: 0, mostDeliveries: 1, always: 1, lagMs: 0 },
});

/** What becomes of one call. */
export type Fate =
  | { readonly kind: 'done' }
  /** An answer that begins and never ends: only the caller's own signal ends the wait. */
  | { readonly kind: 'drip' }
  /** Done, and the caller learns of a broken connection, or of nothing at all. */
  | { readonly kind: 'lost'; readonly silent: boolean }
  | { readonly kind: 'refused'; readonly error: () => Error }
  | { readonly kind: 'hang' };

const DONE: Fate = { kind: 'done' };

const THROTTLES: Readonly<Record<Service, () => Error>> = {
  dynamodb: () => dynamoDbError(throttled()),
  sqs: () => sqsError('RequestThrottled', 403, 'Request is throttled.'),
  s3: () => s3Error('SlowDown', 503, 'Please reduce your request rate.'),
  sagemaker: () => sageMakerError('ThrottlingException', 400, 'Rate exceeded'),
  secretsmanager: () => secretsError('ThrottlingException', 400, 'Rate exceeded'),
  kms: () => secretsError('ThrottlingException', 400, 'Rate exceeded'),
  eventbridge: () => secretsError('ThrottlingException', 400, 'Rate exceeded'),
};

const FAILURES: Readonly<Record<Service, () => Error>> = {
  dynamodb: () => dynamoDbError(serviceFault('InternalServerError', 'Internal server error')),
  sqs: () => sqsError('InternalFailure', 500),
  s3: () => s3Error('InternalError', 500),
  sagemaker: () => sageMakerError('ServiceUnavailable', 503),
  secretsmanager: () => secretsError('InternalServiceError', 500),
  kms: () => secretsError('KMSInternalException', 500),
  eventbridge: () => secretsError('InternalException', 500),
};

/** Draws what becomes of the next call of a service. */
export const fateOf = (service: Service, { services }: Weather, random: Random): Fate => {
  const weather = services[service];
  if (weather.down) {
    const how = random.next();
    if (how < 0.3) return { kind: 'refused', error: FAILURES[service] };
    if (how < 0.55) return { kind: 'refused', error: connectionReset };
    // A service that goes down takes answers with it: some of what was asked for is done.
    return how < 0.8 ? { kind: 'hang' } : { kind: 'lost', silent: random.chance(0.5) };
  }
  if (random.chance(weather.throttle)) return { kind: 'refused', error: THROTTLES[service] };
  if (random.chance(weather.fail)) return { kind: 'refused', error: FAILURES[service] };
  if (random.chance(weather.lost)) return { kind: 'lost', silent: random.chance(0.5) };
  return random.chance(weather.hang) ? { kind: 'hang' } : DONE;
};

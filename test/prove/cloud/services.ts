import type { FakeDynamoDb } from './dynamodb.ts';
import type { EndpointMode, FakeEndpoints } from './endpoints.ts';
import { FakeKms, secretOf } from './keys.ts';
import type { Call } from './network.ts';
import type { Random } from './random.ts';
import type { FakeS3 } from './s3.ts';
import { FakeSqs } from './sqs.ts';
import type { FakeQueue } from './sqs-queue.ts';
import type { Fate, Service, Weather } from './weather.ts';

export interface ServicesOptions {
  readonly dynamoDb: FakeDynamoDb;
  readonly s3: FakeS3;
  readonly endpoints: FakeEndpoints;
  readonly queues: Iterable<FakeQueue>;
  readonly random: Random;
  readonly weather: Weather;
}

/** All services behind one door. */
export interface Services {
  /** Carries a call out. @throws what its client throws. */
  readonly handle: (call: Call) => unknown;
  /** What becomes of a call by its service's own doing, be the weather as it may. */
  readonly fate: (call: Call) => Fate | undefined;
}

/** The fakes as the network meets them. */
export const servicesOf = ({ dynamoDb, s3, endpoints, queues, random, weather }: ServicesOptions): Services => {
  const sqs = new FakeSqs(queues, () => random.chance(weather.refusedEntries));
  const kms = new FakeKms();
  const modes = new WeakMap<Call, EndpointMode>();
  const bodyFate = () => (random.chance(weather.brokenBodies) ? { breaksAfter: 1 } : {});
  const handlers: Readonly<Record<Service, (call: Call) => unknown>> = {
    dynamodb: ({ operation, input }) => dynamoDb.handle(operation, input),
    sqs: ({ operation, input }) => sqs.handle(operation, input),
    s3: ({ operation, input }) => s3.handle(operation, input, bodyFate()),
    sagemaker: (call) => endpoints.handle(call.operation, call.input, modes.get(call) ?? 'right'),
    secretsmanager: ({ operation, input }) => secretOf(operation, input),
    kms: ({ operation, input }) => kms.handle(operation, input),
    eventbridge: () => ({ FailedEntryCount: 0, Entries: [] }),
  };
  const fate = (call: Call): Fate | undefined => {
    if (call.service !== 'sagemaker') return undefined;
    const mode = endpoints.draw();
    modes.set(call, mode);
    return mode === 'drip' || mode === 'hang' ? { kind: mode } : undefined;
  };
  return { handle: (call) => handlers[call.service](call), fate };
};

import { createAwsCaller } from '#adapters/aws-call.ts';
import { eventBridgeClient, sqsClient } from '#adapters/aws-clients.ts';
import { EventBridgeEventBus } from '#adapters/eventbridge-event-bus.ts';
import { SqsGivenUp } from '#adapters/sqs-given-up.ts';
import { processMetrics } from '#runtime/metrics.ts';

/** What publishing needs of AWS. */
export const connectPublishing = (environment: {
  readonly EVENT_BUS_NAME: string;
  readonly GIVEN_UP_QUEUE_URL: string;
}) => {
  const call = createAwsCaller({ random: Math.random, metrics: processMetrics });
  return {
    bus: new EventBridgeEventBus({
      eventBridge: eventBridgeClient(),
      busName: environment.EVENT_BUS_NAME,
      call,
      random: Math.random,
    }),
    givenUp: new SqsGivenUp(sqsClient(), environment.GIVEN_UP_QUEUE_URL, call),
  };
};

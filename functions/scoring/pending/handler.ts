import { type PendingDecision, PendingDecisionSchema } from '#domain/messages.ts';
import { metricsFor } from '#ports/canary-metrics.ts';
import { type QueueHandler, type QueueOptions, queueHandler } from '#runtime/queue-handler.ts';
import { type CommitPendingPorts, commitPending } from '../commit-pending.ts';

/** A message holds decisions on one event. */
const eventTypeOf = ({ decisions: [first] }: PendingDecision): string => first!.event.eventType;

/** The request that brought the event. */
const requestOf = ({ decisions: [first] }: PendingDecision): string | undefined =>
  first?.origin.kind === 'api' ? first.origin.requestId : undefined;

/** Commits decisions from the recorded-later queue. */
export const createHandler = (
  ports: Omit<CommitPendingPorts, 'logger' | 'metrics'>,
  options: Pick<QueueOptions<never>, 'loggers' | 'metrics'> = {},
): QueueHandler =>
  queueHandler(
    { name: 'scoring-pending', body: PendingDecisionSchema, correlate: requestOf, ...options },
    async ({ body }, { deadline, logger, metrics }) =>
      commitPending(body, deadline, { ...ports, logger, metrics: metricsFor(eventTypeOf(body), metrics) }),
  );

import { PendingDecisionSchema } from '#domain/messages.ts';
import { type QueueHandler, type QueueOptions, queueHandler } from '#runtime/queue-handler.ts';
import { type CommitPendingPorts, commitPending } from '../commit-pending.ts';

/** Commits decisions from the recorded-later queue. */
export const createHandler = (
  ports: Omit<CommitPendingPorts, 'logger' | 'metrics'>,
  options: Pick<QueueOptions<never>, 'loggers' | 'metrics'> = {},
): QueueHandler =>
  queueHandler(
    { name: 'scoring-pending', body: PendingDecisionSchema, ...options },
    async ({ body }, { deadline, logger, metrics }) =>
      commitPending(body.decisions, deadline, { ...ports, logger, metrics }),
  );

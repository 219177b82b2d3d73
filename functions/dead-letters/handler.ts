import { type QueueHandler, type QueueOptions, queueHandler } from '#runtime/queue-handler.ts';
import { type BuryPorts, buryChunk } from './bury-chunk.ts';

/** Accounts for messages of the dead-letter queues behind chunks and feedback, whatever their bodies are. */
export const createHandler = (
  ports: Omit<BuryPorts, 'metrics' | 'logger'>,
  options: Pick<QueueOptions<never>, 'loggers' | 'metrics'> = {},
): QueueHandler =>
  queueHandler({ name: 'dead-letters', ...options }, async ({ text, messageId }, { deadline, logger, metrics }) =>
    buryChunk({ text, messageId }, deadline, { ...ports, logger, metrics }),
  );

import { EventChunkSchema } from '#domain/messages.ts';
import { metricsFor } from '#ports/canary-metrics.ts';
import { type QueueHandler, type QueueOptions, queueHandler } from '#runtime/queue-handler.ts';
import { type ChunkPorts, decideChunk } from '../decide-chunk.ts';

/** Decides chunks of events from the chunks queue. */
export const createHandler = (
  ports: Omit<ChunkPorts, 'logger' | 'metrics'>,
  options: Pick<QueueOptions<never>, 'loggers' | 'metrics'> = {},
): QueueHandler =>
  queueHandler(
    { name: 'scoring-queue', body: EventChunkSchema, correlate: ({ fileId }) => fileId, ...options },
    async ({ body, sentAtMs }, { deadline, logger, metrics, goOnBeside }) => {
      metrics.duration('QueueAgeMs', Math.max(0, ports.clock.nowMs() - sentAtMs));
      const { rest } = await decideChunk(body, deadline, {
        ...ports,
        logger,
        metrics: metricsFor(body.eventType, metrics),
      });
      goOnBeside(rest);
    },
  );

import * as z from 'zod';

import { parseJson } from '#domain/parse-json.ts';
import { type QueueHandler, type QueueOptions, queueHandler } from '#runtime/queue-handler.ts';
import { type BuryPorts, buryChunk } from './bury-chunk.ts';

const FileSchema = z.object({ fileId: z.string() });

/** The file that a chunk is of; undefined for a message that is no chunk. */
const fileOf = (text: string): string | undefined => {
  const parsed = parseJson(text);
  return parsed.ok ? FileSchema.safeParse(parsed.value).data?.fileId : undefined;
};

/** Accounts for messages of the dead-letter queues behind chunks and feedback, whatever their bodies are. */
export const createHandler = (
  ports: Omit<BuryPorts, 'metrics' | 'logger'>,
  options: Pick<QueueOptions<never>, 'loggers' | 'metrics'> = {},
): QueueHandler =>
  queueHandler(
    { name: 'dead-letters', correlate: fileOf, ...options },
    async ({ text, messageId }, { deadline, logger, metrics }) =>
      buryChunk({ text, messageId }, deadline, { ...ports, logger, metrics }),
  );

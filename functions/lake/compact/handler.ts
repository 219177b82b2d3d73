import * as z from 'zod';

import { type EventHandler, type EventOptions, eventHandler } from '#runtime/event-handler.ts';
import { type CompactingPorts, compactLake } from '../compact-lake.ts';

/** A schedule says nothing; a person may say not to wait. */
const RequestSchema = z.object({ now: z.boolean().default(false) });

/** Makes rows of what is landed. */
export const createHandler = (
  { waitMs, ...ports }: Omit<CompactingPorts, 'logger' | 'metrics'> & { readonly waitMs: number },
  options: Pick<EventOptions<never>, 'loggers' | 'metrics'> = {},
): EventHandler =>
  eventHandler({ name: 'lake-compact', event: RequestSchema, ...options }, ({ now }, { deadline, logger, metrics }) =>
    compactLake(now ? 0 : waitMs, deadline, { ...ports, logger, metrics }),
  );

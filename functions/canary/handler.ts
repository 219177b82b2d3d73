import * as z from 'zod';

import { type EventHandler, type EventOptions, eventHandler } from '#runtime/event-handler.ts';
import { type CanaryPorts, runCanary } from './run-canary.ts';

/** Runs the canary, whoever asks: the schedule, or an operator. @returns what failed. */
export const createHandler = (
  ports: Omit<CanaryPorts, 'logger' | 'metrics'>,
  options: Pick<EventOptions<never>, 'loggers' | 'metrics'> = {},
): EventHandler =>
  eventHandler({ name: 'canary', event: z.unknown(), ...options }, (_event, { deadline, logger, metrics }) =>
    runCanary(deadline, { ...ports, logger, metrics }),
  );

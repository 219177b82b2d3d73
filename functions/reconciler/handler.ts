import * as z from 'zod';

import { type EventHandler, type EventOptions, eventHandler } from '#runtime/event-handler.ts';
import type { ReconcilePorts } from './ports.ts';
import { reconcile } from './reconcile.ts';

/** Reconciles all open files, whoever asks: the schedule, or an operator. @returns what was found. */
export const createHandler = (
  ports: Omit<ReconcilePorts, 'logger' | 'metrics'>,
  options: Pick<EventOptions<never>, 'loggers' | 'metrics'> = {},
): EventHandler =>
  eventHandler({ name: 'reconciler', event: z.unknown(), ...options }, (_event, { deadline, logger, metrics }) =>
    reconcile(deadline, { ...ports, logger, metrics }),
  );

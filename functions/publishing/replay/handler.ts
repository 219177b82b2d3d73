import { type QueueHandler, type QueueOptions, queueHandler } from '#runtime/queue-handler.ts';
import { type LandingPorts, landRecords } from '../../lake/land-records.ts';
import { type PublishingPorts, publishRecords } from '../publish-records.ts';
import { GivenUpSchema, type ReplayPorts, replayRecords } from '../replay-records.ts';

export interface ReplayHandlerPorts
  extends Pick<ReplayPorts, 'records' | 'lands'>,
    Pick<PublishingPorts, 'bus' | 'givenUp'>,
    Pick<LandingPorts, 'lake' | 'clock'> {}

/** Does once more what was given up, message by message, as it is moved here from the dead-letter queue. */
export const createHandler = (
  { bus, givenUp, lake, clock, ...ports }: ReplayHandlerPorts,
  options: Pick<QueueOptions<never>, 'loggers' | 'metrics'> = {},
): QueueHandler =>
  queueHandler(
    { name: 'publishing-replay', body: GivenUpSchema, ...options },
    async ({ body }, { deadline, logger, metrics }) => {
      const telemetry = { logger, metrics };
      await replayRecords(body, deadline, {
        ...ports,
        ...telemetry,
        publish: (records, within) => publishRecords(records, within, { bus, givenUp, ...telemetry }),
        land: async (records, within) => {
          await landRecords(records, within, { lake, clock, metrics });
          return undefined;
        },
      });
    },
  );

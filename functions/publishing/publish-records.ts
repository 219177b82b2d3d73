import { fitted } from '#domain/published/fitting.ts';
import type { PublishedEvent } from '#domain/published/published-event.ts';
import { toPublish } from '#domain/published/to-publish.ts';
import { keyOfRecord, type StreamRecord } from '#domain/stream-record.ts';
import type { Deadline } from '#ports/clock.ts';
import type { EventBus, GivenUp } from '#ports/event-bus.ts';
import type { Logger, Metrics } from '#ports/telemetry.ts';

export interface PublishingPorts {
  readonly bus: EventBus;
  readonly givenUp: GivenUp;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Publishes what a batch of changes means. A record that nothing can be made of goes to the dead-letter queue by its
 * key, so that it holds nothing up; what the bus does not take is to come again. Repeating is safe: the same change is
 * the same event with the same id.
 *
 * @returns the sequence number of the first record that is neither published nor given up, undefined when all are.
 */
export const publishRecords = async (
  records: readonly StreamRecord[],
  deadline: Deadline,
  ports: PublishingPorts,
): Promise<string | undefined> => {
  const events: { readonly event: PublishedEvent; readonly sequence: string; readonly at: number }[] = [];
  let firstFailed = records.length;
  for (const [at, record] of records.entries()) {
    const sequence = record.dynamodb.SequenceNumber;
    const event = await understood(record, deadline, ports).catch((error: unknown) => {
      ports.logger.error('a record could not be given up', error, { sequence });
      firstFailed = Math.min(firstFailed, at);
      return undefined;
    });
    if (event) events.push({ event, sequence, at });
  }
  const refused = await ports.bus.send(
    events.map(({ event }) => fitted(event)),
    deadline,
  );
  ports.metrics.count('EventsPublished', events.length - refused.size);
  for (const position of refused) firstFailed = Math.min(firstFailed, events[position]!.at);
  return records[firstFailed]?.dynamodb.SequenceNumber;
};

/** The event of a record, if any. @throws when a record that cannot be read cannot be given up either. */
const understood = async (
  record: StreamRecord,
  deadline: Deadline,
  { givenUp, logger, metrics }: PublishingPorts,
): Promise<PublishedEvent | undefined> => {
  try {
    return toPublish(record);
  } catch (error) {
    const sequence = record.dynamodb.SequenceNumber;
    logger.error('a record cannot be published', error, { sequence });
    await givenUp.add({ ...keyOfRecord(record), problem: error instanceof Error ? error.name : 'unknown' }, deadline);
    metrics.count('EventsUnpublishable');
    return undefined;
  }
};

import type { StreamRecord } from '#domain/stream-record.ts';
import type { Deadline } from './clock.ts';

/** Where records of a stream lie, as Lambda tells it of a batch that it gave up. */
export interface StreamRange {
  readonly streamArn: string;
  readonly shardId: string;
  /** Sequence numbers of the first record and the last. */
  readonly from: string;
  readonly to: string;
}

/** Gives records once more that went by without being worked on. */
export interface GivenUpRecords {
  /**
   * The records of a range, in their order, a page at a time.
   *
   * @throws {ServiceError} `not_found` when the stream does not hold them any more: it keeps a day.
   */
  range(range: StreamRange, deadline: Deadline): AsyncIterable<readonly StreamRecord[]>;
  /** An item as if it had just been written; undefined when it is not there any more. */
  item(pk: string, sk: string, deadline: Deadline): Promise<StreamRecord | undefined>;
}

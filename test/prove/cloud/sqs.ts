import { draftOf, type SendInput, sizeOf } from '#local/sqs/message.ts';
import { type Queue, SettingsSchema } from '#local/sqs/queue.ts';
import { sqsError } from './aws-errors.ts';
import type { FakeQueue } from './sqs-queue.ts';

/** Of all messages of a batch together. */
const MAX_BATCH_BYTES = 262_144;
const MAX_MESSAGE_BYTES = 262_144;

interface Entry extends SendInput {
  readonly Id?: string;
}

/** Sending to queues, as SQS's clients do it. Receiving is Lambda's part: see the event sources. */
export class FakeSqs {
  readonly #byUrl: ReadonlyMap<string, FakeQueue>;
  readonly #refuses: () => boolean;

  /** @param refuses - whether the next entry of a batch is refused alone, with an answer of 200. */
  constructor(queues: Iterable<FakeQueue>, refuses: () => boolean) {
    this.#byUrl = new Map([...queues].map((queue) => [queue.wiring.url, queue]));
    this.#refuses = refuses;
  }

  /** Carries a request out. @throws what the client would throw. */
  handle(operation: string, input: Record<string, unknown>): unknown {
    const queue = this.#byUrl.get(String(input.QueueUrl));
    if (!queue) throw sqsError('QueueDoesNotExist', 400);
    if (operation === 'SendMessage') return { MessageId: this.#send(queue, input as Entry) };
    if (operation === 'SendMessageBatch') return this.#sendBatch(queue, input.Entries as readonly Entry[]);
    if (operation === 'GetQueueAttributes') return { Attributes: { ApproximateNumberOfMessages: String(queue.open) } };
    throw new Error(`the fake of SQS has no ${operation}; teach it`);
  }

  #send(queue: FakeQueue, entry: Entry): string {
    const { body, groupId, deduplicationId } = draftOf(entry, rulesOf(queue));
    return queue.send({
      body,
      ...(groupId !== undefined && { groupId }),
      ...(deduplicationId !== undefined && { deduplicationId }),
      ...(entry.DelaySeconds != null && { delayMs: entry.DelaySeconds * 1_000 }),
    });
  }

  #sendBatch(queue: FakeQueue, entries: readonly Entry[]): unknown {
    if (entries.length === 0) throw sqsError('EmptyBatchRequest', 400);
    if (entries.length > 10) throw sqsError('TooManyEntriesInBatchRequest', 400);
    const ids = entries.map(({ Id = '' }) => Id);
    if (new Set(ids).size < ids.length) throw sqsError('BatchEntryIdsNotDistinct', 400);
    if (!ids.every((id) => /^[A-Za-z0-9_-]{1,80}$/.test(id))) throw sqsError('InvalidBatchEntryId', 400);
    if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > MAX_BATCH_BYTES) {
      throw sqsError('BatchRequestTooLong', 400);
    }
    const Successful: object[] = [];
    const Failed: object[] = [];
    for (const entry of entries) {
      if (this.#refuses()) Failed.push({ Id: entry.Id, SenderFault: false, Code: 'InternalError' });
      else Successful.push({ Id: entry.Id, MessageId: this.#send(queue, entry) });
    }
    return { ...(Successful.length > 0 && { Successful }), ...(Failed.length > 0 && { Failed }) };
  }
}

const SETTINGS = SettingsSchema.parse({ MaximumMessageSize: MAX_MESSAGE_BYTES });

/** What the embedded cloud's own rules for messages look at. */
const rulesOf = ({ wiring }: FakeQueue): Queue => ({
  name: wiring.name,
  arn: wiring.arn,
  fifo: wiring.fifo,
  settings: SETTINGS,
  policy: undefined,
  createdMs: 0,
  modifiedMs: 0,
});

import type { Fleet, Outcome } from './fleet.ts';
import type { Random } from './random.ts';
import type { FakeQueue, Message } from './sqs-queue.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Weather } from './weather.ts';
import type { MappingWiring } from './wiring.ts';

export interface EventSourceOptions {
  readonly mapping: MappingWiring;
  readonly queue: FakeQueue;
  readonly fleet: Fleet;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly weather: Weather;
  /** Told of every message that a function is given. */
  readonly onDelivery: (queue: FakeQueue, message: Message) => void;
}

interface Taken {
  readonly message: Message;
  /** Of this delivery. */
  readonly receipt: number;
}

/** Takes messages off a queue and hands them to a function in batches, as Lambda's pollers do. */
export class EventSource {
  readonly #options: EventSourceOptions;
  readonly #deliveries = new WeakMap<Message, number>();
  #active = 0;
  #polling = false;
  /** Batches that found no room. */
  throttled = 0;

  constructor(options: EventSourceOptions) {
    this.#options = options;
    options.queue.onReady = () => this.#soon();
  }

  #soon(): void {
    if (this.#polling) return;
    this.#polling = true;
    this.#options.time.after(0, () => {
      this.#polling = false;
      this.#poll();
    });
  }

  #poll(): void {
    const { mapping, queue, random, weather } = this.#options;
    while (this.#active < mapping.maxConcurrency) {
      const batch = queue.receive(mapping.batchSize).map((message) => ({ message, receipt: message.receipt }));
      if (batch.length === 0) return;
      if (random.chance(weather.lambda.throttle)) this.throttled += 1;
      else this.#hand(batch);
    }
  }

  #hand(batch: readonly Taken[]): void {
    const { mapping, queue, fleet, onDelivery } = this.#options;
    this.#active += 1;
    for (const { message } of batch) onDelivery(queue, message);
    const event = { Records: batch.map(({ message }) => recordOf(queue, message)) };
    fleet.invoke(mapping.entry, event, (outcome, invocation) => {
      this.#active -= 1;
      const failed = failedOf(batch, outcome, mapping);
      invocation.reportedDone = failed.size === 0;
      for (const taken of batch) if (!failed.has(taken.message.id)) this.#finish(taken);
      this.#soon();
    });
  }

  /** Deletes a message, unless its delivery is to be repeated: then the deletion is what got lost. */
  #finish({ message, receipt }: Taken): void {
    const { queue, random, time, weather } = this.#options;
    const { repeat, mostDeliveries, always } = weather.messages;
    const deliveries = (this.#deliveries.get(message) ?? 0) + 1;
    this.#deliveries.set(message, deliveries);
    const again = deliveries < always || (deliveries < mostDeliveries && random.chance(repeat));
    if (!again) {
      queue.delete(message, receipt);
      return;
    }
    const backMs = random.between(0, 5_000);
    time.after(backMs, () => {
      if (message.receipt === receipt) queue.giveBack(message);
    });
  }
}

/** Ids of the messages that a batch's answer gives back. */
const failedOf = (batch: readonly Taken[], outcome: Outcome, mapping: MappingWiring): ReadonlySet<string> => {
  const all = new Set(batch.map(({ message }) => message.id));
  if (outcome.kind !== 'answered') return all;
  if (!mapping.reportsFailures) return new Set();
  const answer = outcome.result as { batchItemFailures?: readonly { itemIdentifier?: string }[] } | null | undefined;
  const ids = (answer?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
  // An id that is none of the batch's makes all of it fail, as the service documents.
  return ids.every((id) => id !== undefined && all.has(id)) ? new Set(ids as string[]) : all;
};

const recordOf = ({ wiring }: FakeQueue, message: Message) => ({
  messageId: message.id,
  receiptHandle: `${message.id}/${message.receipt}`,
  body: message.body,
  attributes: {
    ApproximateReceiveCount: String(message.receives),
    SentTimestamp: String(Math.floor(message.sentAtMs)),
    SenderId: 'AIDAEXAMPLE',
    ApproximateFirstReceiveTimestamp: String(Math.floor(message.sentAtMs)),
    ...(message.groupId !== undefined && { MessageGroupId: message.groupId }),
    ...(message.deduplicationId !== undefined && { MessageDeduplicationId: message.deduplicationId }),
    ...(wiring.fifo && { SequenceNumber: String(10n ** 19n + BigInt(message.order)) }),
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: wiring.arn,
  awsRegion: 'eu-west-1',
});

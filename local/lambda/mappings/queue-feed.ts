import { DeploymentError } from '../../errors.ts';
import type { DeployedFunction } from '../deployed-function.ts';
import { withinLimit } from './batches.ts';
import type { QueueMapping } from './definition.ts';
import type { Feed, FeedContext } from './feed.ts';
import { failedItems } from './partial.ts';
import { createQueueClient } from './queue-client.ts';
import { type QueueMessage, queueRecordOf } from './queue-event.ts';
import { backoffMs, pause } from './waiting.ts';

const LONG_POLL_SECONDS = 20;
const FIRST_BACKOFF_MS = 1000;
const LONGEST_BACKOFF_MS = 30_000;

/**
 * Feeds a function from a queue, in the name of the function's role.
 *
 * One long poll waits at a time, and none while there is no place to run what it would bring. Messages are deleted once
 * the function has succeeded; what failed stays hidden for the rest of its visibility. That a group of a FIFO queue is
 * in one batch at a time is the queue's doing.
 */
export const createQueueFeed = (mapping: QueueMapping, context: FeedContext): Feed => {
  const { host, concurrency, precedence } = context;
  const { sourceArn } = mapping;
  const queue = createQueueClient(host, sourceArn);
  const stopping = new AbortController();
  const inHand = new Set<Promise<void>>();
  let polling: Promise<void> = Promise.resolve();

  const poll = async (): Promise<void> => {
    let checked = false;
    for (let failures = 0; !stopping.signal.aborted; ) {
      try {
        const deployed = context.functionOf(mapping.functionName);
        if (!checked) await queue.checkGrants(deployed.session.principal);
        checked = true;
        await untilWanted(deployed);
        await takeBatch(deployed);
        failures = 0;
      } catch (error) {
        if (stopping.signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        host.notice(`${mapping.functionName} gets nothing from ${sourceArn}: ${reason}`);
        await pause(backoffMs(failures, FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS), stopping.signal);
        failures += 1;
      }
    }
  };

  const untilWanted = async ({ definition }: DeployedFunction): Promise<void> => {
    while (inHand.size >= (mapping.maximumConcurrency ?? Number.POSITIVE_INFINITY)) await Promise.race(inHand);
    await concurrency.untilFree(definition);
  };

  const takeBatch = async (deployed: DeployedFunction): Promise<void> => {
    const messages = await gather(deployed);
    // What comes while the room stops stays hidden until the queues are opened again.
    if (messages.length === 0 || stopping.signal.aborted) return;
    const work = workOn(deployed, messages).catch((error: unknown) => {
      host.notice(`${mapping.functionName}: ${error instanceof Error ? error.message : String(error)}`);
    });
    const done = work.finally(() => inHand.delete(done));
    inHand.add(done);
  };

  const gather = async (deployed: DeployedFunction): Promise<QueueMessage[]> => {
    const beganMs = performance.now();
    const messages = await receive(deployed, mapping.batchSize, LONG_POLL_SECONDS * 1000);
    // A queue that answers at once with nothing must not be asked again at once.
    if (messages.length === 0 && performance.now() - beganMs < FIRST_BACKOFF_MS) {
      await pause(FIRST_BACKOFF_MS, stopping.signal);
    }
    const untilMs = performance.now() + mapping.windowSeconds * 1000;
    while (messages.length > 0 && messages.length < mapping.batchSize && !stopping.signal.aborted) {
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) break;
      messages.push(...(await receive(deployed, mapping.batchSize - messages.length, leftMs)));
    }
    return messages;
  };

  const receive = async (deployed: DeployedFunction, most: number, waitMs: number): Promise<QueueMessage[]> => {
    const messages = await queue.receive(deployed.session.principal, {
      most,
      waitSeconds: Math.min(LONG_POLL_SECONDS, Math.ceil(waitMs / 1000)),
      signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(Math.ceil(waitMs))]),
    });
    return [...messages];
  };

  const workOn = async (deployed: DeployedFunction, messages: readonly QueueMessage[]): Promise<void> => {
    host.faults.redelivered(
      messages.filter(({ Attributes }) => Number(Attributes?.ApproximateReceiveCount) > 1).length,
    );
    for (const batch of withinLimit(messages)) {
      const failed = await invoke(deployed, batch);
      await giveBackSoon(batch.filter(({ MessageId }) => failed.has(MessageId)));
      const done = batch.filter(({ MessageId }) => !failed.has(MessageId));
      const late = await queue.remove(
        deployed.session.principal,
        done.map(({ ReceiptHandle }) => ReceiptHandle),
      );
      if (late > 0) host.notice(`${mapping.functionName} was done with messages after they were visible again`);
      // What comes behind a failure may be of the same group, and must not overtake it.
      if (mapping.fifo && failed.size > 0) break;
    }
  };

  /** What has failed waits as long as the queue says, unless the developer has no patience for that. */
  const giveBackSoon = async (failed: readonly QueueMessage[]): Promise<void> => {
    const seconds = host.faults.redeliverAfterSeconds;
    if (seconds === undefined || failed.length === 0) return;
    await queue.hide(
      failed.map(({ ReceiptHandle }) => ReceiptHandle),
      seconds,
    );
  };

  /** Gives a batch to the function. @returns the ids of the messages that have failed. */
  const invoke = async (deployed: DeployedFunction, batch: readonly QueueMessage[]): Promise<ReadonlySet<string>> => {
    const ids = new Set(batch.map(({ MessageId }) => MessageId));
    const event = { Records: batch.map((message) => queueRecordOf(message, sourceArn, host.region)) };
    const over = precedence.begin();
    const release = await concurrency.take(deployed.definition, 'background').catch((error: unknown) => {
      over();
      throw error;
    });
    try {
      const { payload, functionError } = await context.run(deployed, JSON.stringify(event));
      if (functionError !== undefined) return ids;
      const failed = mapping.partialFailures ? failedItems(payload, ids) : new Set<string>();
      return failed === 'all' ? ids : failed;
    } finally {
      release();
      over();
    }
  };

  return {
    async prepare() {
      const { timeoutSeconds } = context.functionOf(mapping.functionName).definition;
      const visibilitySeconds = await queue.visibilitySeconds();
      if (visibilitySeconds < timeoutSeconds) {
        throw new DeploymentError(
          `queue ${sourceArn}: its visibility timeout of ${visibilitySeconds} seconds is less than the ${timeoutSeconds} seconds that ${mapping.functionName} may run; make it six times as long`,
        );
      }
    },
    start() {
      polling = poll();
    },
    stop: () => stopping.abort(),
    async drained() {
      await polling;
      await Promise.all(inHand);
    },
  };
};

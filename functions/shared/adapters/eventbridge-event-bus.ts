import { setTimeout as sleep } from 'node:timers/promises';

import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

import { ServiceError } from '#domain/errors.ts';
import { type FittedEvent, requestsOf } from '#domain/published/fitting.ts';
import { PUBLISHED_SOURCE } from '#domain/published/published-event.ts';
import { mapSideBySide } from '#domain/side-by-side.ts';
import type { Deadline } from '#ports/clock.ts';
import type { EventBus } from '#ports/event-bus.ts';
import type { AwsCall } from './aws-call.ts';

const WHAT = 'the event bus';
const REQUESTS_AT_ONCE = 8;
/** Rounds for what is refused, the first included: an outage is waited for here, not by repeating whole batches. */
const ROUNDS = 8;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** Left for the caller to answer. */
const RESERVE_MS = 1_000;

export interface EventBridgeEventBusOptions {
  readonly eventBridge: EventBridgeClient;
  readonly busName: string;
  readonly call: AwsCall;
  /** Gives numbers in [0, 1): the jitter. */
  readonly random: () => number;
}

/** A custom bus of EventBridge. */
export class EventBridgeEventBus implements EventBus {
  readonly #options: EventBridgeEventBusOptions;

  constructor(options: EventBridgeEventBusOptions) {
    this.#options = options;
  }

  async send(events: readonly FittedEvent[], deadline: Deadline): Promise<ReadonlySet<number>> {
    let left: readonly number[] = [...events.keys()];
    for (let round = 1; left.length > 0; round++) {
      left = await this.#sendOnce(events, left, deadline);
      const pauseMs = this.#options.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** round);
      if (round === ROUNDS || deadline.remainingMs() - pauseMs < RESERVE_MS) break;
      if (left.length > 0) await sleep(pauseMs);
    }
    return new Set(left);
  }

  /** @returns positions that were not taken, of those asked for. */
  async #sendOnce(events: readonly FittedEvent[], asked: readonly number[], deadline: Deadline): Promise<number[]> {
    const requests = requestsOf(asked.map((position) => events[position]!));
    const refused = await mapSideBySide(requests, REQUESTS_AT_ONCE, async (request) => {
      const positions = request.map((index) => asked[index]!);
      return this.#put(events, positions, deadline);
    });
    return refused.flat();
  }

  async #put(events: readonly FittedEvent[], positions: readonly number[], deadline: Deadline): Promise<number[]> {
    const { eventBridge, busName, call } = this.#options;
    const Entries = positions.map((position) => {
      const { detailType, time, detail } = events[position]!;
      return {
        EventBusName: busName,
        Source: PUBLISHED_SOURCE,
        DetailType: detailType,
        Time: new Date(time),
        Detail: detail,
      };
    });
    const command = () => new PutEventsCommand({ Entries });
    try {
      // One try: the rounds are the retries.
      const once = { deadline, what: WHAT, attempts: 1 };
      const answer = await call((options) => eventBridge.send(command(), options), once);
      // 200 alone says nothing: only an entry with an id was taken.
      return positions.filter((_, index) => !answer.Entries?.[index]?.EventId);
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'store_unavailable') return [...positions];
      throw error;
    }
  }
}

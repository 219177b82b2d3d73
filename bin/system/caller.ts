import { setTimeout as pause } from 'node:timers/promises';

import * as z from 'zod';

import { EVENT_TYPE } from '../simulation/simulate.ts';
import type { AssayClient } from './client.ts';

/** What became of the decisions that a caller asked for while things went wrong. */
export interface CallerReport {
  readonly asked: number;
  /** Answered, with all decisions on record already. */
  readonly committed: number;
  /** Answered, to be recorded later. */
  readonly pending: number;
  /** Answers that had to do without something. */
  readonly degraded: number;
  /** Not answered: the caller was told to come again. */
  readonly refused: number;
  /** How often the API refused with each status; without one, the connection broke. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Answered, and not on record in the end: never to be. */
  readonly lost: number;
}

/** How often a caller asks, and how long it looks for what it was answered. */
export interface Patience {
  readonly everyMs: number;
  /** What was answered as pending is on record within this, however often its message had to be delivered. */
  readonly recordedWithinMs: number;
}

const PATIENCE: Patience = { everyMs: 400, recordedWithinMs: 90_000 };
const LOOK_EVERY_MS = 1_000;

const AnswerSchema = z.object({
  decisions: z.array(
    z.object({
      detector: z.string(),
      recorded: z.enum(['committed', 'pending']),
      degraded: z.array(z.unknown()),
    }),
  ),
});
type Decisions = z.infer<typeof AnswerSchema>['decisions'];

/** Asks for a decision every now and then, as a customer's checkout does, until told to stop. */
export class Caller {
  readonly #client: Pick<AssayClient, 'call'>;
  readonly #patience: Patience;
  readonly #stopping = new AbortController();
  readonly #answers = new Map<string, Decisions>();
  readonly #refusals = new Map<string, number>();
  readonly #prefix = `caller-${Date.now().toString(36)}`;
  readonly #done: Promise<void>;
  #asked = 0;

  private constructor(client: Pick<AssayClient, 'call'>, patience: Patience) {
    this.#client = client;
    this.#patience = patience;
    this.#done = this.#call();
  }

  /** Begins once the API has answered: what it takes to start from nothing is not what faults are about. */
  static async begin(client: Pick<AssayClient, 'call'>, patience = PATIENCE): Promise<Caller> {
    await client.call('POST', 'v1/decisions', { event: aPayment(`warm-${Date.now().toString(36)}`) });
    return new Caller(client, patience);
  }

  /** Stops, and looks for every answered decision on record. */
  async report(): Promise<CallerReport> {
    this.#stopping.abort();
    await this.#done;
    const answers = [...this.#answers.values()];
    const isPending = (decisions: Decisions) => decisions.some(({ recorded }) => recorded === 'pending');
    return {
      asked: this.#asked,
      committed: answers.filter((decisions) => !isPending(decisions)).length,
      pending: answers.filter(isPending).length,
      degraded: answers.filter((decisions) => decisions.some(({ degraded }) => degraded.length > 0)).length,
      refused: this.#asked - answers.length,
      refusals: Object.fromEntries(this.#refusals),
      lost: await this.#missing(),
    };
  }

  async #call(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const eventId = `${this.#prefix}-${++this.#asked}`;
      const answer = await this.#client
        .call('POST', 'v1/decisions', { event: aPayment(eventId) }, { 'assay-budget-ms': '1000' })
        .catch(() => undefined);
      const parsed = answer?.status === 200 ? AnswerSchema.safeParse(answer.body) : undefined;
      if (parsed?.success) this.#answers.set(eventId, parsed.data.decisions);
      else this.#countRefusal(String(answer?.status ?? 'none'));
      await pause(this.#patience.everyMs, undefined, { signal }).catch(() => {});
    }
  }

  #countRefusal(status: string): void {
    this.#refusals.set(status, (this.#refusals.get(status) ?? 0) + 1);
  }

  /** How many of the answered events lack one of their decisions when all the time that there is has passed. */
  async #missing(): Promise<number> {
    const open = new Map(this.#answers);
    const { recordedWithinMs } = this.#patience;
    for (const untilMs = Date.now() + recordedWithinMs; open.size > 0 && Date.now() < untilMs; ) {
      for (const [eventId, decisions] of open) {
        if (await this.#isRecorded(eventId, decisions)) open.delete(eventId);
      }
      if (open.size > 0) await pause(Math.min(LOOK_EVERY_MS, recordedWithinMs));
    }
    return open.size;
  }

  async #isRecorded(eventId: string, decisions: Decisions): Promise<boolean> {
    const answer = await this.#client.call('GET', `v1/decisions/${EVENT_TYPE}/${eventId}`).catch(() => undefined);
    const recorded = answer?.status === 200 ? AnswerSchema.safeParse(answer.body).data?.decisions : undefined;
    const names = new Set(recorded?.map(({ detector }) => detector));
    return decisions.every(({ detector }) => names.has(detector));
  }
}

const aPayment = (eventId: string) => ({
  eventId,
  eventType: EVENT_TYPE,
  occurredAt: new Date().toISOString(),
  entities: { customer: 'C-caller', terminal: 'T-caller' },
  variables: { amount: 25, currency: 'EUR', channel: 'chip', distance_km: 3 },
});

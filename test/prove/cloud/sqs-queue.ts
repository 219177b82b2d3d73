import type { Task, VirtualTime } from './virtual-time.ts';
import type { QueueWiring } from './wiring.ts';

/** A message and its life so far. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly sentAtMs: number;
  readonly order: number;
  receives: number;
  /** Changes with every delivery: what an earlier delivery says of the message counts no more. */
  receipt: number;
  state: 'waiting' | 'ready' | 'taken' | 'gone';
  task?: Task;
}

interface Group {
  readonly messages: Message[];
  /** Messages that are being worked on: until they are gone, nothing behind them is delivered. */
  taken: number;
}

export interface Sending {
  readonly body: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly delayMs?: number;
}

const DEDUPLICATION_MS = 300_000;

/** What befalls messages on their way. */
export interface QueueWorld {
  readonly time: VirtualTime;
  /** Which of the messages that are ready a standard queue hands out next. */
  readonly choose: (count: number) => number;
  /** A delay of a message beyond its own, in milliseconds: reordering. */
  readonly lag: () => number;
  readonly nextId: () => string;
  /** A message that was received too often, or became too old. */
  readonly onDead: (queue: FakeQueue, message: Message) => void;
  readonly onExpired: (queue: FakeQueue, message: Message) => void;
}

/** A standard or FIFO queue: visibility, receive counts, deduplication, order of groups, and what dies. */
export class FakeQueue {
  readonly wiring: QueueWiring;
  /** Called when a message may have become ready. */
  onReady: () => void = () => {};
  readonly #world: QueueWorld;
  readonly #ready: Message[] = [];
  readonly #groups = new Map<string, Group>();
  readonly #known = new Map<string, { readonly id: string; readonly untilMs: number }>();
  #open = 0;
  #order = 0;

  constructor(wiring: QueueWiring, world: QueueWorld) {
    this.wiring = wiring;
    this.#world = world;
  }

  /** Messages that are neither deleted nor dead. */
  get open(): number {
    return this.#open;
  }

  /** Takes a message. @returns its id; of a message that a FIFO queue knows already, that one's. */
  send({ body, groupId, deduplicationId, delayMs = this.wiring.delayMs }: Sending): string {
    const { time, nextId, lag } = this.#world;
    const known = this.#repeatOf(groupId, deduplicationId);
    if (known !== undefined) return known;
    const id = nextId();
    const message: Message = {
      id,
      body,
      ...(groupId !== undefined && { groupId }),
      ...(deduplicationId !== undefined && { deduplicationId }),
      sentAtMs: time.nowMs,
      order: this.#order++,
      receives: 0,
      receipt: 0,
      state: 'waiting',
    };
    if (deduplicationId !== undefined && this.wiring.fifo) {
      this.#known.set(this.#identity(groupId, deduplicationId), { id, untilMs: time.nowMs + DEDUPLICATION_MS });
    }
    this.#open += 1;
    if (this.wiring.fifo) this.#group(groupId!).messages.push(message);
    const waitMs = delayMs + (this.wiring.fifo ? 0 : lag());
    if (waitMs > 0) message.task = time.after(waitMs, () => this.#show(message));
    else this.#show(message);
    return id;
  }

  /** Up to so many messages, hidden for the visibility timeout. */
  receive(most: number): readonly Message[] {
    const taken: Message[] = [];
    while (taken.length < most) {
      const message = this.wiring.fifo ? this.#nextOfGroups(taken) : this.#nextOfAll();
      if (!message) break;
      if (this.#isOver(message)) continue;
      message.state = 'taken';
      message.receives += 1;
      message.receipt += 1;
      if (message.groupId !== undefined && this.wiring.fifo) this.#group(message.groupId).taken += 1;
      message.task = this.#world.time.after(this.wiring.visibilityMs, () => this.#release(message));
      taken.push(message);
    }
    return taken;
  }

  /** Deletes a message, if the delivery that says so is still the last one. */
  delete(message: Message, receipt: number): void {
    const overtaken = message.receipt !== receipt || message.state !== 'taken';
    if (message.state === 'gone' || (this.wiring.fifo && overtaken)) return;
    this.#remove(message);
  }

  /** Makes a message visible again. */
  giveBack(message: Message): void {
    if (message.state !== 'taken') return;
    // Its visibility timeout must not show it a second time.
    if (message.task) message.task.cancelled = true;
    this.#release(message);
  }

  #remove(message: Message): void {
    const { state } = message;
    if (message.task) message.task.cancelled = true;
    message.state = 'gone';
    this.#open -= 1;
    if (!this.wiring.fifo) {
      const at = state === 'ready' ? this.#ready.indexOf(message) : -1;
      if (at >= 0) this.#ready.splice(at, 1);
      return;
    }
    const group = this.#group(message.groupId!);
    group.messages.splice(group.messages.indexOf(message), 1);
    if (state === 'taken') group.taken -= 1;
    if (group.messages.length === 0) this.#groups.delete(message.groupId!);
    this.onReady();
  }

  #release(message: Message): void {
    if (this.wiring.fifo) this.#group(message.groupId!).taken -= 1;
    this.#show(message);
  }

  #show(message: Message): void {
    message.state = 'ready';
    if (!this.wiring.fifo) this.#ready.push(message);
    this.onReady();
  }

  #nextOfAll(): Message | undefined {
    if (this.#ready.length === 0) return undefined;
    const at = this.#world.choose(this.#ready.length);
    const message = this.#ready[at]!;
    this.#ready[at] = this.#ready.at(-1)!;
    this.#ready.pop();
    return message;
  }

  /** The first message of a group of which nobody works on anything, except those taken in this very receive. */
  #nextOfGroups(taken: readonly Message[]): Message | undefined {
    const last = taken.at(-1)?.groupId;
    if (last !== undefined) {
      const next = this.#group(last).messages.find(({ state }) => state !== 'taken');
      if (next?.state === 'ready') return next;
    }
    const mine = new Set(taken.map(({ groupId }) => groupId));
    for (const [groupId, group] of this.#groups) {
      if (group.taken > 0 || mine.has(groupId)) continue;
      if (group.messages[0]?.state !== 'ready') continue;
      // The group that is served goes behind the others.
      this.#groups.delete(groupId);
      this.#groups.set(groupId, group);
      return group.messages[0];
    }
    return undefined;
  }

  #isOver(message: Message): boolean {
    const { deadLetters, retentionMs } = this.wiring;
    const { time, onDead, onExpired } = this.#world;
    const expired = time.nowMs - message.sentAtMs > retentionMs;
    if (!expired && !(deadLetters && message.receives >= deadLetters.maxReceiveCount)) return false;
    this.#remove(message);
    (expired ? onExpired : onDead)(this, message);
    return true;
  }

  #group(id: string): Group {
    const group = this.#groups.get(id) ?? { messages: [], taken: 0 };
    this.#groups.set(id, group);
    return group;
  }

  #identity(groupId: string | undefined, deduplicationId: string): string {
    return this.wiring.perGroup ? `${groupId}\0${deduplicationId}` : deduplicationId;
  }

  #repeatOf(groupId: string | undefined, deduplicationId: string | undefined): string | undefined {
    if (!this.wiring.fifo || deduplicationId === undefined) return undefined;
    const known = this.#known.get(this.#identity(groupId, deduplicationId));
    return known && known.untilMs > this.#world.time.nowMs ? known.id : undefined;
  }
}

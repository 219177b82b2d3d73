import type { FittedEvent } from '#domain/published/fitting.ts';
import type { EventBus, GivenUp, UnreadableItem } from '#ports/event-bus.ts';

/** A bus that keeps what it is sent, for tests. */
export class MemoryEventBus implements EventBus {
  readonly sent: FittedEvent[] = [];
  /** Whether an event is refused now. */
  refuses: (event: FittedEvent) => boolean = () => false;

  async send(events: readonly FittedEvent[]): Promise<ReadonlySet<number>> {
    const refused = new Set<number>();
    for (const [position, event] of events.entries()) {
      if (this.refuses(event)) refused.add(position);
      else this.sent.push(event);
    }
    return refused;
  }
}

/** Keeps what was given up, for tests. */
export class MemoryGivenUp implements GivenUp {
  readonly items: UnreadableItem[] = [];

  async add(item: UnreadableItem): Promise<void> {
    this.items.push(item);
  }
}

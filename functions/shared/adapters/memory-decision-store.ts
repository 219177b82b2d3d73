import type { Decision } from '#domain/decision.ts';
import type { Sealed } from '#domain/sealed.ts';
import { mergeMoves } from '#features/history/state/moves.ts';
import type { PageMove } from '#features/history/state/types.ts';
import type { DecisionStore, EventCommit, RecordedEvent } from '#ports/decision-store.ts';

interface StoredEvent {
  readonly contentHash: string;
  readonly origin: string;
  readonly sealed?: Sealed | undefined;
  readonly decisions: Map<string, Decision>;
}

/** A store of profiles in memory, such as `MemoryProfileStore`. */
interface MovedByCommits {
  move(moves: readonly PageMove[]): Promise<void>;
}

/** Keeps decisions for as long as the process lives: for tests, replay and the command line. */
export class MemoryDecisionStore implements DecisionStore {
  readonly #events = new Map<string, StoredEvent>();
  readonly #rivals: Decision[] = [];
  readonly #profiles: MovedByCommits | undefined;

  /** @param profiles - moved by what is committed; absent: nothing may be moved. */
  constructor(profiles?: MovedByCommits) {
    this.#profiles = profiles;
  }

  /** Every rival kept, oldest first. */
  get rivals(): readonly Decision[] {
    return this.#rivals;
  }

  /** What was personal in an event, as it was recorded with it. */
  sealedOf(eventType: string, eventId: string): Sealed | undefined {
    return this.#events.get(keyOf(eventType, eventId))?.sealed;
  }

  async find(
    eventType: string,
    eventIds: readonly string[],
    detectors: readonly string[],
  ): Promise<ReadonlyMap<string, RecordedEvent>> {
    const found = new Map<string, RecordedEvent>();
    for (const eventId of eventIds) {
      const stored = this.#events.get(keyOf(eventType, eventId));
      if (!stored) continue;
      const decisions = detectors
        .map((name) => stored.decisions.get(name))
        .filter((decision) => decision !== undefined);
      found.set(eventId, { contentHash: stored.contentHash, origin: stored.origin, decisions });
    }
    return found;
  }

  async byEvent(eventType: string, eventId: string): Promise<RecordedEvent | undefined> {
    const stored = this.#events.get(keyOf(eventType, eventId));
    if (!stored) return undefined;
    const { contentHash, origin, decisions } = stored;
    return { contentHash, origin, decisions: [...decisions.values()] };
  }

  async commit(group: readonly EventCommit[]): Promise<ReadonlySet<string>> {
    const refused = group.filter((commit) => !this.#accepts(commit)).map(({ event }) => event.eventId);
    if (refused.length > 0) return new Set(refused);
    for (const commit of group) this.#record(commit);
    const moves = mergeMoves(group.flatMap((commit) => commit.moves ?? []));
    if (moves.length > 0 && !this.#profiles) throw new Error('this store was given no store of profiles');
    await this.#profiles?.move(moves);
    return new Set();
  }

  async byEntity(
    { kind, tokens }: { readonly kind: string; readonly tokens: readonly string[] },
    { limit, next }: { readonly limit: number; readonly next?: string },
  ): Promise<{ readonly decisions: readonly Decision[]; readonly next?: string }> {
    const rows = [...this.#events.values()]
      .flatMap(({ decisions }) => [...decisions.values()])
      .filter((decision) => tokens.some((token) => takesPart(decision, kind, token)))
      .map((decision) => ({ decision, at: positionOf(decision) }))
      .filter(({ at }) => next === undefined || at < next)
      .sort((left, right) => (left.at < right.at ? 1 : -1));
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      decisions: page.map(({ decision }) => decision),
      ...(last && rows.length > limit && { next: last.at }),
    };
  }

  async keepRival(decision: Decision): Promise<void> {
    this.#rivals.push(decision);
  }

  #accepts({ event, contentHash, decisions, eventRecorded }: EventCommit): boolean {
    const stored = this.#events.get(keyOf(event.eventType, event.eventId));
    if (!eventRecorded) return stored === undefined;
    return stored?.contentHash === contentHash && decisions.every(({ detector }) => !stored.decisions.has(detector));
  }

  #record({ event, contentHash, origin, decisions, sealed }: EventCommit): void {
    const key = keyOf(event.eventType, event.eventId);
    const stored = this.#events.get(key) ?? { contentHash, origin, sealed, decisions: new Map() };
    for (const decision of decisions) stored.decisions.set(decision.detector, decision);
    this.#events.set(key, stored);
  }
}

const keyOf = (eventType: string, eventId: string): string => `${eventType}#${eventId}`;

const positionOf = ({ event, detector }: Decision): string =>
  [event.occurredAt, event.eventType, event.eventId, detector].join('#');

const takesPart = ({ event, entityKinds }: Decision, kind: string, token: string): boolean =>
  Object.entries(entityKinds)
    .slice(0, 4)
    .some(([role, of]) => of === kind && event.entities[role] === token);

import type { List } from '#domain/catalog/documents.ts';
import { valuesInListObject } from '#domain/catalog/list-object.ts';
import type { SnapshotList } from '#domain/catalog/snapshot.ts';
import type { ListValues } from '#features/rule-context.ts';
import type { CatalogSource } from '#ports/catalog-source.ts';
import type { Deadline } from '#ports/clock.ts';
import type { Metrics } from '#ports/telemetry.ts';

/** A list ready for look-ups, and its version. */
export interface LoadedList {
  readonly version: number;
  readonly values: ListValues;
}

/** A list as it could be had. */
export interface FoundList extends LoadedList {
  /** Why an older version stands in for the one that was asked for. */
  readonly stale?: 'timeout' | 'unavailable';
}

export interface ShelfPorts {
  readonly catalog: Pick<CatalogSource, 'bytes'>;
  readonly metrics: Pick<Metrics, 'count'>;
}

/** Share of its time that a caller waits for a list while an older version is at hand. */
const PATIENCE = 0.25;
/** Lists kept, the longest unused of them let go: a list of 100,000 values takes about 12 MB. */
const MOST_KEPT = 16;

/**
 * The lists that rules consult: read when a detector needs them first, kept by the hash of their values, so that
 * snapshots that share a list share its memory.
 */
export class ListShelf {
  readonly #ports: ShelfPorts;
  readonly #byHash = new Map<string, ListValues>();
  readonly #lastGood = new Map<string, LoadedList>();

  constructor(ports: ShelfPorts) {
    this.#ports = ports;
  }

  /**
   * A list of a snapshot. When its values cannot be read, the version that was read last stands in for it; each such
   * case counts as `ListsStale`.
   *
   * @throws when there is none either, having counted it.
   */
  async find(name: string, entry: SnapshotList, deadline: Deadline): Promise<FoundList> {
    const lastGood = this.#lastGood.get(name);
    const patience = lastGood ? deadline.within(deadline.remainingMs() * PATIENCE) : deadline;
    try {
      const found = { version: entry.version, values: await this.#values(entry, patience) };
      this.#lastGood.set(name, found);
      return found;
    } catch (error) {
      this.#ports.metrics.count('ListsStale');
      if (!lastGood) throw error;
      return { ...lastGood, stale: patience.signal.aborted ? 'timeout' : 'unavailable' };
    }
  }

  async #values(entry: SnapshotList, deadline: Deadline): Promise<ListValues> {
    if (!('values' in entry)) return lookUpOf(entry.document.values);
    const { sha256 } = entry.values;
    const bytes = this.#byHash.has(sha256) ? undefined : await this.#ports.catalog.bytes(entry.values, deadline);
    // Another detector may have waited for the same bytes, and read them a moment ago.
    const values = this.#byHash.get(sha256) ?? lookUpOf(valuesInListObject(bytes!));
    // To the end: the first of the map is the longest unused.
    this.#byHash.delete(sha256);
    this.#byHash.set(sha256, values);
    const [oldest] = this.#byHash.keys();
    if (this.#byHash.size > MOST_KEPT && oldest !== undefined) this.#byHash.delete(oldest);
    return values;
  }
}

/** Values by text, each with the instant until which it counts; one that is listed twice counts longest. */
export const lookUpOf = (entries: List['values']): ListValues => {
  const values = new Map<string, number>();
  for (const entry of entries) {
    const [value, untilMs] =
      typeof entry === 'string' ? [entry, Number.POSITIVE_INFINITY] : [entry.value, Date.parse(entry.until)];
    values.set(value, Math.max(untilMs, values.get(value) ?? Number.NEGATIVE_INFINITY));
  }
  return values;
};

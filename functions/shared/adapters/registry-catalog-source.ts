import { createHash } from 'node:crypto';

import { type Catalog, catalogOf } from '#domain/catalog/catalog.ts';
import { CatalogSnapshotSchema } from '#domain/catalog/snapshot.ts';
import { ServiceError } from '#domain/errors.ts';
import type { CatalogSource } from '#ports/catalog-source.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { ObjectStore, RegistryHead, RegistryStore } from '#ports/registry-store.ts';
import type { Metrics } from '#ports/telemetry.ts';
import { deadlineIn, orAborted } from '#runtime/deadline.ts';

/** How long a catalog is used before the registry is asked again. */
const CHECK_EVERY_MS = 5_000;

/** Longest wait for the registry while there is an older catalog to go on with, and while there is none. */
const REFRESH_MS = 300;
const FIRST_READ_MS = 8_000;
/** Share of its time that a caller waits for that, since the older catalog is good enough to answer with. */
const REFRESH_SHARE = 0.1;

export interface CatalogPorts {
  readonly registry: Pick<RegistryStore, 'head'>;
  /** The models bucket. */
  readonly objects: Pick<ObjectStore, 'get'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/**
 * The catalog that the registry's head points to.
 *
 * Looks at the head at most every five seconds; calls at the same time share one look. While the registry is down, the
 * last good catalog stays in use and `CatalogStale` counts each look that failed. Snapshots and objects count only
 * when their bytes have the SHA-256 that names them.
 */
export class RegistryCatalogSource implements CatalogSource {
  readonly #ports: CatalogPorts;
  #last: Catalog | undefined;
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<Catalog> | undefined;
  readonly #objects = new Map<string, Promise<Uint8Array>>();

  constructor(ports: CatalogPorts) {
    this.#ports = ports;
  }

  async current(deadline: Deadline): Promise<Catalog> {
    const last = this.#last;
    const ageMs = this.#ports.clock.nowMs() - this.#checkedAtMs;
    // A clock that was set back gives a negative age: then it is time to look, too.
    if (last && ageMs >= 0 && ageMs < CHECK_EVERY_MS) return last;
    const looking = this.#look(last ? REFRESH_MS : FIRST_READ_MS);
    const patience = last ? deadline.within(deadline.remainingMs() * REFRESH_SHARE) : deadline;
    try {
      return await orAborted(looking, patience.signal);
    } catch (error) {
      if (last) return last;
      throw asUnavailable(error);
    }
  }

  async newest(deadline: Deadline): Promise<Catalog> {
    // A look that is under way began before this question, and may have missed what is asked for.
    await this.#reading?.catch(() => {});
    try {
      return await orAborted(this.#look(FIRST_READ_MS), deadline.signal);
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  async bytes(object: { readonly key: string; readonly sha256: string }, deadline: Deadline): Promise<Uint8Array> {
    const reading = this.#objects.get(object.sha256) ?? this.#readObject(object);
    this.#objects.set(object.sha256, reading);
    return orAborted(reading, deadline.signal);
  }

  /** The look at the registry that is under way, or a new one. It has a time of its own, since callers share it. */
  #look(withinMs: number): Promise<Catalog> {
    this.#reading ??= this.#read(deadlineIn(withinMs)).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(deadline: Deadline): Promise<Catalog> {
    const { registry, clock, metrics } = this.#ports;
    try {
      const head = await registry.head(deadline);
      if (!head) throw new ServiceError('catalog_unavailable', 'no catalog is registered yet; deploy one');
      if (head.snapshotHash !== this.#last?.hash) this.#adopt(await this.#snapshot(head, deadline));
      return this.#last!;
    } catch (error) {
      if (this.#last) metrics.count('CatalogStale');
      throw error;
    } finally {
      this.#checkedAtMs = clock.nowMs();
    }
  }

  async #snapshot({ snapshotKey, snapshotHash }: RegistryHead, deadline: Deadline): Promise<Catalog> {
    const bytes = await this.#verified({ key: snapshotKey, sha256: snapshotHash }, deadline);
    return catalogOf(CatalogSnapshotSchema.parse(JSON.parse(new TextDecoder().decode(bytes))), snapshotHash);
  }

  /** Takes over a snapshot, and lets go of the objects that it does not name. */
  #adopt(catalog: Catalog): void {
    this.#last = catalog;
    const { models, references, lists } = catalog.snapshot;
    const values = Object.values(lists).flatMap((list) => ('values' in list ? [list.values] : []));
    const named = new Set(
      [...Object.values(models), ...Object.values(references), ...values].map(({ sha256 }) => sha256),
    );
    for (const sha256 of this.#objects.keys()) if (!named.has(sha256)) this.#objects.delete(sha256);
  }

  async #readObject(object: { readonly key: string; readonly sha256: string }): Promise<Uint8Array> {
    try {
      return await this.#verified(object, deadlineIn(FIRST_READ_MS));
    } catch (error) {
      this.#objects.delete(object.sha256);
      throw error;
    }
  }

  async #verified({ key, sha256 }: { key: string; sha256: string }, deadline: Deadline): Promise<Uint8Array> {
    const bytes = await this.#ports.objects.get(key, deadline);
    if (!bytes) throw new ServiceError('catalog_unavailable', `the models bucket has no '${key}'; deploy again`);
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
      throw new ServiceError(
        'catalog_unavailable',
        `'${key}' is damaged: its bytes do not match its hash; deploy again`,
      );
    }
    return bytes;
  }
}

const asUnavailable = (error: unknown): ServiceError =>
  error instanceof ServiceError && error.code === 'catalog_unavailable'
    ? error
    : new ServiceError('catalog_unavailable', 'the catalog cannot be read; repeat the request', { cause: error });

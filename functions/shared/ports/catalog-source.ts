import type { Catalog } from '#domain/catalog/catalog.ts';
import type { Deadline } from './clock.ts';

/** Gives the catalog that is active now: at most 10 seconds old, kept from the last call when the registry is down. */
export interface CatalogSource {
  /** @throws {ServiceError} `catalog_unavailable` when none was ever read. */
  current(deadline: Deadline): Promise<Catalog>;
  /**
   * The catalog as the registry has it at this moment: for a name that the current one lacks, which may have been
   * registered seconds ago. Costs a look at the registry.
   *
   * @throws {ServiceError} `catalog_unavailable` when the registry cannot be read.
   */
  newest(deadline: Deadline): Promise<Catalog>;
  /** Bytes of an object that the catalog names (a model, a reference), checked against its SHA-256. */
  bytes(object: { readonly key: string; readonly sha256: string }, deadline: Deadline): Promise<Uint8Array>;
}

import type { CatalogSnapshot } from '#domain/catalog/snapshot.ts';
import type { Deadline } from '#ports/clock.ts';
import type { LakeStore } from '#ports/lake-store.ts';
import { LAKE_TABLE_NAMES } from '../../functions/lake/tables.ts';
import { eventTypeNames } from '../system/catalog.ts';
import { folderOf } from './read-lake.ts';

/** Where names of event types are known. */
export interface EventTypeSources {
  readonly lake: Pick<LakeStore, 'list'>;
  /** Read only for a name that the lake does not know: who may read the lake need not be allowed to read the catalog. */
  readonly catalog: () => Promise<Pick<CatalogSnapshot, 'eventTypes'>>;
}

/**
 * Tells an event type of which nothing has come yet from one that there is not. One that the catalog has no more goes
 * on while the lake has rows of it.
 *
 * @throws {Error} that names the event types there are.
 */
export const checkEventType = async (
  eventType: string,
  { lake, catalog }: EventTypeSources,
  deadline: Deadline,
): Promise<void> => {
  for (const table of LAKE_TABLE_NAMES) {
    const folder = folderOf({ table, eventType });
    for await (const _ of lake.list(folder, folder, deadline)) return;
  }
  const known = eventTypeNames(await catalog());
  if (known.includes(eventType)) return;
  throw new Error(
    `there is no event type '${eventType}' in the catalog, nor rows of it in the lake; there are: ${known.join(', ') || 'none'}`,
  );
};

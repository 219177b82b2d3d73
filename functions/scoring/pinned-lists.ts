import type { Decision } from '#domain/decision.ts';
import { ServiceError } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import type { ObjectStore, RegistryStore } from '#ports/registry-store.ts';
import { LIST_FORM } from '../registrar/document-form.ts';
import { readRegistered } from '../registrar/register-version.ts';
import { type LoadedList, lookUpOf } from './list-shelf.ts';
import type { PreparedDetector } from './prepared-detector.ts';

/**
 * A detector with exactly the versions of lists that a decision pins, for its replay. Most decisions used those of
 * their snapshot; one that was made while a list could not be read used an older version, which the registry has still.
 *
 * @throws {ServiceError} `not_found` for a version that is not on record, `catalog_unavailable` when its object is lost.
 */
export const withPinnedLists = async (
  { lists: pinned }: Pick<Decision, 'lists'>,
  prepared: PreparedDetector,
  deadline: Deadline,
  { registry, objects }: { readonly registry: RegistryStore; readonly objects: Pick<ObjectStore, 'get'> },
): Promise<PreparedDetector> => {
  const loaded = new Map<string, LoadedList>();
  for (const [name, version] of Object.entries(pinned)) {
    const current = prepared.lists.get(name);
    if (current && prepared.listVersions[name] === version) {
      loaded.set(name, { version, values: current });
      continue;
    }
    const registered = (await registry.versions('list', name, deadline)).find((known) => known.version === version);
    if (!registered) throw new ServiceError('not_found', `version ${version} of list '${name}' is not on record`);
    const { values } = await readRegistered(registered, LIST_FORM, deadline, objects);
    loaded.set(name, { version, values: lookUpOf(values) });
  }
  return {
    ...prepared,
    lists: new Map([...loaded].map(([name, { values }]) => [name, values])),
    listVersions: { ...pinned },
  };
};

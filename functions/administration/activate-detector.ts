import type { CatalogSnapshot } from '#domain/catalog/snapshot.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import { ServiceError } from '#domain/errors.ts';
import type { Reference } from '#model/reference.ts';
import type { Deadline } from '#ports/clock.ts';
import type { ObjectStore } from '#ports/registry-store.ts';
import { disowned } from '../registrar/deployment-changes.ts';
import { objectKey } from '../registrar/register-version.ts';
import { checkReferenceOf } from '../shared/catalog/check-model-file.ts';
import {
  type AdministrationPorts,
  type Asking,
  type ChangedCatalog,
  changeCatalog,
  refuseFields,
} from './change-catalog.ts';
import type { Activation } from './requests.ts';

type Pointer = CatalogSnapshot['references'][string];

/**
 * Lets a version of a detector decide, or lets the detector stand by. A score reference that comes along is in force
 * from the same moment, since a version with other members has no scores by the one before.
 */
export const activateDetector = async (
  name: string,
  { version, reference }: Activation,
  asking: Asking,
  deadline: Deadline,
  ports: AdministrationPorts,
): Promise<ChangedCatalog> => {
  const { objects } = ports;
  const active = version ?? undefined;
  return changeCatalog(
    {
      document: `detector#${name}`,
      act: active === undefined ? 'detector.standby' : 'detector.activate',
      draft: async (standing) => {
        const { versions } = detectorIn(standing, name, active);
        const pointer = reference ? await keepReference(reference, deadline, objects) : standing.references[name];
        if (active !== undefined && pointer) {
          await checkFits(standing, { name, version: active, pointer }, deadline, objects);
        }
        const snapshot = {
          ...standing,
          detectors: { ...standing.detectors, [name]: { ...(active !== undefined && { active }), versions } },
          references: { ...standing.references, ...(pointer && { [name]: pointer }) },
        };
        const stays = standing.detectors[name]?.active === active;
        return { snapshot: stays ? snapshot : disowned(snapshot, `detector#${name}`) };
      },
    },
    asking,
    deadline,
    ports,
  );
};

/** Gives the version of a detector that decides, or the newest while all stand by, another score reference. */
export const putReference = async (
  name: string,
  reference: Reference,
  asking: Asking,
  deadline: Deadline,
  ports: AdministrationPorts,
): Promise<ChangedCatalog> => {
  const { objects } = ports;
  return changeCatalog(
    {
      document: `reference#${name}`,
      act: 'reference.put',
      draft: async (standing) => {
        const { active, versions } = detectorIn(standing, name);
        const pointer = await keepReference(reference, deadline, objects);
        const version = active ?? versions.at(-1)!.version;
        await checkFits(standing, { name, version, pointer }, deadline, objects);
        return { snapshot: { ...standing, references: { ...standing.references, [name]: pointer } } };
      },
    },
    asking,
    deadline,
    ports,
  );
};

/** @throws {ServiceError} `not_found` when there is no such detector, or no such version of it. */
export const detectorIn = (
  { detectors }: CatalogSnapshot,
  name: string,
  version?: number,
): CatalogSnapshot['detectors'][string] => {
  const detector = Object.hasOwn(detectors, name) ? detectors[name] : undefined;
  if (!detector) throw new ServiceError('not_found', `there is no detector '${name}'; put it first`);
  if (version === undefined || detector.versions.some((known) => known.version === version)) return detector;
  const known = detector.versions.map((each) => each.version).join(', ');
  throw new ServiceError('not_found', `detector '${name}' has no version ${version}; it has ${known}`);
};

/** Stores a reference. What is never pointed to afterwards does no harm: it is named by its content. */
const keepReference = async (reference: Reference, deadline: Deadline, objects: ObjectStore): Promise<Pointer> => {
  const bytes = Buffer.from(JSON.stringify(reference));
  const sha256 = sha256Hex(bytes);
  await objects.put(objectKey(sha256), bytes, 'application/json', deadline);
  return { key: objectKey(sha256), sha256 };
};

const checkFits = async (
  { detectors, models }: CatalogSnapshot,
  { name, version, pointer }: { readonly name: string; readonly version: number; readonly pointer: Pointer },
  deadline: Deadline,
  objects: Pick<ObjectStore, 'get'>,
): Promise<void> => {
  const document = detectors[name]?.versions.find((known) => known.version === version)?.document;
  if (!document) return;
  const bytes = await objects.get(pointer.key, deadline);
  const problem = checkReferenceOf(document, bytes, (model, of) => models[`${model}@${of}`]?.sha256);
  if (problem) refuseFields([{ field: 'reference', problem: `${problem.problem}; ${problem.remedy}` }]);
};

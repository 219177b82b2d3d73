import type { CatalogAsset } from '#domain/catalog/asset.ts';
import { type Detector, DetectorSchema } from '#domain/catalog/detector.ts';
import { type List, ModelSchema } from '#domain/catalog/documents.ts';
import { type EventType, EventTypeSchema } from '#domain/catalog/event-type.ts';
import type { CatalogSnapshot } from '#domain/catalog/snapshot.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import { ServiceError } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import type { ObjectStore } from '#ports/registry-store.ts';
import type { TokeniserSource } from '#ports/tokeniser.ts';
import type { DeploymentChanges } from './deployment-changes.ts';
import { LIST_FORM, wholeForm } from './document-form.ts';
import { keysOf, lookUpForm } from './look-up-form.ts';
import { newestModels, pinMembers } from './pin-members.ts';
import { type ListEntry, listEntryOf } from './register-list.ts';
import { objectKey, type Registered, type Registration, type RegistrationPorts } from './register-version.ts';
import { createDesk, type Desk, type Refusal } from './registration-desk.ts';

export type RegisteredModel = CatalogSnapshot['models'][string];

/** One version of a detector, and whether the catalog wants it to decide. */
export interface RegisteredDetectorVersion extends Registered<Detector> {
  readonly active: boolean;
}

/** The changed documents of the checkout with their numbers; of a refused one, the version that stands. */
export interface RegisteredDocuments {
  readonly eventTypes: ReadonlyMap<string, Registered<EventType>>;
  readonly lists: ReadonlyMap<string, ListEntry>;
  /** By `name@version`: those of the catalog, and those that were in use before. */
  readonly models: ReadonlyMap<string, RegisteredModel>;
  /** Versions of each detector that the catalog has; none of a refused one that never stood. */
  readonly detectors: ReadonlyMap<string, readonly RegisteredDetectorVersion[]>;
  /** How many versions are new. */
  readonly added: number;
  readonly refused: readonly Refusal[];
}

export interface RegisteringPorts extends RegistrationPorts {
  readonly tokeniser: TokeniserSource;
}

/** Whether a document was refused where another stands already, which then stays whoever wrote it. */
const isMoot = ({ outcome }: Registration<unknown>, standing: unknown): boolean =>
  outcome === 'refused' && standing !== undefined;

/** What is registered: the changes of a catalog against what stands. */
export interface Registering {
  readonly asset: CatalogAsset;
  readonly previous: CatalogSnapshot | undefined;
  readonly changes: DeploymentChanges;
}

/** The form of each kind of document but lists. */
export const FORMS = {
  eventType: wholeForm(EventTypeSchema),
  model: wholeForm(ModelSchema),
  detector: wholeForm(DetectorSchema),
} as const;

/** Registers every changed document: what detectors refer to first, so that they can be pinned to versions. */
export const registerDocuments = async (
  registering: Registering,
  deadline: Deadline,
  ports: RegisteringPorts,
): Promise<RegisteredDocuments> => {
  const { asset, previous, changes } = registering;
  const desk = createDesk(deadline, ports);
  const eventTypes = new Map<string, Registered<EventType>>();
  for (const document of asset.eventTypes) {
    const name = document.eventType;
    if (!changes.isChanged(`event-type#${name}`)) continue;
    const registration = await desk.register({ kind: 'event-type', name, document, form: FORMS.eventType });
    if (!isMoot(registration, previous?.eventTypes[name])) eventTypes.set(name, registration.registered);
  }
  const lists = await registerLists(registering, desk, deadline, ports);
  const models = await registerModels(registering, desk, deadline, ports.objects);
  const detectors = await registerDetectors(registering, models, desk);
  return { eventTypes, lists, models, detectors, added: desk.added(), refused: desk.refused };
};

/** Changed lists, and those of the deployment whose values have fewer tokens than there are keys by now. */
const registerLists = async (
  { asset, previous, changes }: Registering,
  desk: Desk,
  deadline: Deadline,
  { tokeniser: tokenisers, objects }: RegisteringPorts,
): Promise<ReadonlyMap<string, ListEntry>> => {
  const lists = new Map<string, ListEntry>();
  for (const list of asset.lists) {
    const name = list.list;
    const tokeniser = list.of === undefined ? undefined : await tokenisers.current(deadline);
    const standing = previous?.lists[name];
    const keys = tokeniser && keysOf(tokeniser);
    const outOfKeys = standing && 'values' in standing && standing.values.keys !== keys;
    const renews = outOfKeys && changes.wroteLast(`list#${name}`, standing.version);
    if (!changes.isChanged(`list#${name}`) && !renews) continue;
    const document: List = lookUpForm(list, tokeniser);
    const registration = await desk.register({ kind: 'list', name, document, form: LIST_FORM });
    if (isMoot(registration, standing)) continue;
    lists.set(name, await listEntryOf(registration.registered, { keys, standing }, deadline, objects));
  }
  return lists;
};

const registerModels = async (
  { asset, previous, changes }: Registering,
  desk: Desk,
  deadline: Deadline,
  objects: ObjectStore,
): Promise<ReadonlyMap<string, RegisteredModel>> => {
  const all = new Map(Object.entries(previous?.models ?? {}));
  const stored = new Set([...all.values()].map(({ sha256 }) => sha256));
  for (const { document, file } of asset.models) {
    const name = document.model;
    if (!changes.isChanged(`model#${name}`)) continue;
    if (!stored.has(file.sha256)) {
      await objects.put(objectKey(file.sha256), bytesOf(file), 'application/octet-stream', deadline);
    }
    const fileSha256 = file.sha256;
    const { registered } = await desk.register({ kind: 'model', name, document, form: FORMS.model, fileSha256 });
    all.set(`${name}@${registered.version}`, modelEntryOf(registered, fileSha256));
  }
  return all;
};

/** A model as snapshots have it. A refused model stands with the file that it was registered with. */
export const modelEntryOf = (
  { version, hash, document, fileSha256 }: Registered<RegisteredModel['document']>,
  given: string,
): RegisteredModel => {
  const sha256 = fileSha256 ?? given;
  return { version, hash, document, key: objectKey(sha256), sha256 };
};

const registerDetectors = async (
  { asset: { detectors }, previous, changes }: Registering,
  models: ReadonlyMap<string, RegisteredModel>,
  desk: Desk,
): Promise<ReadonlyMap<string, readonly RegisteredDetectorVersion[]>> => {
  const pinnable = { known: new Set(models.keys()), newest: newestModels(models.values()) };
  const versions = new Map<string, RegisteredDetectorVersion[]>();
  for (const document of detectors) {
    const { detector: name, status, version } = document;
    if (!changes.isChanged(`detector#${name}`)) continue;
    const of = versions.get(name) ?? [];
    versions.set(name, of);
    const pinning = pinMembers(document, pinnable);
    if (!pinning.ok) {
      const problem = `model ${pinning.missing.join(', ')} is not registered; add it to the catalog`;
      desk.refused.push({ kind: 'detector', name, version, problem });
      continue;
    }
    const unregistered = { kind: 'detector' as const, name, document: pinning.pinned, form: FORMS.detector };
    const registration = await desk.register(unregistered);
    if (isMoot(registration, previous?.detectors[name])) continue;
    of.push({ ...registration.registered, active: status === 'active' });
  }
  return versions;
};

/** The bytes of a file that the asset carries. @throws {ServiceError} when they are damaged. */
export const bytesOf = ({ sha256, base64 }: CatalogAsset['models'][number]['file']): Uint8Array => {
  const bytes = Buffer.from(base64, 'base64');
  if (sha256Hex(bytes) === sha256) return bytes;
  throw new ServiceError('invalid_input', 'a file of the catalog is damaged: its bytes do not match its hash');
};

import type { CatalogAsset } from '#domain/catalog/asset.ts';
import { type Detector, DetectorSchema } from '#domain/catalog/detector.ts';
import { type List, ModelSchema, RegisteredListSchema } from '#domain/catalog/documents.ts';
import { type EventType, EventTypeSchema } from '#domain/catalog/event-type.ts';
import type { CatalogSnapshot } from '#domain/catalog/snapshot.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import { ServiceError } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import type { ObjectStore } from '#ports/registry-store.ts';
import type { TokeniserSource } from '#ports/tokeniser.ts';
import { contentOfList, lookUpForm } from './look-up-form.ts';
import { pinMembers } from './pin-members.ts';
import { objectKey, type Registered, type RegistrationPorts } from './register-version.ts';
import { createDesk, type Desk, type Refusal } from './registration-desk.ts';

export type RegisteredModel = CatalogSnapshot['models'][string];

/** One version of a detector, and whether the catalog wants it to decide. */
export interface RegisteredDetectorVersion extends Registered<Detector> {
  readonly active: boolean;
}

/** The catalog's documents with their numbers; of a refused one, the version that stands. */
export interface RegisteredDocuments {
  readonly eventTypes: ReadonlyMap<string, Registered<EventType>>;
  readonly lists: ReadonlyMap<string, Registered<List>>;
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

/** Registers every document: what detectors refer to first, so that they can be pinned to versions. */
export const registerDocuments = async (
  asset: CatalogAsset,
  previous: CatalogSnapshot | undefined,
  deadline: Deadline,
  ports: RegisteringPorts,
): Promise<RegisteredDocuments> => {
  const desk = createDesk(deadline, ports);
  const eventTypes = new Map<string, Registered<EventType>>();
  for (const document of asset.eventTypes) {
    const name = document.eventType;
    eventTypes.set(name, await desk.register({ kind: 'event-type', name, document, schema: EventTypeSchema }));
  }
  const lists = new Map<string, Registered<List>>();
  for (const list of asset.lists) {
    const tokeniser = list.of === undefined ? undefined : await ports.tokeniser.current(deadline);
    const document = lookUpForm(list, tokeniser);
    const form = { schema: RegisteredListSchema, contentOf: contentOfList };
    lists.set(list.list, await desk.register({ kind: 'list', name: list.list, document, ...form }));
  }
  const models = await registerModels(asset, previous, { desk, deadline, objects: ports.objects });
  const detectors = await registerDetectors(asset, models, desk);
  return { eventTypes, lists, models: models.all, detectors, added: desk.added(), refused: desk.refused };
};

interface Models {
  readonly all: ReadonlyMap<string, RegisteredModel>;
  readonly newest: ReadonlyMap<string, number>;
}

const registerModels = async (
  asset: CatalogAsset,
  previous: CatalogSnapshot | undefined,
  { desk, deadline, objects }: { readonly desk: Desk; readonly deadline: Deadline; readonly objects: ObjectStore },
): Promise<Models> => {
  const all = new Map(Object.entries(previous?.models ?? {}));
  const stored = new Set([...all.values()].map(({ sha256 }) => sha256));
  const newest = new Map<string, number>();
  for (const { document, file } of asset.models) {
    const name = document.model;
    if (!stored.has(file.sha256)) {
      await objects.put(objectKey(file.sha256), bytesOf(file), 'application/octet-stream', deadline);
    }
    const fileSha256 = file.sha256;
    const registered = await desk.register({ kind: 'model', name, document, schema: ModelSchema, fileSha256 });
    // A refused model stands with the file that it was registered with.
    const sha256 = registered.fileSha256 ?? fileSha256;
    const { version, hash } = registered;
    all.set(`${name}@${version}`, { version, hash, document: registered.document, key: objectKey(sha256), sha256 });
    newest.set(name, Math.max(version, newest.get(name) ?? 0));
  }
  return { all, newest };
};

const registerDetectors = async (
  { detectors }: CatalogAsset,
  { all, newest }: Models,
  desk: Desk,
): Promise<ReadonlyMap<string, readonly RegisteredDetectorVersion[]>> => {
  const known = new Set(all.keys());
  const versions = new Map<string, RegisteredDetectorVersion[]>();
  for (const document of detectors) {
    const { detector: name, status, version } = document;
    const of = versions.get(name) ?? [];
    versions.set(name, of);
    const pinning = pinMembers(document, { known, newest });
    if (!pinning.ok) {
      const problem = `model ${pinning.missing.join(', ')} is not registered; add it to the catalog`;
      desk.refused.push({ kind: 'detector', name, version, problem });
      continue;
    }
    const unregistered = { kind: 'detector' as const, name, document: pinning.pinned, schema: DetectorSchema };
    const registered = await desk.register(unregistered);
    of.push({ ...registered, active: status === 'active' });
  }
  return versions;
};

/** The bytes of a file that the asset carries. @throws {ServiceError} when they are damaged. */
export const bytesOf = ({ sha256, base64 }: CatalogAsset['models'][number]['file']): Uint8Array => {
  const bytes = Buffer.from(base64, 'base64');
  if (sha256Hex(bytes) === sha256) return bytes;
  throw new ServiceError('invalid_input', 'a file of the catalog is damaged: its bytes do not match its hash');
};

import type * as z from 'zod';

import type { SnapshotList } from '#domain/catalog/snapshot.ts';
import { ServiceError } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import type { RegisteredKind } from '#ports/registry-store.ts';
import { type CommitPorts, seeCatalog } from '../registrar/commit-snapshot.ts';
import { contentOfList } from '../registrar/look-up-form.ts';
import { newestModels } from '../registrar/pin-members.ts';
import type { DocumentKey } from '../shared/catalog/check-snapshot.ts';
import { detectorIn } from './activate-detector.ts';
import type {
  CatalogAnswerSchema,
  DetectorAnswerSchema,
  EventTypeAnswerSchema,
  ListAnswerSchema,
  ModelAnswerSchema,
  VersionSummarySchema,
} from './answers.ts';
import { etagOf } from './change-catalog.ts';

type ReadPorts = Pick<CommitPorts, 'registry' | 'objects'>;

/** What is read, and its state for the next call's `If-Match`. */
export interface Read<Answer> {
  readonly answer: Answer;
  readonly etag: string;
}

/** All that is in force, by name. */
export const readCatalog = async (
  deadline: Deadline,
  ports: ReadPorts,
): Promise<z.input<typeof CatalogAnswerSchema>> => {
  const { head, snapshot } = await standing(deadline, ports);
  const { eventTypes, detectors, models, lists, switches } = snapshot;
  const byModel = Map.groupBy(Object.values(models), ({ document }) => document.model);
  return {
    revision: head.revision,
    snapshot: head.snapshotHash,
    eventTypes: Object.entries(eventTypes).map(([name, { version }]) => ({ name, version })),
    detectors: Object.entries(detectors).map(([name, { active, versions }]) => ({
      name,
      eventType: versions.at(-1)!.document.eventType,
      newest: versions.at(-1)!.version,
      ...(active !== undefined && { active }),
      rulesOnly: switches.rulesOnly.includes(name),
    })),
    models: [...byModel].map(([name, versions]) => ({
      name,
      versions: versions.map(({ version }) => version).sort((left, right) => left - right),
    })),
    lists: Object.entries(lists).map(([name, list]) => ({
      name,
      version: list.version,
      count: countOf(list),
      ...(list.document.of !== undefined && { of: list.document.of }),
    })),
  };
};

/** An event type in force. */
export const readEventType = async (
  name: string,
  deadline: Deadline,
  ports: ReadPorts,
): Promise<Read<z.input<typeof EventTypeAnswerSchema>>> => {
  const { snapshot } = await standing(deadline, ports);
  const { version, document } = entryIn(snapshot.eventTypes, 'event type', name);
  const versions = await versionsOf('event-type', name, deadline, ports);
  return { answer: { name, version, document, versions }, etag: etagOf(`event-type#${name}`, snapshot) };
};

/** A model, in its newest version. */
export const readModel = async (
  name: string,
  deadline: Deadline,
  ports: ReadPorts,
): Promise<Read<z.input<typeof ModelAnswerSchema>>> => {
  const { snapshot } = await standing(deadline, ports);
  const newest = newestModels(Object.values(snapshot.models)).get(name);
  const { version, document, sha256 } = entryIn(
    snapshot.models,
    'model',
    newest === undefined ? name : `${name}@${newest}`,
  );
  const versions = await versionsOf('model', name, deadline, ports);
  return { answer: { name, version, document, sha256, versions }, etag: etagOf(`model#${name}`, snapshot) };
};

/** A version of a detector: the one asked for, or the one that decides, or the newest while all stand by. */
export const readDetector = async (
  name: string,
  asked: number | undefined,
  deadline: Deadline,
  ports: ReadPorts,
): Promise<Read<z.input<typeof DetectorAnswerSchema>>> => {
  const { snapshot } = await standing(deadline, ports);
  const { active, versions } = detectorIn(snapshot, name, asked);
  const version = asked ?? active ?? versions.at(-1)!.version;
  const { document } = versions.find((known) => known.version === version)!;
  const reference = snapshot.references[name]?.sha256;
  const answer = {
    name,
    version,
    document,
    ...(active !== undefined && { active }),
    rulesOnly: snapshot.switches.rulesOnly.includes(name),
    ...(reference !== undefined && { reference }),
    versions: await versionsOf('detector', name, deadline, ports),
  };
  return { answer, etag: etagOf(`detector#${name}`, snapshot) };
};

/** A list without its values, which nobody reads back: most are tokens. */
export const readList = async (
  name: string,
  deadline: Deadline,
  ports: ReadPorts,
): Promise<Read<z.input<typeof ListAnswerSchema>>> => {
  const { snapshot } = await standing(deadline, ports);
  const list = entryIn<SnapshotList>(snapshot.lists, 'list', name);
  const { description, of } = list.document;
  const keys = 'values' in list ? list.values.keys : undefined;
  const answer = {
    name,
    version: list.version,
    ...(description !== undefined && { description }),
    ...(of !== undefined && { of }),
    count: countOf(list),
    ...(keys !== undefined && { keys }),
    versions: await versionsOf('list', name, deadline, ports),
  };
  return { answer, etag: etagOf(`list#${name}`, snapshot) };
};

/** A detector's kill switch. */
export const readSwitch = async (
  name: string,
  deadline: Deadline,
  ports: ReadPorts,
): Promise<Read<{ readonly name: string; readonly rulesOnly: boolean }>> => {
  const { snapshot } = await standing(deadline, ports);
  detectorIn(snapshot, name);
  const document: DocumentKey = `switch#${name}`;
  return { answer: { name, rulesOnly: snapshot.switches.rulesOnly.includes(name) }, etag: etagOf(document, snapshot) };
};

/** How many values a list has. */
export const countOf = (list: SnapshotList): number =>
  'values' in list ? list.values.count : contentOfList(list.document).values.length;

const standing = async (deadline: Deadline, ports: ReadPorts) => {
  const { head, snapshot } = await seeCatalog(deadline, ports);
  if (head && snapshot) return { head, snapshot };
  throw new ServiceError('catalog_unavailable', 'there is no catalog to read yet; repeat the request in a few seconds');
};

const entryIn = <Entry>(entries: Readonly<Record<string, Entry>>, what: string, name: string): Entry => {
  const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (entry) return entry;
  throw new ServiceError('not_found', `there is no ${what} '${name}'; GET /v1/catalog names what there is`);
};

const versionsOf = async (
  kind: RegisteredKind,
  name: string,
  deadline: Deadline,
  { registry }: ReadPorts,
): Promise<z.input<typeof VersionSummarySchema>[]> => {
  const versions = await registry.versions(kind, name, deadline);
  return versions.map(({ version, hash, registeredAt, writtenBy = 'deployment' }) => ({
    version,
    hash,
    registeredAt,
    writtenBy,
  }));
};

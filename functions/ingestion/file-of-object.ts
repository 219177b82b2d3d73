import { isCanary } from '#domain/canary.ts';
import type { EventType } from '#domain/catalog/event-type.ts';
import { CatalogSnapshotSchema } from '#domain/catalog/snapshot.ts';
import { fileIdOf } from '#domain/file-id.ts';
import type { FileRecord } from '#domain/file-record.ts';
import { NO_COUNTS } from '#domain/file-sums.ts';
import type { CatalogSource } from '#ports/catalog-source.ts';
import type { Deadline } from '#ports/clock.ts';
import type { ArrivedObject } from './notification.ts';
import { HIDDEN_KEY, placeOf } from './place.ts';
import type { IngestionPorts } from './ports.ts';

/** Stands in a record for an event type that the key does not name. */
const UNKNOWN_EVENT_TYPE = 'unknown';

/** The canary drops files of events, and nobody files of feedback: none would be looked at, or go after a day. */
const RESERVED_REMEDY =
  "this event type is the system's own, and takes no files of feedback; drop the file under the event type that it is about";

/** A record of a file of which nothing has been read. */
export const newRecord = (
  identity: Pick<FileRecord, 'fileId' | 'purpose' | 'eventType' | 'source'> & Partial<FileRecord>,
  nowMs: number,
): FileRecord => ({
  v: 1,
  status: 'reading',
  startedAt: new Date(nowMs).toISOString(),
  checkpoint: { rows: 0, chunks: 0, quarantined: 0 },
  settledThrough: 0,
  counts: NO_COUNTS,
  outcomes: {},
  rules: {},
  quarantineReasons: {},
  degraded: 0,
  ...identity,
});

/** A record whose whole file is in quarantine. */
export const inQuarantine = (
  record: FileRecord,
  { reason, problem }: { readonly reason: string; readonly problem: string },
  nowMs: number,
): FileRecord => ({ ...record, status: 'quarantined', reason, problem, completedAt: new Date(nowMs).toISOString() });

/** The first record of an object: to be read, or in quarantine when nobody can tell what it is. */
export const firstRecordOf = async (
  object: ArrivedObject,
  deadline: Deadline,
  { clock, catalog }: Pick<IngestionPorts, 'clock' | 'catalog'>,
): Promise<FileRecord> => {
  const { bucket, key, versionId, bytes, eTag } = object;
  const nowMs = clock.nowMs();
  const fileId = fileIdOf(bucket, key, versionId);
  const source = { kind: 's3', bucket, key, versionId, bytes, ...(eTag !== undefined && { eTag }) } as const;
  const place = placeOf(object);
  if (!place.ok) {
    const kept = place.reason === 'personal_key' ? { ...source, key: HIDDEN_KEY } : source;
    const record = newRecord({ fileId, purpose: 'events', eventType: UNKNOWN_EVENT_TYPE, source: kept }, nowMs);
    return inQuarantine(record, place, nowMs);
  }
  const { purpose, eventType } = place;
  const identity = { fileId, purpose, eventType, source };
  if (purpose === 'feedback' && isCanary(eventType)) {
    const problem = { reason: 'reserved_event_type', problem: RESERVED_REMEDY };
    return inQuarantine(newRecord(identity, nowMs), problem, nowMs);
  }
  const known = await catalog.current(deadline);
  // The whole file is at stake, and its event type may have been deployed a moment ago.
  const current = known.eventType(eventType) ? known : await catalog.newest(deadline);
  const registered = current.eventType(eventType);
  if (!registered) {
    const problem = 'the catalog has no such event type; register it and drop the file again';
    return inQuarantine(newRecord(identity, nowMs), { reason: 'unknown_event_type', problem }, nowMs);
  }
  return newRecord({ ...identity, eventTypeVersion: registered.version, snapshot: current.hash }, nowMs);
};

/**
 * The event type as it was when reading of the file began. Rows that are read again must be admitted as they were
 * before, or chunks would not be the same, so a file is read under one catalog from its first row to its last.
 *
 * @throws {ServiceError} `catalog_unavailable` or `store_unavailable`.
 */
export const eventTypeFor = async (
  { eventType: name, eventTypeVersion, snapshot }: FileRecord,
  catalog: CatalogSource,
  deadline: Deadline,
): Promise<EventType | undefined> => {
  const registered = (await catalog.current(deadline)).eventType(name);
  if (snapshot === undefined || registered?.version === eventTypeVersion) return registered?.document;
  const bytes = await catalog.bytes({ key: `snapshots/${snapshot}.json`, sha256: snapshot }, deadline);
  const held = CatalogSnapshotSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  return held.eventTypes[name]?.document;
};

import * as z from 'zod';

import { admitEvent, type EventAdmission } from '#domain/admit-event.ts';
import type { EventType } from '#domain/catalog/event-type.ts';
import { type ChunkRow, type Slice, slicesOf } from '#domain/chunking.ts';
import { canonicalJson } from '#domain/content-hash.ts';
import { ServiceError } from '#domain/errors.ts';
import { eventTypeNamedIn } from '#domain/event-parts.ts';
import { batchIdOf } from '#domain/file-id.ts';
import type { FileRecord } from '#domain/file-record.ts';
import { NO_COUNTS } from '#domain/file-sums.ts';
import { NameSchema } from '#domain/names.ts';
import type { BadRow } from '#domain/row-problem.ts';
import type { Chunk } from '#ports/chunk-queue.ts';
import type { Deadline } from '#ports/clock.ts';
import type { Logger, Metrics } from '#ports/telemetry.ts';
import { eventTypeFor, newRecord } from './file-of-object.ts';
import { chunkRowOf, type EventContent } from './file-rows.ts';
import type { IngestionPorts } from './ports.ts';
import { sealRows } from './seal-rows.ts';
import { chunkOf, pendingRecordOf, reasonsOf, rowsIn } from './send-slices.ts';

/** Most events of one batch, and most bytes of its body. */
export const MAX_BATCH_EVENTS = 500;
export const MAX_BATCH_BYTES = 5_000_000;

/** Body of `POST /v1/events`: events of one type. */
export const BatchSchema = z.strictObject({
  /** May be left out when the events name it. */
  eventType: NameSchema.optional(),
  /** Each in Assay's form, Amazon Fraud Detector's, or flat. */
  events: z.array(z.record(z.string(), z.unknown())).min(1).max(MAX_BATCH_EVENTS),
});
export type Batch = z.infer<typeof BatchSchema>;

/** Who sends a batch, and what repeats of the same request share. */
export interface BatchRequest {
  readonly caller: string;
  readonly requestId: string;
  /** Chosen by the caller; without one every request is another batch. */
  readonly idempotencyKey?: string;
}

export type BatchPorts = Pick<
  IngestionPorts,
  'clock' | 'catalog' | 'tokenisers' | 'sealer' | 'ledger' | 'eventChunks' | 'retentionDays'
>;

/** What became of one event of a batch. `unavailable`: the queue did not take it; send it again. */
export type EventAnswer =
  | { readonly index: number; readonly status: 'accepted' | 'unavailable'; readonly eventId: string }
  | { readonly index: number; readonly status: 'rejected'; readonly problems: BadRow['problems'] };

/**
 * Admits a batch of events and sends them on to be decided, as the chunks of a file without an object.
 *
 * An event counts as accepted only when the queue has acknowledged it. Repeating a request with its idempotency key
 * gives the same file and decides nothing twice.
 *
 * @throws {ServiceError} `invalid_input` or `card_number_refused` when no event of the batch is valid (nothing is
 * recorded then), `not_found` for an event type that is not registered, `conflict` when the key was used for another
 * batch, `store_unavailable` when the queue took none.
 */
export const takeBatch = async (
  batch: Batch,
  { caller, requestId, idempotencyKey }: BatchRequest,
  request: { readonly deadline: Deadline; readonly metrics: Metrics; readonly logger: Logger },
  ports: BatchPorts,
): Promise<{ readonly fileId: string; readonly results: readonly EventAnswer[] }> => {
  const { deadline, metrics } = request;
  const fileId = batchIdOf(caller, idempotencyKey ?? requestId);
  const tokeniser = await ports.tokenisers.current(deadline);
  const contentHash = tokeniser.fingerprint(canonicalJson(batch));
  const known = idempotencyKey === undefined ? undefined : await ports.ledger.find(fileId);
  checkSame(known, contentHash);
  const base = known ?? (await recordOf(batch, { fileId, requestId, contentHash }, deadline, ports));
  const eventType = (await eventTypeFor(base, ports.catalog, deadline))!;
  const nowMs = Date.parse(base.startedAt);
  const rows = admitAll(batch, eventType, { tokeniser, nowMs, retentionDays: ports.retentionDays });
  const bad = rows.filter((row) => 'problems' in row);
  if (bad.length === rows.length) throw refusalOf(bad);

  const slices: Slice<EventContent>[] = [];
  for await (const slice of slicesOf(streamOf(rows))) slices.push(slice);
  const filled = slices.filter((slice) => slice.rows.length > 0);
  checkSame(await ports.ledger.begin(withRows(base, rows.length, filled.length, bad)), contentHash);
  const [sealings] = await Promise.all([
    sealRows(filled, request, ports),
    ports.ledger.addChunks(filled.map(({ rows }, index) => pendingRecordOf({ fileId, sequence: index + 1, rows }))),
  ]);
  const chunks = filled.map((slice, index) => chunkOf(base, index + 1, slice, sealings));
  const failed = await send(chunks, eventType, deadline, ports);
  metrics.count('RowsQuarantined', bad.length);
  metrics.count('EventsAccepted', rowsIn(chunks.filter(({ sequence }) => !failed.has(sequence))));
  const unsent = new Set(
    chunks.filter(({ sequence }) => failed.has(sequence)).flatMap(({ rows }) => rows.map(({ row }) => row)),
  );
  return { fileId, results: rows.map((row) => answerOf(row, unsent)) };
};

const checkSame = (record: FileRecord | undefined, contentHash: string): void => {
  if (record?.source.kind === 'api' && record.source.contentHash !== contentHash) {
    throw new ServiceError('conflict', 'this idempotency key was used for another batch; use a new one');
  }
};

const recordOf = async (
  batch: Batch,
  { fileId, ...source }: { readonly fileId: string; readonly requestId: string; readonly contentHash: string },
  deadline: Deadline,
  { catalog, clock }: BatchPorts,
): Promise<FileRecord> => {
  const eventType = eventTypeNameOf(batch);
  if (eventType === undefined) throw new ServiceError('invalid_input', "name the events' type in 'eventType'");
  const current = await catalog.current(deadline);
  const registered = current.eventType(eventType);
  if (!registered) throw new ServiceError('not_found', 'this event type is not registered; check its name');
  return newRecord(
    {
      fileId,
      purpose: 'events',
      eventType,
      eventTypeVersion: registered.version,
      snapshot: current.hash,
      source: { kind: 'api', ...source },
      status: 'settling',
    },
    clock.nowMs(),
  );
};

/** The type that the batch names, beside its events or in the first of them; admission refuses those of another. */
const eventTypeNameOf = ({ eventType, events }: Batch): string | undefined =>
  eventType ?? (events[0] && eventTypeNamedIn(events[0]));

type AdmittedRow = ChunkRow<EventContent> | BadRow;

const admitAll = (
  { events }: Batch,
  eventType: EventType,
  { tokeniser, nowMs, retentionDays }: EventAdmission,
): readonly AdmittedRow[] =>
  events.map((raw, index): AdmittedRow => {
    const row = index + 1;
    const admitted = admitEvent(raw, eventType, { tokeniser, nowMs, retentionDays });
    if ('problems' in admitted) return { row, line: row, problems: admitted.problems };
    const { ignored: _ignored, ...content } = admitted;
    return chunkRowOf(row, row, content);
  });

async function* streamOf<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

const withRows = (record: FileRecord, rows: number, chunks: number, bad: readonly BadRow[]): FileRecord => ({
  ...record,
  checkpoint: { rows, chunks, quarantined: bad.length },
  counts: { ...NO_COUNTS, quarantined: bad.length },
  quarantineReasons: reasonsOf(bad),
});

/** @returns the chunks that were not taken; a repeat of the request may still bring them. */
const send = async (
  chunks: readonly Chunk[],
  { ordering }: EventType,
  deadline: Deadline,
  { eventChunks, ledger }: BatchPorts,
): Promise<ReadonlySet<number>> => {
  const failed = await eventChunks.send(chunks, ordering, deadline);
  for (const chunk of chunks) {
    if (!failed.has(chunk.sequence)) continue;
    // Nobody will decide these, unless the request is repeated: a dead chunk may still settle.
    const dead = { ...NO_COUNTS, dead: chunk.rows.length };
    await ledger.settleChunk({ ...pendingRecordOf(chunk), status: 'dead', counts: dead });
  }
  if (failed.size === chunks.length) {
    throw new ServiceError('store_unavailable', 'the chunks queue took no event; repeat the request');
  }
  return failed;
};

const answerOf = (row: AdmittedRow, unsent: ReadonlySet<number>): EventAnswer => {
  const index = row.row - 1;
  if ('problems' in row) return { index, status: 'rejected', problems: row.problems };
  return { index, status: unsent.has(row.row) ? 'unavailable' : 'accepted', eventId: row.content.event.eventId };
};

/** Fields named in a refusal of a whole batch. */
const MAX_FIELDS = 20;

const refusalOf = (bad: readonly BadRow[]): ServiceError => {
  const fields = bad
    .flatMap(({ row, problems }) =>
      problems.map(({ field, problem }) => ({ field: `events.${row - 1}.${field}`, problem })),
    )
    .slice(0, MAX_FIELDS);
  const secret = bad.every(({ problems }) =>
    problems.some(({ reason }) => reason === 'card_number' || reason === 'secret_field'),
  );
  return secret
    ? new ServiceError('card_number_refused', 'every event holds a card number or a security code', { fields })
    : new ServiceError('invalid_input', "no event of the batch is valid; 'fields' says what to change", { fields });
};

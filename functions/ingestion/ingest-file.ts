import { type Slice, slicesOf } from '#domain/chunking.ts';
import { ServiceError } from '#domain/errors.ts';
import type { FileRecord } from '#domain/file-record.ts';
import { withSent } from '#domain/file-sums.ts';
import { type BadRow, WHOLE_ROW } from '#domain/row-problem.ts';
import { eventTypeFor, firstRecordOf, inQuarantine } from './file-of-object.ts';
import { type FileRows, openFileRows, type RowContent } from './file-rows.ts';
import type { ArrivedObject } from './notification.ts';
import { type Delivery, type IngestionPorts, isPassing, withLease } from './ports.ts';
import { sendSlices } from './send-slices.ts';

/** Slices that are sent together: two batches of the queue, or five of large chunks. */
const SLICES_AT_ONCE = 20;
/** With less time left, reading goes on in another invocation. */
const RESERVE_MS = 60_000;
/** Invocations that may read one file: beyond, something goes round in circles. */
const MAX_HOPS = 100;
/** Longer than a lease that nobody renews. */
const BUSY_DELAY_SECONDS = 30;
const RETRY_DELAY_SECONDS = 60;
const SETTLE_DELAY_SECONDS = 1;

/** Takes an object that arrived in the inbox. The same version announced again changes nothing. */
export const ingestObject = async (object: ArrivedObject, delivery: Delivery, ports: IngestionPorts): Promise<void> => {
  const first = await firstRecordOf(object, delivery.deadline, ports);
  const record = await ports.ledger.begin(first);
  if (record === first && record.status === 'quarantined') tellQuarantined(record, delivery);
  if (record.status === 'reading') await continueFile(record.fileId, 0, delivery, ports);
  // The delivery that read the file may have ended before it could ask for the look.
  if (record.status === 'settling') await askToSettle(record.fileId, delivery, ports);
};

/**
 * Reads a file on from its last checkpoint. When time runs short, or something that passes is down, a message to
 * itself goes on later, so that a file does not wait for the queue to deliver its notification again.
 *
 * @param hops - invocations before this one.
 * @throws {ServiceError} when there were too many, or not even the message could be sent.
 */
export const continueFile = async (
  fileId: string,
  hops: number,
  delivery: Delivery,
  ports: IngestionPorts,
): Promise<void> => {
  if (hops > MAX_HOPS) throw new ServiceError('internal', `file ${fileId} was not read within ${MAX_HOPS} invocations`);
  const goOn = (delaySeconds: number, more = 1) =>
    ports.messages.send({ v: 1, kind: 'continue', fileId, hops: hops + more }, delaySeconds, delivery.deadline);
  try {
    const done = await withLease(fileId, delivery, ports, async () => {
      const ended = await readOn(fileId, delivery, ports);
      if (!ended) await goOn(0);
    });
    if (!done && (await ports.ledger.find(fileId))?.status === 'reading') await goOn(BUSY_DELAY_SECONDS);
  } catch (error) {
    if (!isPassing(error)) throw error;
    delivery.logger.error('reading interrupted', error, { fileId, hops });
    await goOn(RETRY_DELAY_SECONDS);
  }
};

/** @returns false when time ran short before the end of the file. */
const readOn = async (fileId: string, delivery: Delivery, ports: IngestionPorts): Promise<boolean> => {
  const found = await ports.ledger.find(fileId);
  // The invocation that came to the end of the file may have ended before it could ask for the look.
  if (found?.status === 'settling') await askToSettle(fileId, delivery, ports);
  if (found?.status !== 'reading' || found.source.kind !== 's3') return true;
  const eventType = await eventTypeFor(found, ports.catalog, delivery.deadline);
  if (!eventType) throw new ServiceError('catalog_unavailable', `event type '${found.eventType}' cannot be read`);
  const rows = await openRecordRows(found, eventType, delivery, ports);
  const record = rows.ok ? found : await withSentChunks(found, ports);
  if (!rows.ok && record.checkpoint.rows === 0) {
    const quarantined = inQuarantine(record, rows, ports.clock.nowMs());
    await ports.ledger.update(quarantined, delivery.owner);
    tellQuarantined(quarantined, delivery);
    return true;
  }
  const read = await sendAll(record, rows.ok ? rows.rows : cutShort(record, rows), eventType.ordering, delivery, ports);
  if (!read.ended) return false;
  const ignored = rows.ok ? [...rows.ignored] : [];
  const settling: FileRecord = {
    ...read.record,
    status: 'settling',
    ...(ignored.length > 0 && { ignoredColumns: ignored }),
  };
  await ports.ledger.update(settling, delivery.owner);
  await askToSettle(fileId, delivery, ports);
  return true;
};

const openRecordRows = async (
  { source, purpose, startedAt, checkpoint }: FileRecord,
  eventType: Parameters<typeof openFileRows>[1]['eventType'],
  { deadline }: Delivery,
  ports: IngestionPorts,
): Promise<FileRows> => {
  if (source.kind !== 's3') return { ok: false, reason: 'no_object', problem: 'a batch has no object' };
  const opened = await ports.inbox.open(source, deadline);
  if (!opened.found) {
    const problem = `this version of the object was ${opened.why} before it was read; drop the file again`;
    return { ok: false, reason: `version_${opened.why}`, problem };
  }
  return openFileRows(opened, {
    key: source.key,
    purpose,
    eventType,
    tokeniser: await ports.tokenisers.current(deadline),
    nowMs: Date.parse(startedAt),
    retentionDays: ports.retentionDays,
    skipRows: checkpoint.rows,
  });
};

/**
 * The record with the chunks behind its checkpoint. They were sent when the last invocation was broken off, so their
 * rows count, although the object is not there any more to be read again up to them.
 */
const withSentChunks = async (record: FileRecord, { ledger }: IngestionPorts): Promise<FileRecord> => {
  let sent = record;
  for await (const chunk of ledger.chunksAfter(record.fileId, record.checkpoint.chunks)) sent = withSent(sent, chunk);
  return sent;
};

/** In place of the rows that cannot be read any more, one that says so. */
async function* cutShort(
  { checkpoint }: FileRecord,
  { reason, problem }: { readonly reason: string; readonly problem: string },
): AsyncGenerator<BadRow> {
  const row = checkpoint.rows + 1;
  yield { row, line: row, problems: [{ field: WHOLE_ROW, reason, problem }] };
}

const sendAll = async (
  first: FileRecord,
  rows: Parameters<typeof slicesOf<RowContent>>[0],
  ordering: 'strict' | 'relaxed',
  delivery: Delivery,
  ports: IngestionPorts,
): Promise<{ readonly record: FileRecord; readonly ended: boolean }> => {
  const reserveMs = Math.min(RESERVE_MS, delivery.deadline.remainingMs() / 4);
  let record = first;
  let waiting: Slice<RowContent>[] = [];
  const send = async (): Promise<void> => {
    if (waiting.length > 0) record = await sendSlices(record, waiting, ordering, delivery, ports);
    waiting = [];
  };
  // Leaving the loop early closes the rows, and with them the object's stream.
  for await (const slice of slicesOf(rows)) {
    waiting.push(slice);
    const short = delivery.deadline.remainingMs() < reserveMs;
    if (short || waiting.length === SLICES_AT_ONCE) await send();
    if (short) return { record, ended: false };
  }
  await send();
  return { record, ended: true };
};

const askToSettle = (fileId: string, { deadline }: Delivery, { clock, messages }: IngestionPorts): Promise<void> =>
  messages.send({ v: 1, kind: 'settle', fileId, sinceMs: clock.nowMs() }, SETTLE_DELAY_SECONDS, deadline);

const tellQuarantined = ({ fileId, reason }: FileRecord, { logger, metrics }: Delivery): void => {
  logger.warn('file quarantined', { fileId, reason });
  metrics.count('FilesQuarantined');
};

import { DEAD, deadChunkKey } from '#domain/dead-chunk-keys.ts';
import { ChunkSchema, type EventChunk, type FeedbackChunk } from '#domain/messages.ts';
import { parseJson } from '#domain/parse-json.ts';
import { endedChunkOf, endOfFeedbackRow, endOfRow } from '#domain/row-ends.ts';
import { mapSideBySide } from '#domain/side-by-side.ts';
import type { Deadline } from '#ports/clock.ts';
import type { DecisionStore } from '#ports/decision-store.ts';
import type { FeedbackLedger } from '#ports/feedback-ledger.ts';
import type { FileLedger } from '#ports/file-ledger.ts';
import type { ObjectBucket } from '#ports/object-store.ts';
import type { ResultStore, RowResult } from '#ports/results.ts';
import type { Logger, Metrics } from '#ports/telemetry.ts';

/** Events of a chunk that are looked up at the same time. */
const READS_AT_ONCE = 20;

export interface BuryPorts {
  readonly decisions: Pick<DecisionStore, 'byEvent'>;
  readonly feedback: Pick<FeedbackLedger, 'originsOf'>;
  readonly ledger: Pick<FileLedger, 'findChunk' | 'settleChunk'>;
  readonly results: ResultStore;
  readonly quarantine: ObjectBucket;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** A message as it came from a dead-letter queue. */
export interface DeadLetter {
  readonly text: string;
  readonly messageId: string;
}

/**
 * Accounts for a chunk that failed too often. Its body is kept first, so that it can be sent again; then rows that are
 * on record count as what they came to, all others as dead, and the chunk settles. A message that is no chunk is kept
 * and counted.
 *
 * @throws {ServiceError} when the message is to be delivered again.
 */
export const buryChunk = async ({ text, messageId }: DeadLetter, deadline: Deadline, ports: BuryPorts) => {
  const parsed = parseJson(text);
  const chunk = ChunkSchema.safeParse(parsed.ok ? parsed.value : undefined);
  if (!chunk.success) {
    await keep(`${DEAD}unreadable/${messageId}`, text, deadline, ports);
    ports.logger.error('dead letter is no chunk', new Error('dead letter is no chunk'), { messageId });
    ports.metrics.count('DeadLettersUnreadable');
    return;
  }
  await bury(chunk.data, text, deadline, ports);
};

const bury = async (chunk: EventChunk | FeedbackChunk, text: string, deadline: Deadline, ports: BuryPorts) => {
  const { fileId, sequence } = chunk;
  // Its last delivery may have settled it and failed only afterwards.
  if ((await ports.ledger.findChunk(fileId, sequence))?.status === 'settled') return;
  await keep(deadChunkKey(fileId, sequence), text, deadline, ports);
  const rows =
    chunk.kind === 'events' ? await endsOfEvents(chunk, deadline, ports) : await endsOfFeedback(chunk, deadline, ports);
  await ports.results.writeChunk(fileId, sequence, rows);
  const record = endedChunkOf(chunk, rows);
  await ports.ledger.settleChunk(record);
  ports.logger.error('chunk died', new Error('chunk died'), { fileId, sequence, dead: record.counts.dead });
  ports.metrics.count('DeadLetters');
  ports.metrics.count('RowsDead', record.counts.dead);
};

const keep = (key: string, text: string, deadline: Deadline, { quarantine }: BuryPorts): Promise<void> =>
  quarantine.write(key, [text], 'application/json', deadline);

/** With their decisions, so that a chunk of which nothing died after all leaves the results that it would have left. */
const endsOfEvents = async (
  { fileId, eventType, rows }: EventChunk,
  deadline: Deadline,
  { decisions }: BuryPorts,
): Promise<readonly RowResult[]> => {
  const ids = [...new Set(rows.map(({ event }) => event.eventId))];
  const found = await mapSideBySide(ids, READS_AT_ONCE, (id) => decisions.byEvent(eventType, id, deadline));
  const recorded = new Map(ids.map((id, index) => [id, found[index]]));
  return rows.map((row) => endOfRow(fileId, row, recorded.get(row.event.eventId)));
};

const endsOfFeedback = async (
  { fileId, rows }: FeedbackChunk,
  deadline: Deadline,
  { feedback: ledger }: BuryPorts,
): Promise<readonly RowResult[]> => {
  const entries = rows.map(({ feedback }) => feedback);
  const origins = await ledger.originsOf(entries, deadline);
  return rows.map((row) => endOfFeedbackRow(fileId, row, origins.get(row.feedback.feedbackId)));
};

import { isCanary } from '../canary.ts';
import { sha256Hex } from '../content-hash.ts';
import { type Decision, DecisionSchema } from '../decision.ts';
import { type Feedback, FeedbackSchema } from '../feedback.ts';
import { type FileRecord, FileRecordSchema } from '../file-record.ts';
import { unpackText } from '../packed-text.ts';
import { reasonsOf } from '../public-decision.ts';
import { fileViewOf } from '../public-file.ts';
import { isRestored, keyOfRecord, type StreamRecord, textAttribute } from '../stream-record.ts';
import type { PublishedEvent } from './published-event.ts';

/**
 * What a change in the stores means to the world, if anything: a new decision, new feedback, or a file that has
 * settled. The canary's are nobody's business, and what comes back from a backup is not new.
 *
 * The event's id is a hash of the item's key and content, so that the same item gives the same id whenever and however
 * often it is published. A file whose dead rows were sent again settles anew, with other sums and another id.
 *
 * @throws {SyntaxError | z.ZodError | Error} for an item of no known shape.
 */
export const toPublish = (record: StreamRecord): PublishedEvent | undefined => {
  if (isRestored(record)) return undefined;
  const { pk, sk } = keyOfRecord(record);
  if (pk.startsWith('F#')) return sk === 'FILE' ? fileSettled(record) : undefined;
  if (record.eventName !== 'INSERT') return undefined;
  if (sk.startsWith('D#')) return decisionMade(DecisionSchema.parse(contentOf(record)), idOf(record));
  if (!sk.startsWith('F#')) return undefined;
  return feedbackReceived(FeedbackSchema.parse(contentOf(record)), textOf(record, 'origin'), idOf(record));
};

const textOf = ({ dynamodb: { NewImage } }: StreamRecord, name: string): string => {
  const text = textAttribute(NewImage, name);
  if (text === undefined) throw new Error(`the item has no text '${name}'`);
  return text;
};

const contentOf = (record: StreamRecord): unknown => JSON.parse(unpackText(textOf(record, 'record')));

const idOf = (record: StreamRecord): string => {
  const { pk, sk } = keyOfRecord(record);
  return sha256Hex(JSON.stringify([pk, sk, textOf(record, 'record')])).slice(0, 32);
};

const decisionMade = (decision: Decision, id: string): PublishedEvent | undefined => {
  const { event, detector, detectorVersion, decidedAt, origin, outcomes, score, probability, rung, degraded } =
    decision;
  if (isCanary(event.eventType)) return undefined;
  return {
    detailType: 'decision made',
    time: decidedAt,
    detail: {
      v: 1,
      id,
      eventId: event.eventId,
      eventType: event.eventType,
      occurredAt: event.occurredAt,
      detector,
      detectorVersion,
      decidedAt,
      origin,
      outcomes,
      ...(score !== undefined && { score }),
      ...(probability !== undefined && { probability }),
      rung,
      degraded,
      entities: event.entities,
      reasons: reasonsOf(decision),
      variables: event.variables,
    },
  };
};

const feedbackReceived = ({ v: _, ...said }: Feedback, origin: string, id: string): PublishedEvent | undefined =>
  isCanary(said.eventType)
    ? undefined
    : { detailType: 'feedback received', time: said.receivedAt, detail: { v: 1, id, ...said, origin } };

const SETTLED = ['complete', 'quarantined'] as const;

/** A file's record is written often; it settles when it has ended and its content is not what it was before. */
const fileSettled = (record: StreamRecord): PublishedEvent | undefined => {
  if (record.eventName === 'REMOVE') return undefined;
  if (textAttribute(record.dynamodb.OldImage, 'record') === textOf(record, 'record')) return undefined;
  const file: FileRecord = FileRecordSchema.parse(contentOf(record));
  const status = SETTLED.find((settled) => settled === file.status);
  if (!status || isCanary(file.eventType)) return undefined;
  const { ignoredColumns: _, ...view } = fileViewOf(file);
  const time = file.completedAt ?? new Date(record.dynamodb.ApproximateCreationDateTime * 1_000).toISOString();
  return { detailType: 'file settled', time, detail: { v: 1, id: idOf(record), ...view, status } };
};

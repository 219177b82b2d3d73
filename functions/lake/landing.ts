import { gunzipSync, gzipSync } from 'node:zlib';

import * as z from 'zod';

import { isCanary } from '#domain/canary.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import { isRestored, keyOfRecord, type StreamRecord, textAttribute } from '#domain/stream-record.ts';
import { hourOf } from './tables.ts';

/** Where changes lie that are not rows yet, by the hour in which they were brought. */
export const LANDING = 'landing/';

/** What the lake takes of an item. What an item has beside it, such as sealed originals, stays where it is. */
const TEXTS = ['record', 'event', 'origin', 'contentHash'] as const;

/** The last second that a date can stand for. */
const MOST_SECONDS = 8.64e12;

/** A change as it is landed: one line of JSON. */
const ChangeSchema = z.object({
  /** Seconds since the Unix epoch at which it was committed, as the stream says each time. */
  t: z.number().min(0).max(MOST_SECONDS),
  pk: z.string(),
  sk: z.string(),
  i: z.partialRecord(z.enum(TEXTS), z.string()),
});
export type Change = z.infer<typeof ChangeSchema>;

/** Changes of one batch, and the name that this batch has whenever it is brought within an hour. */
export interface Landing {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly changes: number;
}

/**
 * What a batch brings to the lake: new events, decisions and feedback, none of them the canary's or back from a backup,
 * where they had been brought to the lake before. Undefined if none.
 *
 * The key says hour, stream, first and last record, and how much there is: the same batch brought again replaces itself
 * with the same bytes; a batch that was cut otherwise after a failure gets another name, and its changes are recognised
 * by their keys later.
 */
export const landingOf = (records: readonly StreamRecord[], nowMs: number): Landing | undefined => {
  const first = records[0];
  const last = records.at(-1);
  const lines = records.flatMap((record) => (isWanted(record) ? [lineOf(record)] : []));
  if (!first || !last || lines.length === 0) return undefined;
  const text = lines.join('');
  const stream = sha256Hex(first.eventSourceARN).slice(0, 8);
  const range = `${first.dynamodb.SequenceNumber}-${last.dynamodb.SequenceNumber}`;
  return {
    key: `${LANDING}${hourOf(nowMs)}/${stream}-${range}-${lines.length}-${Buffer.byteLength(text)}.jsonl.gz`,
    bytes: gzipSync(text, { level: 1 }),
    changes: lines.length,
  };
};

const isWanted = (record: StreamRecord): boolean => {
  if (record.eventName !== 'INSERT' || isRestored(record)) return false;
  const { pk, sk } = keyOfRecord(record);
  return (sk === 'EVENT' || /^[DF]#/.test(sk)) && pk.startsWith('E#') && !isCanary(eventTypeOf(pk));
};

/** The event type in the key of an event, which no `#` is part of. */
export const eventTypeOf = (pk: string): string => pk.split('#')[1] ?? '';

const lineOf = (record: StreamRecord): string => {
  const { ApproximateCreationDateTime: t, NewImage } = record.dynamodb;
  const i = Object.fromEntries(
    TEXTS.flatMap((name): [string, string][] => {
      const text = textAttribute(NewImage, name);
      return text === undefined ? [] : [[name, text]];
    }),
  );
  return `${JSON.stringify({ t, ...keyOfRecord(record), i })}\n`;
};

/** The changes of a landed batch. @throws for bytes that {@link landingOf} did not make. */
export const changesOf = (bytes: Uint8Array): Change[] =>
  gunzipSync(bytes)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ChangeSchema.parse(JSON.parse(line)));

/** Bytes of a landed batch before compression, from its key. 0 for a key of another making. */
export const rawBytesOf = (key: string): number => Number(/-(\d+)\.jsonl\.gz$/.exec(key)?.[1] ?? 0);

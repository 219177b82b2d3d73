import { EventEmitter } from 'node:events';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { KeySchemaElement } from './dynalite.ts';
import type { Item } from './values.ts';

export type StreamViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

/** A table's stream. A table that has its stream turned off and on again gets another one. */
export interface Stream {
  readonly id: number;
  readonly arn: string;
  readonly tableName: string;
  readonly label: string;
  readonly viewType: StreamViewType;
  readonly createdMs: number;
  readonly keySchema: readonly KeySchemaElement[];
  /** When it was turned off; its records stay readable until they are trimmed. */
  readonly closedMs: number | null;
}

/** Who made a change, where it was not a client. */
export interface UserIdentity {
  readonly type: 'Service';
  readonly principalId: 'dynamodb.amazonaws.com';
}

/** A change of an item, in the form that a Lambda function receives it. */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: '1.1';
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly dynamodb: {
    /** Seconds since 1970. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Item;
    readonly NewImage?: Item;
    readonly OldImage?: Item;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: StreamViewType;
  };
  readonly userIdentity?: UserIdentity;
  readonly eventSourceARN: string;
}

/** What is written of a change; the log adds its place in the order. */
export interface Change {
  readonly keys: Item;
  /** The item before and after, as JSON. */
  readonly before?: string;
  readonly after?: string;
  readonly bytes: number;
  readonly userIdentity?: UserIdentity;
}

/** How long a record can be read. */
const RETENTION_MS = 24 * 60 * 60 * 1000;

/** Shorter breaks are not worth a pass over all records. */
const LEAST_SLEEP_MS = 60 * 60 * 1000;

/** Sequence numbers have 21 digits at least, so that their order as text is their order. */
export const sequenceText = (sequence: number): string => String(sequence).padStart(21, '0');

const eventNameOf = ({ before, after }: Change): StreamRecord['eventName'] => {
  if (before === undefined) return 'INSERT';
  return after === undefined ? 'REMOVE' : 'MODIFY';
};

/** Members of a JSON object, as they are: an image is made to JSON once, for its item. */
const imagesOf = ({ before, after }: Change, viewType: StreamViewType): string =>
  (after !== undefined && viewType.includes('NEW') ? `"NewImage":${after},` : '') +
  (before !== undefined && viewType.includes('OLD') ? `"OldImage":${before},` : '');

interface StreamRow {
  id: number;
  arn: string;
  table_name: string;
  label: string;
  view_type: StreamViewType;
  created_ms: number;
  key_schema: string;
  closed_ms: number | null;
}

const streamOf = (row: StreamRow): Stream => ({
  id: row.id,
  arn: row.arn,
  tableName: row.table_name,
  label: row.label,
  viewType: row.view_type,
  createdMs: row.created_ms,
  keySchema: JSON.parse(row.key_schema) as KeySchemaElement[],
  closedMs: row.closed_ms,
});

/** The streams of all tables: their records in one order, kept for a day. One shard a stream. */
export class StreamLog {
  readonly #connection: DatabaseSync;
  readonly #region: string;
  readonly #now: () => number;
  readonly #written = new EventEmitter();
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  #pending = new Set<string>();

  constructor(connection: DatabaseSync, region: string, now: () => number) {
    this.#connection = connection;
    this.#region = region;
    this.#now = now;
    this.#written.setMaxListeners(0);
    this.#insert = connection.prepare('INSERT INTO stream_records (stream_id, written_ms, record) VALUES (?, ?, ?)');
    this.#select = connection.prepare(
      `SELECT sequence, record FROM stream_records
       WHERE stream_id = ? AND sequence > ? AND written_ms > ? ORDER BY sequence LIMIT ?`,
    );
  }

  /**
   * Begins where the last process ended: the hours in which nothing ran do not count towards the retention, since
   * nobody could read in them. AWS has no such hours.
   */
  resume(): void {
    const { newest } = this.#connection.prepare('SELECT MAX(written_ms) AS newest FROM stream_records').get() as {
      newest: number | null;
    };
    const sleptMs = newest === null ? 0 : this.#now() - newest;
    if (sleptMs < LEAST_SLEEP_MS) return;
    this.#connection.prepare('UPDATE stream_records SET written_ms = written_ms + ?').run(sleptMs);
  }

  /** Turns a stream on for a table. */
  open(tableId: number, tableArn: string, viewType: StreamViewType, keySchema: readonly KeySchemaElement[]): Stream {
    const createdMs = this.#now();
    const tableName = tableArn.slice(tableArn.indexOf('/') + 1);
    const label = this.#freeLabel(tableArn, createdMs);
    this.#connection
      .prepare(
        `INSERT INTO streams (arn, table_id, table_name, label, view_type, created_ms, key_schema)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(`${tableArn}/stream/${label}`, tableId, tableName, label, viewType, createdMs, JSON.stringify(keySchema));
    return this.find(`${tableArn}/stream/${label}`)!;
  }

  /** Turns a table's stream off. */
  close(tableId: number): void {
    this.#connection
      .prepare('UPDATE streams SET closed_ms = ? WHERE table_id = ? AND closed_ms IS NULL')
      .run(this.#now(), tableId);
  }

  /** The stream that is on for a table. */
  ofTable(tableId: number): Stream | undefined {
    const row = this.#connection.prepare('SELECT * FROM streams WHERE table_id = ? AND closed_ms IS NULL').get(tableId);
    return row && streamOf(row as unknown as StreamRow);
  }

  find(arn: string): Stream | undefined {
    const row = this.#connection.prepare('SELECT * FROM streams WHERE arn = ?').get(arn);
    return row && streamOf(row as unknown as StreamRow);
  }

  /** All streams, or those of one table, in the order of their ARNs. */
  list(tableName?: string): Stream[] {
    const rows = this.#connection.prepare('SELECT * FROM streams ORDER BY arn').all() as unknown as StreamRow[];
    return rows.map(streamOf).filter((stream) => tableName === undefined || stream.tableName === tableName);
  }

  /** Adds a change within the transaction that makes it; listeners hear of it from {@link announce}. */
  append(stream: Stream, change: Change): void {
    const nowMs = this.#now();
    const dynamodb = JSON.stringify({
      ApproximateCreationDateTime: Math.floor(nowMs / 1000),
      Keys: change.keys,
      SizeBytes: change.bytes,
      StreamViewType: stream.viewType,
    });
    const record = JSON.stringify({
      eventName: eventNameOf(change),
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: this.#region,
      ...(change.userIdentity ? { userIdentity: change.userIdentity } : {}),
      eventSourceARN: stream.arn,
    });
    const images = imagesOf(change, stream.viewType);
    const text = `{"dynamodb":{${images}${dynamodb.slice(1)},${record.slice(1)}`;
    this.#insert.run(stream.id, nowMs, text);
    this.#pending.add(stream.arn);
  }

  /** Tells listeners which streams have new records, once the transaction that wrote them is durable. */
  announce(): void {
    if (this.#pending.size === 0) return;
    const arns = this.#pending;
    this.#pending = new Set();
    // After the answer: a listener must not slow down, or fail, the request that it hears of.
    setImmediate(() => {
      for (const arn of arns) this.#written.emit('written', arn);
    });
  }

  /** Forgets announcements of a transaction that was rolled back. */
  discard(): void {
    this.#pending.clear();
  }

  /** Calls a listener with the ARN of each stream that has new records. @returns how to stop. */
  onWritten(listener: (streamArn: string) => void): () => void {
    this.#written.on('written', listener);
    return () => this.#written.off('written', listener);
  }

  /** Records behind a sequence number, oldest first, none older than the retention. */
  read(stream: Stream, afterSequence: number, limit: number): StreamRecord[] {
    const rows = this.#select.all(stream.id, afterSequence, this.#now() - RETENTION_MS, limit) as {
      sequence: number;
      record: string;
    }[];
    return rows.map(({ sequence, record }) => {
      const kept = JSON.parse(record) as StreamRecord;
      return {
        ...kept,
        eventID: `${stream.id}-${sequence}`,
        dynamodb: { ...kept.dynamodb, SequenceNumber: sequenceText(sequence) },
      };
    });
  }

  /** Sequence number of the newest record that any stream ever had, 0 before the first. */
  lastSequence(): number {
    const row = this.#connection.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'stream_records'").get();
    return (row as { seq: number } | undefined)?.seq ?? 0;
  }

  /** Sequence number of the oldest record of a stream that can still be read. */
  firstSequence(stream: Stream): number | undefined {
    const row = this.#connection
      .prepare('SELECT MIN(sequence) AS first FROM stream_records WHERE stream_id = ? AND written_ms > ?')
      .get(stream.id, this.#now() - RETENTION_MS) as { first: number | null };
    return row.first ?? undefined;
  }

  /** Deletes what is past the retention, closed streams included. */
  trim(nowMs: number): void {
    // From the oldest on, which needs no index by time: one more page to write with every change.
    const oldest = this.#connection.prepare(
      `DELETE FROM stream_records WHERE sequence IN (
         SELECT sequence FROM (SELECT sequence, written_ms FROM stream_records ORDER BY sequence LIMIT 1000)
         WHERE written_ms <= ?)`,
    );
    while (oldest.run(nowMs - RETENTION_MS).changes > 0);
    this.#connection.prepare('DELETE FROM streams WHERE closed_ms <= ?').run(nowMs - RETENTION_MS);
  }

  /** A label is the time of creation; two within a millisecond must still differ. */
  #freeLabel(tableArn: string, createdMs: number): string {
    for (let ms = createdMs; ; ms += 1) {
      const label = new Date(ms).toISOString().slice(0, -1);
      if (!this.find(`${tableArn}/stream/${label}`)) return label;
    }
  }
}

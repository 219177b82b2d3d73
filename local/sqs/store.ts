import { createHash, randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../database.ts';
import { createGroups } from './groups.ts';
import type { Draft } from './message.ts';
import type { Arrival } from './mishaps.ts';
import type { Queue } from './queue.ts';
import type { ContentRow, MessageRow, Received } from './schema.ts';

/** What became of a message that was sent. */
export interface Sent {
  readonly id: string;
  readonly sequence: number;
}

/** Counts of a queue, exact where the service calls them approximate. */
export interface Counts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** All messages. Each call is one transaction: durable when it returns. Times are milliseconds since 1970. */
export interface MessageStore {
  /** Adds messages in order. A repeat within the deduplication window is answered as the first one, and not added. */
  add(queue: Queue, drafts: readonly (Draft & Partial<Arrival>)[], sender: string, nowMs: number): Sent[];
  /** Gives out messages, and moves those that were given out too often to the dead-letter queue. */
  take(queue: Queue, limit: number, visibilitySeconds: number, nowMs: number): Received[];
  find(queue: Queue, sequence: number): MessageRow | undefined;
  /** Gives a message out again as it was, to a caller who repeats an attempt. */
  extend(queue: Queue, rows: readonly MessageRow[], visibleMs: number, nowMs: number): Received[];
  remove(queue: Queue, sequence: number, receipt: string, nowMs: number): void;
  purge(queue: Queue): void;
  /** Moves visible messages on as new ones; one whose destination is not known stays and ends the move. */
  move(from: Queue, limit: number, destinationOf: (row: MessageRow) => Queue | undefined, nowMs: number): Moved;
  counts(queue: Queue, nowMs: number): Counts;
  /** Makes visible at once what was in flight: for a start, when those who had received it are gone. */
  returnInFlight(nowMs: number): void;
  /** When something becomes visible by itself; undefined if nothing will. */
  nextVisibleMs(queue: Queue, nowMs: number): number | undefined;
}

export interface Moved {
  readonly count: number;
  /** A message did not say where it came from. */
  readonly stuck: boolean;
}

export const DEDUPLICATION_WINDOW_MS = 5 * 60_000;

/**
 * @param findByArn - finds the dead-letter queue.
 * @param onArrival - told of queues that may have something to give out; called before the change is durable, so it
 * must not look at once.
 */
export const createMessageStore = (
  database: DatabaseSync,
  findByArn: (arn: string) => Queue | undefined,
  onArrival: (queueName: string) => void,
): MessageStore => {
  const groups = createGroups(database);
  const insertContent = database.prepare(
    'INSERT INTO contents (body, attributes, system_attributes) VALUES (?, ?, ?) RETURNING id',
  );
  const content = database.prepare('SELECT body, attributes, system_attributes FROM contents WHERE id = ?');
  const deleteContent = database.prepare('DELETE FROM contents WHERE id = ?');
  const insert = database.prepare(
    `INSERT INTO messages (queue, id, content, sender, sent_ms, retained_from_ms, visible_ms, group_id, deduplication_id,
       source_arn) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING sequence`,
  );
  const visible = database.prepare(
    'SELECT * FROM messages WHERE queue = ? AND visible_ms <= ? ORDER BY visible_ms, sequence LIMIT ?',
  );
  const nextVisible = database.prepare('SELECT MIN(visible_ms) AS ms FROM messages WHERE queue = ? AND visible_ms > ?');
  const give = database.prepare(
    `UPDATE messages SET visible_ms = ?, received_ms = ?, receipt = ?, receives = receives + 1,
       first_received_ms = COALESCE(first_received_ms, ?) WHERE sequence = ? RETURNING *`,
  );
  const setVisible = database.prepare('UPDATE messages SET visible_ms = ? WHERE sequence = ? RETURNING *');
  const bySequence = database.prepare('SELECT * FROM messages WHERE sequence = ? AND queue = ?');
  const deleteReceived = database.prepare(
    'DELETE FROM messages WHERE sequence = ? AND queue = ? AND receipt = ? RETURNING *',
  );
  const deleteRow = database.prepare('DELETE FROM messages WHERE sequence = ?');
  const deleteOld = database.prepare('DELETE FROM messages WHERE queue = ? AND retained_from_ms <= ? RETURNING *');
  const deleteAllContents = database.prepare(
    'DELETE FROM contents WHERE id IN (SELECT content FROM messages WHERE queue = ?)',
  );
  const deleteAll = database.prepare('DELETE FROM messages WHERE queue = ?');
  const returnAll = database.prepare(
    'UPDATE messages SET visible_ms = :now WHERE receipt IS NOT NULL AND visible_ms > :now',
  );
  const count = database.prepare(
    `SELECT COUNT(*) FILTER (WHERE visible_ms <= :now) AS visible,
       COUNT(*) FILTER (WHERE visible_ms > :now AND receipt IS NOT NULL) AS inFlight,
       COUNT(*) FILTER (WHERE visible_ms > :now AND receipt IS NULL) AS delayed FROM messages WHERE queue = :queue`,
  );
  const seen = database.prepare(
    'SELECT message_id AS id, sequence FROM deduplication WHERE queue = ? AND scope = ? AND id = ? AND expires_ms > ?',
  );
  const remember = database.prepare(
    `INSERT INTO deduplication (queue, scope, id, message_id, sequence, expires_ms) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET message_id = excluded.message_id, sequence = excluded.sequence,
       expires_ms = excluded.expires_ms`,
  );
  const forgetSeen = database.prepare('DELETE FROM deduplication WHERE expires_ms <= ?');

  const addOne = (queue: Queue, draft: Draft & Partial<Arrival>, sender: string, nowMs: number): Sent => {
    const { body, groupId, copies = 1, lateMs = 0 } = draft;
    const deduplicationId = queue.fifo
      ? (draft.deduplicationId ?? createHash('sha256').update(body).digest('hex'))
      : undefined;
    const scope = queue.settings.DeduplicationScope === 'messageGroup' ? (groupId ?? '') : '';
    if (deduplicationId !== undefined) {
      const first = seen.get(queue.name, scope, deduplicationId, nowMs) as unknown as Sent | undefined;
      if (first) return first;
    }
    const addContent = (): number => {
      const stored = insertContent.get(body, JSON.stringify(draft.attributes), JSON.stringify(draft.systemAttributes));
      return (stored as { id: number }).id;
    };
    const row = {
      id: randomUUID() as string,
      sender,
      sent_ms: nowMs,
      retained_from_ms: nowMs,
      group_id: groupId ?? null,
      deduplication_id: deduplicationId ?? null,
      source_arn: null,
    };
    const visibleMs = nowMs + draft.delaySeconds * 1000 + lateMs;
    for (let more = copies; more > 1; more -= 1) place(queue, { ...row, content: addContent() }, visibleMs);
    const sequence = place(queue, { ...row, content: addContent() }, visibleMs);
    if (deduplicationId !== undefined) {
      remember.run(queue.name, scope, deduplicationId, row.id, sequence, nowMs + DEDUPLICATION_WINDOW_MS);
    }
    return { id: row.id, sequence };
  };

  type Placed = Pick<
    MessageRow,
    'id' | 'content' | 'sender' | 'sent_ms' | 'retained_from_ms' | 'group_id' | 'deduplication_id' | 'source_arn'
  >;

  const place = (queue: Queue, row: Placed, visibleMs: number): number => {
    const { sequence } = insert.get(
      queue.name,
      row.id,
      row.content,
      row.sender,
      row.sent_ms,
      row.retained_from_ms,
      visibleMs,
      row.group_id,
      row.deduplication_id,
      row.source_arn,
    ) as { sequence: number };
    if (queue.fifo) groups.append(queue.name, row.group_id ?? '', sequence, visibleMs);
    onArrival(queue.name);
    return sequence;
  };

  const refreshGroupsOf = (queue: Queue, rows: readonly MessageRow[], nowMs: number): void => {
    if (!queue.fifo || rows.length === 0) return;
    for (const id of new Set(rows.map(({ group_id }) => group_id))) groups.refresh(queue.name, id ?? '', nowMs);
    onArrival(queue.name);
  };

  const dropOld = (queue: Queue, nowMs: number): void => {
    const limitMs = nowMs - queue.settings.MessageRetentionPeriod * 1000;
    const rows = deleteOld.all(queue.name, limitMs) as unknown as MessageRow[];
    for (const row of rows) deleteContent.run(row.content);
    refreshGroupsOf(queue, rows, nowMs);
  };

  const due = (queue: Queue, nowMs: number, limit: number): MessageRow[] =>
    queue.fifo
      ? groups.due(queue.name, nowMs, limit)
      : (visible.all(queue.name, nowMs, limit) as unknown as MessageRow[]);

  const received = (row: unknown): Received => {
    const message = row as MessageRow;
    return { ...message, ...(content.get(message.content) as unknown as ContentRow) };
  };

  /** A FIFO queue counts retention anew in the dead-letter queue, a standard one from when it was first sent. */
  const bury = (row: MessageRow, queue: Queue, deadLetters: Queue, nowMs: number): void => {
    deleteRow.run(row.sequence);
    const retainedFromMs = queue.fifo ? nowMs : row.retained_from_ms;
    place(deadLetters, { ...row, retained_from_ms: retainedFromMs, source_arn: queue.arn }, nowMs);
  };

  return {
    add: (queue, drafts, sender, nowMs) =>
      inTransaction(database, () => {
        if (queue.fifo) forgetSeen.run(nowMs);
        return drafts.map((draft) => addOne(queue, draft, sender, nowMs));
      }),

    take: (queue, limit, visibilitySeconds, nowMs) =>
      inTransaction(database, () => {
        dropOld(queue, nowMs);
        const { RedrivePolicy: redrive } = queue.settings;
        const deadLetters = redrive && findByArn(redrive.deadLetterTargetArn);
        const taken: Received[] = [];
        while (taken.length < limit) {
          const rows = due(queue, nowMs, limit - taken.length);
          if (rows.length === 0) break;
          for (const row of rows) {
            if (deadLetters && row.receives >= redrive.maxReceiveCount) {
              bury(row, queue, deadLetters, nowMs);
            } else {
              const visibleMs = nowMs + visibilitySeconds * 1000;
              taken.push(received(give.get(visibleMs, nowMs, randomUUID(), nowMs, row.sequence)));
            }
          }
          refreshGroupsOf(queue, rows, nowMs);
          // Without a visibility timeout the same messages are visible again at once.
          if (visibilitySeconds === 0) break;
        }
        return taken;
      }),

    find: (queue, sequence) => bySequence.get(sequence, queue.name) as unknown as MessageRow | undefined,

    extend: (queue, rows, visibleMs, nowMs) =>
      inTransaction(database, () => {
        const extended = rows.map(({ sequence }) => received(setVisible.get(visibleMs, sequence)));
        refreshGroupsOf(queue, rows, nowMs);
        onArrival(queue.name);
        return extended;
      }),

    remove: (queue, sequence, receipt, nowMs) =>
      inTransaction(database, () => {
        const row = deleteReceived.get(sequence, queue.name, receipt) as unknown as MessageRow | undefined;
        if (!row) return;
        deleteContent.run(row.content);
        refreshGroupsOf(queue, [row], nowMs);
      }),

    purge: (queue) =>
      inTransaction(database, () => {
        deleteAllContents.run(queue.name);
        deleteAll.run(queue.name);
        groups.clear(queue.name);
      }),

    move: (from, limit, destinationOf, nowMs) =>
      inTransaction(database, () => {
        dropOld(from, nowMs);
        const rows = due(from, nowMs, limit);
        const moved: MessageRow[] = [];
        for (const row of rows) {
          const destination = destinationOf(row);
          if (!destination) break;
          deleteRow.run(row.sequence);
          place(
            destination,
            { ...row, id: randomUUID(), sent_ms: nowMs, retained_from_ms: nowMs, source_arn: null },
            nowMs,
          );
          moved.push(row);
        }
        refreshGroupsOf(from, moved, nowMs);
        return { count: moved.length, stuck: moved.length < rows.length };
      }),

    returnInFlight: (nowMs) =>
      inTransaction(database, () => {
        returnAll.run({ now: nowMs });
        groups.freeAll(nowMs);
      }),

    counts(queue, nowMs) {
      inTransaction(database, () => dropOld(queue, nowMs));
      return count.get({ now: nowMs, queue: queue.name }) as unknown as Counts;
    },

    nextVisibleMs: (queue, nowMs) =>
      queue.fifo
        ? groups.nextFreeMs(queue.name, nowMs)
        : ((nextVisible.get(queue.name, nowMs) as { ms: number | null }).ms ?? undefined),
  };
};

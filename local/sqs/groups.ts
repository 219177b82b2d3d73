import type { DatabaseSync } from 'node:sqlite';
import type { MessageRow } from './schema.ts';

/** Whose turn it is in FIFO queues: a group with a message in flight gives out nothing more. */
export interface Groups {
  /** Brings a group's turn up to date after any change to its messages. */
  refresh(queue: string, groupId: string, nowMs: number): void;
  /** Lines up a message that was just added, behind those of its group. */
  append(queue: string, groupId: string, sequence: number, visibleMs: number): void;
  /** Messages whose turn it is, whole groups first, each in its order. */
  due(queue: string, nowMs: number, limit: number): MessageRow[];
  /** When the next group becomes free; undefined if none will by itself. */
  nextFreeMs(queue: string, nowMs: number): number | undefined;
  /** Lets every group take its turn; one whose head is delayed still waits for it. */
  freeAll(nowMs: number): void;
  clear(queue: string): void;
}

export const createGroups = (database: DatabaseSync): Groups => {
  const head = database.prepare(
    'SELECT sequence, visible_ms FROM messages WHERE queue = ? AND group_id = ? ORDER BY sequence LIMIT 1',
  );
  const lastInFlight = database.prepare(
    'SELECT MAX(visible_ms) AS free_ms FROM messages WHERE queue = ? AND group_id = ? AND receipt IS NOT NULL',
  );
  const put = database.prepare(
    `INSERT INTO groups (queue, id, free_ms, head) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET free_ms = excluded.free_ms, head = excluded.head`,
  );
  const insert = database.prepare('INSERT OR IGNORE INTO groups (queue, id, free_ms, head) VALUES (?, ?, ?, ?)');
  const remove = database.prepare('DELETE FROM groups WHERE queue = ? AND id = ?');
  const clear = database.prepare('DELETE FROM groups WHERE queue = ?');
  const free = database.prepare(
    'SELECT id FROM groups WHERE queue = ? AND free_ms <= ? ORDER BY free_ms, head LIMIT ?',
  );
  const members = database.prepare('SELECT * FROM messages WHERE queue = ? AND group_id = ? ORDER BY sequence LIMIT ?');
  const freeAll = database.prepare('UPDATE groups SET free_ms = :now WHERE free_ms > :now');
  const next = database.prepare('SELECT MIN(free_ms) AS free_ms FROM groups WHERE queue = ? AND free_ms > ?');

  return {
    refresh(queue, groupId, nowMs) {
      const first = head.get(queue, groupId) as { sequence: number; visible_ms: number } | undefined;
      if (!first) {
        remove.run(queue, groupId);
        return;
      }
      const { free_ms: inFlightMs } = lastInFlight.get(queue, groupId) as { free_ms: number | null };
      const blockedMs = Math.max(first.visible_ms, inFlightMs ?? 0);
      // A group that is free takes its place in line now, or one that comes back often would overtake all others.
      put.run(queue, groupId, Math.max(blockedMs, nowMs), first.sequence);
    },
    append: (queue, groupId, sequence, visibleMs) => {
      insert.run(queue, groupId, visibleMs, sequence);
    },
    due(queue, nowMs, limit) {
      const rows: MessageRow[] = [];
      for (const { id } of free.all(queue, nowMs, limit) as { id: string }[]) {
        const group = members.all(queue, id, limit - rows.length) as unknown as MessageRow[];
        // A message that is still delayed holds back those behind it.
        const delayed = group.findIndex(({ visible_ms }) => visible_ms > nowMs);
        rows.push(...(delayed < 0 ? group : group.slice(0, delayed)));
        if (rows.length >= limit) break;
      }
      return rows;
    },
    nextFreeMs: (queue, nowMs) => (next.get(queue, nowMs) as { free_ms: number | null }).free_ms ?? undefined,
    freeAll: (nowMs) => {
      freeAll.run({ now: nowMs });
    },
    clear: (queue) => {
      clear.run(queue);
    },
  };
};

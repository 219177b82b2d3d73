import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openDatabase } from '../database.ts';

/** One event on its way to one target of a rule. */
export interface Delivery {
  readonly id: string;
  readonly ruleArn: string;
  readonly targetId: string;
  readonly event: Readonly<Record<string, unknown>>;
  readonly attempts: number;
  readonly firstAtMs: number;
}

/** Deliveries that are not done yet; they survive the process. */
export interface DeliveryLog {
  add(ruleArn: string, targetId: string, event: Readonly<Record<string, unknown>>, nowMs: number): void;
  due(nowMs: number, limit: number): Delivery[];
  nextDueMs(): number | undefined;
  postpone(id: string, untilMs: number): void;
  done(id: string): void;
  close(): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS deliveries (
    id TEXT PRIMARY KEY, rule_arn TEXT NOT NULL, target_id TEXT NOT NULL, event TEXT NOT NULL,
    attempts INTEGER NOT NULL, first_at INTEGER NOT NULL, due_at INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at);
`;

export const openDeliveryLog = (directory: string): DeliveryLog => {
  const database = openDatabase(join(directory, 'events.sqlite'), SCHEMA);
  return {
    add(ruleArn, targetId, event, nowMs) {
      database
        .prepare('INSERT INTO deliveries VALUES (?, ?, ?, ?, 0, ?, ?)')
        .run(randomUUID(), ruleArn, targetId, JSON.stringify(event), nowMs, nowMs);
    },
    due: (nowMs, limit) =>
      database
        .prepare('SELECT * FROM deliveries WHERE due_at <= ? ORDER BY due_at LIMIT ?')
        .all(nowMs, limit)
        .map((row) => ({
          id: String(row.id),
          ruleArn: String(row.rule_arn),
          targetId: String(row.target_id),
          event: JSON.parse(String(row.event)),
          attempts: Number(row.attempts),
          firstAtMs: Number(row.first_at),
        })),
    nextDueMs() {
      const due = database.prepare('SELECT min(due_at) AS due FROM deliveries').get()?.due;
      return typeof due === 'number' ? due : undefined;
    },
    postpone(id, untilMs) {
      database.prepare('UPDATE deliveries SET attempts = attempts + 1, due_at = ? WHERE id = ?').run(untilMs, id);
    },
    done(id) {
      database.prepare('DELETE FROM deliveries WHERE id = ?').run(id);
    },
    close: () => database.close(),
  };
};

import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { AwsError } from '../errors.ts';
import { invalidParameter } from './errors.ts';
import type { Queue, Queues } from './queue.ts';
import type { MessageStore } from './store.ts';

type Status = 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';

interface TaskRow {
  readonly id: string;
  readonly source: string;
  readonly destination: string | null;
  readonly rate: number | null;
  readonly status: Status;
  readonly started_ms: number;
  readonly to_move: number;
  readonly moved: number;
  readonly failure: string | null;
}

/** Moves of dead letters back to where they came from, or to another queue. A restart goes on with them. */
export interface MoveTasks {
  /** @param ratePerSecond - 1 to 500; as fast as it goes without one. */
  start(source: Queue, destination: Queue | undefined, ratePerSecond: number | undefined): string;
  /** @returns how many messages have been moved. */
  cancel(handle: string): number;
  /** The latest tasks of a queue, newest first. */
  list(source: Queue, limit: number): Record<string, unknown>[];
  resume(): void;
  stop(): void;
}

const STEP = 500;

export const createMoveTasks = (
  database: DatabaseSync,
  store: MessageStore,
  queues: Queues,
  now: () => number,
): MoveTasks => {
  const timers = new Set<NodeJS.Timeout>();
  const insert = database.prepare(
    `INSERT INTO move_tasks (id, source, destination, rate, status, started_ms, to_move)
     VALUES (?, ?, ?, ?, 'RUNNING', ?, ?)`,
  );
  const byId = database.prepare('SELECT * FROM move_tasks WHERE id = ?');
  const running = database.prepare("SELECT * FROM move_tasks WHERE status = 'RUNNING'");
  const bySource = database.prepare('SELECT * FROM move_tasks WHERE source = ? ORDER BY started_ms DESC LIMIT ?');
  const count = database.prepare('UPDATE move_tasks SET moved = moved + ? WHERE id = ?');
  const end = database.prepare('UPDATE move_tasks SET status = ?, failure = ? WHERE id = ?');

  const find = (id: string): TaskRow | undefined => byId.get(id) as unknown as TaskRow | undefined;

  const step = (id: string): void => {
    const task = find(id);
    const source = task && queues.find(task.source);
    if (task?.status !== 'RUNNING' || !source) return;
    const limit = task.rate ?? STEP;
    const { count: moved, stuck } = store.move(
      source,
      limit,
      ({ source_arn }) =>
        task.destination === null ? queues.findByArn(source_arn ?? '') : queues.find(task.destination),
      now(),
    );
    count.run(moved, id);
    if (stuck) end.run('FAILED', 'CouldNotDetermineMessageSource', id);
    else if (moved < limit) end.run('COMPLETED', null, id);
    else later(id, task.rate === null ? 0 : 1000);
  };

  const later = (id: string, delayMs: number): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      step(id);
    }, delayMs);
    timers.add(timer);
  };

  return {
    start(source, destination, ratePerSecond) {
      if (!queues.all().some(({ settings }) => settings.RedrivePolicy?.deadLetterTargetArn === source.arn)) {
        throw invalidParameter('SourceArn', 'Source queue must be configured as a Dead Letter Queue');
      }
      if (destination && destination.fifo !== source.fifo) {
        throw invalidParameter('DestinationArn', 'both queues must be of the same kind');
      }
      const active = (running.all() as unknown as TaskRow[]).some(({ source: name }) => name === source.name);
      if (active) {
        throw new AwsError('UnsupportedOperation', 'There is already a task running. Only one active task is allowed.');
      }
      const id = randomUUID();
      const { visible } = store.counts(source, now());
      insert.run(id, source.name, destination?.name ?? null, ratePerSecond ?? null, now(), visible);
      later(id, 0);
      return handleOf(id, source.arn);
    },

    cancel(handle) {
      const task = find(readTaskHandle(handle).taskId);
      if (task?.status !== 'RUNNING') {
        throw new AwsError('UnsupportedOperation', 'Only active tasks can be cancelled.');
      }
      end.run('CANCELLED', null, task.id);
      return task.moved;
    },

    list: (source, limit) =>
      (bySource.all(source.name, limit) as unknown as TaskRow[]).map((task) => ({
        ...(task.status === 'RUNNING' ? { TaskHandle: handleOf(task.id, source.arn) } : {}),
        Status: task.status,
        SourceArn: source.arn,
        ...(task.destination === null ? {} : { DestinationArn: queues.arnOf(task.destination) }),
        ...(task.rate === null ? {} : { MaxNumberOfMessagesPerSecond: task.rate }),
        ApproximateNumberOfMessagesMoved: task.moved,
        ApproximateNumberOfMessagesToMove: task.to_move,
        ...(task.failure === null ? {} : { FailureReason: task.failure }),
        StartedTimestamp: task.started_ms,
      })),

    resume() {
      for (const { id } of running.all() as unknown as TaskRow[]) later(id, 0);
    },

    stop() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
};

const handleOf = (taskId: string, sourceArn: string): string =>
  Buffer.from(JSON.stringify({ taskId, sourceArn })).toString('base64');

/** @throws {AwsError} ResourceNotFoundException for text that is no handle. */
export const readTaskHandle = (handle: string): { taskId: string; sourceArn: string } => {
  try {
    const { taskId, sourceArn } = JSON.parse(Buffer.from(handle, 'base64').toString('utf8'));
    if (typeof taskId === 'string' && typeof sourceArn === 'string') return { taskId, sourceArn };
  } catch {
    // Falls through: whatever cannot be read names no task.
  }
  throw new AwsError('ResourceNotFoundException', 'The task handle does not name a task.', 404);
};

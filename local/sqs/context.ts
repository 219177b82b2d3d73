import type { Host } from '../resources.ts';
import type { Need, Principal } from '../service.ts';
import { queueDoesNotExist } from './errors.ts';
import type { Mishaps } from './mishaps.ts';
import type { MoveTasks } from './move-tasks.ts';
import type { Queue, Queues } from './queue.ts';
import type { Attempts } from './receive.ts';
import type { MessageStore } from './store.ts';
import type { Waiting } from './waiting.ts';

/** What the operations share. */
export interface Context {
  readonly host: Pick<Host, 'region' | 'accountId' | 'keyNeed'>;
  /** What goes wrong on purpose. */
  readonly mishaps: Mishaps;
  readonly queues: Queues;
  readonly store: MessageStore;
  readonly waiting: Waiting;
  readonly attempts: Attempts;
  readonly moveTasks: MoveTasks;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Who calls, and whether they are still there. */
export interface Caller {
  readonly principal: Principal;
  readonly signal?: AbortSignal;
}

/** A call that has been read: what it needs, and what it does once that is granted. */
export interface Call {
  readonly needs: readonly Need[];
  run(caller: Caller): unknown;
}

/** Reads a call; nothing happens yet. */
export type Operation = (input: Readonly<Record<string, unknown>>, context: Context) => Call;

export type Access = 'none' | 'read' | 'write';

const KEY_ACTIONS: Record<Access, readonly string[]> = {
  none: [],
  read: ['kms:Decrypt'],
  // The service makes a data key, and reads back the one that it still has.
  write: ['kms:GenerateDataKey', 'kms:Decrypt'],
};

/** What an action on a queue needs; one that does not exist is refused as any other to those who may not know of it. */
export const needsOn = (
  name: string,
  action: string,
  { host, queues }: Pick<Context, 'host' | 'queues'>,
  access: Access = 'none',
): Need[] => {
  const queue = queues.find(name);
  const need: Need = { action: `sqs:${action}`, resource: queues.arnOf(name) };
  const key = queue?.settings.KmsMasterKeyId;
  return [
    queue?.policy ? { ...need, resourcePolicy: queue.policy } : need,
    ...(key === undefined ? [] : KEY_ACTIONS[access].map((keyAction) => host.keyNeed(key, keyAction, 'sqs'))),
  ];
};

/** @throws {AwsError} QueueDoesNotExist. */
export const existing = (queue: Queue | undefined): Queue => {
  if (!queue) throw queueDoesNotExist();
  return queue;
};

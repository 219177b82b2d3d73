import { join } from 'node:path';
import { readJsonCall } from '../bodies.ts';
import { openDatabase } from '../database.ts';
import { AwsError } from '../errors.ts';
import type { Host, Room } from '../resources.ts';
import type { Context, Operation } from './context.ts';
import { MESSAGE_OPERATIONS } from './message-operations.ts';
import { createMishaps } from './mishaps.ts';
import { createMoveTasks } from './move-tasks.ts';
import { createQueues } from './queue.ts';
import { createQueueOperations } from './queue-operations.ts';
import { createAttempts } from './receive.ts';
import { createSqsResources } from './resources.ts';
import { SCHEMA } from './schema.ts';
import { createMessageStore } from './store.ts';
import { createWaiting } from './waiting.ts';

/**
 * Simple Queue Service: standard and FIFO queues over SQLite, by the JSON protocol.
 *
 * Queues come from templates alone. What a call answers is durable.
 *
 * @param now - the clock of messages, in milliseconds since 1970.
 */
export const createSqs = (host: Host, now: () => number = Date.now): Room => {
  const database = openDatabase(join(host.directoryOf('sqs'), 'sqs.sqlite'), SCHEMA);
  const waiting = createWaiting();
  const queues = createQueues(database, host, now);
  const store = createMessageStore(database, queues.findByArn, waiting.ring);
  // Whoever had received a message was a child of the cloud that ended; waiting out its time would only stall a start.
  store.returnInFlight(now());
  const moveTasks = createMoveTasks(database, store, queues, now);
  const attempts = createAttempts(store, now);
  const mishaps = createMishaps(host.faults);
  const context: Context = { host, queues, store, waiting, moveTasks, now, attempts, mishaps };
  const operations = new Map<string, Operation>(Object.entries({ ...MESSAGE_OPERATIONS, ...createQueueOperations() }));

  return {
    resources: createSqsResources(queues),
    start: () => moveTasks.resume(),
    stop: () => moveTasks.stop(),
    service: {
      signingName: 'sqs',
      protocol: 'json-1.0',
      async handle(request, authorise) {
        const { operation, input } = await readJsonCall(request);
        const read = operations.get(operation);
        if (!read) throw new AwsError('UnknownOperationException', `sqs:${operation} is not emulated`);
        const call = read(input, context);
        authorise(request.principal, call.needs);
        const answer = await call.run(request);
        return {
          status: 200,
          headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': request.requestId },
          body: JSON.stringify(answer),
        };
      },
      close() {
        waiting.close();
        database.close();
      },
    },
  };
};

import * as z from 'zod';
import { AwsError } from '../errors.ts';
import { BatchSchema, eachEntry, entriesIn } from './batch.ts';
import { type Access, type Caller, type Context, existing, needsOn, type Operation } from './context.ts';
import { attributesDigest, bodyDigest } from './digest.ts';
import { invalidParameter, queueDoesNotExist } from './errors.ts';
import { readHandle } from './handle.ts';
import { parseInput } from './input.ts';
import { type Draft, draftOf, type SendInput, SendSchema, sizeOf } from './message.ts';
import type { Queue } from './queue.ts';
import { messageOf, ReceiveSchema, receive, sequenceNumberOf } from './receive.ts';
import type { Sent } from './store.ts';

const LARGEST_BATCH_BYTES = 1_048_576;
const LONGEST_VISIBILITY_SECONDS = 12 * 3600;

const QueueUrlSchema = z.object({ QueueUrl: z.string() });
const DeleteSchema = z.object({ ReceiptHandle: z.string() });
const VisibilitySchema = z.object({
  ReceiptHandle: z.string(),
  VisibilityTimeout: z.number().int().min(0).max(LONGEST_VISIBILITY_SECONDS),
});

interface OnQueue<Input> {
  readonly schema: z.ZodType<Input>;
  /** Batches share the permission of the single call. */
  readonly action: string;
  readonly access?: Access;
  run(queue: Queue, input: Input, context: Context, caller: Caller): unknown;
}

/** An operation on the queue that its URL names. */
export const onQueue =
  <Input>({ schema, action, access, run }: OnQueue<Input>): Operation =>
  (raw, context) => {
    const name = context.queues.nameIn(parseInput(QueueUrlSchema, raw).QueueUrl);
    if (name === undefined) throw queueDoesNotExist();
    const input = parseInput(schema, raw);
    return {
      needs: needsOn(name, action, context, access),
      run: (caller) => run(existing(context.queues.find(name)), input, context, caller),
    };
  };

const sentAnswer = ({ id, sequence }: Sent, draft: Draft, { fifo }: Queue) => ({
  MessageId: id,
  MD5OfMessageBody: bodyDigest(draft.body),
  ...(Object.keys(draft.attributes).length > 0 ? { MD5OfMessageAttributes: attributesDigest(draft.attributes) } : {}),
  ...(Object.keys(draft.systemAttributes).length > 0
    ? { MD5OfMessageSystemAttributes: attributesDigest(draft.systemAttributes) }
    : {}),
  ...(fifo ? { SequenceNumber: sequenceNumberOf(sequence) } : {}),
});

const remove = (queue: Queue, handle: string, { store, mishaps, now }: Context, caller: Caller): void => {
  const { sequence, receipt } = readHandle(handle, queue);
  const row = store.find(queue, sequence);
  if (queue.fifo && row?.receipt === receipt && row.visible_ms <= now()) {
    throw invalidParameter('ReceiptHandle', 'The receipt handle has expired');
  }
  if (row?.receipt === receipt && mishaps.comesBack(queue, row, caller)) {
    store.extend(queue, [row], now(), now());
    return;
  }
  store.remove(queue, sequence, receipt, now());
};

const changeVisibility = (
  queue: Queue,
  { ReceiptHandle, VisibilityTimeout }: z.infer<typeof VisibilitySchema>,
  { store, now }: Context,
): void => {
  const { sequence, receipt } = readHandle(ReceiptHandle, queue);
  const nowMs = now();
  const row = store.find(queue, sequence);
  if (row?.receipt !== receipt) {
    throw invalidParameter('ReceiptHandle', 'Message does not exist or is not available for visibility timeout change');
  }
  if (row.visible_ms <= nowMs) {
    throw new AwsError('MessageNotInflight', 'The message referred to is not in flight.');
  }
  const visibleMs = nowMs + VisibilityTimeout * 1000;
  if (visibleMs > (row.received_ms ?? nowMs) + LONGEST_VISIBILITY_SECONDS * 1000) {
    throw invalidParameter(
      'VisibilityTimeout',
      `Total VisibilityTimeout for the message is beyond the limit [${LONGEST_VISIBILITY_SECONDS} seconds]`,
    );
  }
  store.extend(queue, [row], visibleMs, nowMs);
};

const sendBatch = (queue: Queue, input: z.infer<typeof BatchSchema>, context: Context, caller: Caller) => {
  const entries = entriesIn(input);
  const parsed = new Map<string, SendInput>();
  const checked = eachEntry(entries, (entry) => {
    const message = parseInput(SendSchema, entry);
    parsed.set(entry.Id, message);
    return { draft: draftOf(message, queue) };
  });
  const bytes = [...parsed.values()].reduce((sum, message) => sum + sizeOf(message), 0);
  if (bytes > LARGEST_BATCH_BYTES) {
    throw new AwsError(
      'BatchRequestTooLong',
      `Batch requests cannot be longer than ${LARGEST_BATCH_BYTES} bytes. You have sent ${bytes} bytes.`,
    );
  }
  const refused = context.mishaps.refused(checked.Successful, caller);
  const taken = checked.Successful.filter((entry) => !refused.some(({ Id }) => Id === entry.Id));
  const drafts = taken.map(({ draft }) => ({ ...draft, ...context.mishaps.arrivalOf(queue, caller) }));
  const sent = context.store.add(queue, drafts, caller.principal.arn, context.now());
  return {
    Successful: taken.map(({ Id, draft }, index) => ({
      Id,
      ...sentAnswer(sent[index] as Sent, draft, queue),
    })),
    Failed: [...checked.Failed, ...refused],
  };
};

/** Sending, receiving, deleting and hiding messages. */
export const MESSAGE_OPERATIONS: Readonly<Record<string, Operation>> = {
  SendMessage: onQueue({
    schema: SendSchema,
    action: 'SendMessage',
    access: 'write',
    run(queue, input, { store, mishaps, now }, caller) {
      const draft = draftOf(input, queue);
      const arriving = { ...draft, ...mishaps.arrivalOf(queue, caller) };
      const [sent] = store.add(queue, [arriving], caller.principal.arn, now());
      return sentAnswer(sent as Sent, draft, queue);
    },
  }),
  SendMessageBatch: onQueue({ schema: BatchSchema, action: 'SendMessage', access: 'write', run: sendBatch }),
  ReceiveMessage: onQueue({
    schema: ReceiveSchema,
    action: 'ReceiveMessage',
    access: 'read',
    async run(queue, input, context, { signal }) {
      const messages = await receive(queue, input, signal, context);
      return messages.length === 0 ? {} : { Messages: messages.map((message) => messageOf(message, input)) };
    },
  }),
  DeleteMessage: onQueue({
    schema: DeleteSchema,
    action: 'DeleteMessage',
    run: (queue, { ReceiptHandle }, context, caller) => {
      remove(queue, ReceiptHandle, context, caller);
      return {};
    },
  }),
  DeleteMessageBatch: onQueue({
    schema: BatchSchema,
    action: 'DeleteMessage',
    run: (queue, input, context, caller) =>
      eachEntry(entriesIn(input), (entry) => {
        remove(queue, parseInput(DeleteSchema, entry).ReceiptHandle, context, caller);
        return {};
      }),
  }),
  ChangeMessageVisibility: onQueue({
    schema: VisibilitySchema,
    action: 'ChangeMessageVisibility',
    run: (queue, input, context) => {
      changeVisibility(queue, input, context);
      return {};
    },
  }),
  ChangeMessageVisibilityBatch: onQueue({
    schema: BatchSchema,
    action: 'ChangeMessageVisibility',
    run: (queue, input, context) =>
      eachEntry(entriesIn(input), (entry) => {
        changeVisibility(queue, parseInput(VisibilitySchema, entry), context);
        return {};
      }),
  }),
};

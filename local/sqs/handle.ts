import { Buffer } from 'node:buffer';
import { receiptHandleIsInvalid } from './errors.ts';
import type { Queue } from './queue.ts';
import type { MessageRow } from './schema.ts';

/** What a receipt handle stands for: one receive of one message. */
export interface Receipt {
  readonly sequence: number;
  readonly receipt: string;
}

/** The opaque text that a receiver gives back to delete a message or to change its visibility. */
export const handleOf = ({ queue, sequence, receipt }: MessageRow): string =>
  Buffer.from(`${sequence} ${receipt} ${queue}`).toString('base64');

/** @throws {AwsError} ReceiptHandleIsInvalid for text that is no handle, or another queue's. */
export const readHandle = (handle: string, queue: Queue): Receipt => {
  const [, sequence, receipt, name] =
    /^(\d+) ([0-9a-f-]{36}) (.+)$/.exec(Buffer.from(handle, 'base64').toString('utf8')) ?? [];
  if (!receipt || name !== queue.name) throw receiptHandleIsInvalid();
  return { sequence: Number(sequence), receipt };
};

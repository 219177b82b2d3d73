import type { Item } from './values.ts';

/** Why one action of a transaction was, or was not, the cause of its cancellation. */
export interface CancellationReason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: Item;
}

/** What a client gets instead of a result: an HTTP status and DynamoDB's JSON error body. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** The code that stands for this fault in the cancellation reasons of a transaction. */
  readonly reason: CancellationReason;

  constructor(body: Readonly<Record<string, unknown>>, reasonCode: string, status = 400) {
    const message = typeof body.message === 'string' ? body.message : '';
    super(message);
    this.body = body;
    this.status = status;
    this.reason = { Code: reasonCode, Message: message, ...(body.Item ? { Item: body.Item as Item } : {}) };
  }
}

const SERVICE = 'com.amazonaws.dynamodb.v20120810#';

/** A fault of DynamoDB's own model, by its short name. */
export const serviceFault = (name: string, message: string, extra: Record<string, unknown> = {}): Fault =>
  new Fault({ __type: SERVICE + name, message, ...extra }, name.replace(/Exception$/, ''));

/** The request breaks a rule; the message says which. */
export const validationFault = (message: string): Fault =>
  new Fault({ __type: 'com.amazon.coral.validate#ValidationException', message }, 'ValidationError');

/** A condition did not hold; the item as it is comes along when the request asked for it. */
export const conditionalCheckFailed = (item?: Item): Fault =>
  serviceFault('ConditionalCheckFailedException', 'The conditional request failed', item ? { Item: item } : {});

/** The table, index or stream does not exist. */
export const notFound = (message = 'Requested resource not found'): Fault =>
  serviceFault('ResourceNotFoundException', message);

/** A write met a transaction that is still going on for the same item. */
export const transactionConflict = (): Fault =>
  serviceFault('TransactionConflictException', 'Transaction is ongoing for the item');

/** The table is asked for more than it can give right now; a client retries. */
export const throttled = (): Fault =>
  new Fault(
    {
      __type: 'com.amazon.coral.availability#ThrottlingException',
      message:
        'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly.',
    },
    'ThrottlingError',
  );

/** A transaction was cancelled; one reason for each of its actions, in their order. */
export const transactionCancelled = (reasons: readonly CancellationReason[]): Fault => {
  const codes = reasons.map(({ Code }) => Code).join(', ');
  return new Fault(
    {
      __type: `${SERVICE}TransactionCanceledException`,
      // The one exception whose message is capitalised on the wire.
      Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
      CancellationReasons: reasons,
    },
    'TransactionCanceled',
  );
};

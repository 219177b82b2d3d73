import { AwsError, DeploymentError } from '../../errors.ts';
import { callJson } from '../../inside.ts';
import type { Host } from '../../resources.ts';
import type { Need, PolicyDocument, Principal } from '../../service.ts';
import type { QueueMessage } from './queue-event.ts';

/** One queue as an event source mapping uses it. */
export interface QueueClient {
  readonly url: string;
  /** Seconds that a message stays hidden. @throws {DeploymentError} if there is no such queue. */
  visibilitySeconds(): Promise<number>;
  /** Whether the function's role may work on the queue, as AWS asks when a mapping is created. @throws {AwsError} */
  checkGrants(principal: Principal): Promise<void>;
  receive(
    principal: Principal,
    options: { most: number; waitSeconds: number; signal: AbortSignal },
  ): Promise<readonly QueueMessage[]>;
  /** Hides messages for this long from now on, in the developer's name. */
  hide(handles: readonly string[], seconds: number): Promise<void>;
  /** Deletes messages. @returns how many could not be deleted, because their time was over. */
  remove(principal: Principal, handles: readonly string[]): Promise<number>;
}

const ACTIONS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
const MOST_ENTRIES = 10;

export const createQueueClient = (host: Host, arn: string): QueueClient => {
  const url = `${host.endpoint}/${host.accountId}/${arn.split(':').at(-1)}`;

  const call = <T>(principal: Principal, operation: string, input: Record<string, unknown>): Promise<T> =>
    callJson<T>(host, principal, 'sqs', `AmazonSQS.${operation}`, { QueueUrl: url, ...input });

  const attributes = async (names: readonly string[]): Promise<Readonly<Record<string, string>>> => {
    const { Attributes = {} } = await call<{ Attributes?: Record<string, string> }>(
      host.developer,
      'GetQueueAttributes',
      { AttributeNames: names },
    );
    return Attributes;
  };

  return {
    url,
    async visibilitySeconds() {
      try {
        const { VisibilityTimeout } = await attributes(['VisibilityTimeout']);
        return Number(VisibilityTimeout);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        throw new DeploymentError(`the event source ${arn} cannot be read: ${error.message}`, { cause: error });
      }
    },
    async checkGrants(principal) {
      const { Policy } = await attributes(['Policy']);
      const policy = Policy === undefined ? {} : { resourcePolicy: JSON.parse(Policy) as PolicyDocument };
      host.authorise(
        principal,
        ACTIONS.map((action): Need => ({ action, resource: arn, ...policy })),
      );
    },
    async receive(principal, { most, waitSeconds, signal }) {
      const { Messages = [] } = await callJson<{ Messages?: QueueMessage[] }>(
        { call: (who, service, request) => host.call(who, service, { ...request, signal }) },
        principal,
        'sqs',
        'AmazonSQS.ReceiveMessage',
        {
          QueueUrl: url,
          MaxNumberOfMessages: Math.min(most, MOST_ENTRIES),
          WaitTimeSeconds: waitSeconds,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        },
      );
      return Messages;
    },
    async hide(handles, seconds) {
      for (const entries of entriesOf(handles)) {
        await call(host.developer, 'ChangeMessageVisibilityBatch', {
          Entries: entries.map((entry) => ({ ...entry, VisibilityTimeout: seconds })),
        });
      }
    },
    async remove(principal, handles) {
      let failed = 0;
      for (const entries of entriesOf(handles)) {
        const { Failed = [] } = await call<{ Failed?: unknown[] }>(principal, 'DeleteMessageBatch', {
          Entries: entries,
        });
        failed += Failed.length;
      }
      return failed;
    },
  };
};

const entriesOf = (handles: readonly string[]): { Id: string; ReceiptHandle: string }[][] =>
  Array.from({ length: Math.ceil(handles.length / MOST_ENTRIES) }, (_, batch) =>
    handles
      .slice(batch * MOST_ENTRIES, (batch + 1) * MOST_ENTRIES)
      .map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle })),
  );

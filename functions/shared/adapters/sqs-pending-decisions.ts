import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

import type { Decision } from '#domain/decision.ts';
import type { PendingDecision } from '#domain/messages.ts';
import { writtenMove } from '#features/history/written-moves.ts';
import type { Deadline } from '#ports/clock.ts';
import type { PendingCommit, PendingDecisions } from '#ports/decision-store.ts';
import type { AwsCall } from './aws-call.ts';
import { messageLinks } from './sqs-links.ts';

/** Of one body; the service allows 256 KB, attributes included. */
const MAX_BODY_BYTES = 250_000;

/** What is committed beside decisions. */
type Rest = Omit<PendingCommit, 'decisions'>;

export interface SqsPendingDecisionsOptions {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly call: AwsCall;
}

/** The recorded-later queue on SQS. */
export class SqsPendingDecisions implements PendingDecisions {
  readonly #options: SqsPendingDecisionsOptions;

  constructor(options: SqsPendingDecisionsOptions) {
    this.#options = options;
  }

  async add(decisions: readonly Decision[], deadline: Deadline, rest: Rest = {}): Promise<void> {
    const { sqs, queueUrl, call } = this.#options;
    const send = async (body: string): Promise<void> => {
      const command = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body, ...messageLinks() });
      await call((options) => sqs.send(command, options), { deadline, what: 'the recorded-later queue' });
    };
    await Promise.all(bodiesOf(decisions, rest).map(send));
  }
}

/** One message for all, or one for each where they do not fit together. */
const bodiesOf = (decisions: readonly Decision[], rest: Rest): readonly string[] => {
  const together = bodyOf(decisions, rest);
  if (Buffer.byteLength(together) <= MAX_BODY_BYTES) return [together];
  // Whichever of them is committed first brings the event on record, and what goes with it.
  return decisions.map((decision) => bodyOf([decision], rest));
};

const bodyOf = (decisions: readonly Decision[], { sealed, moves = [], profiles = [] }: Rest): string => {
  const shared = { decisions: [...decisions], ...(sealed && { sealed }) };
  const message: PendingDecision =
    profiles.length === 0
      ? { v: 1, ...shared }
      : { v: 2, ...shared, history: { profiles: [...profiles], moves: moves.map(writtenMove) } };
  return JSON.stringify(message);
};

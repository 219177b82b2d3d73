import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

import type { Decision } from '#domain/decision.ts';
import type { PendingDecision } from '#domain/messages.ts';
import type { Sealed } from '#domain/sealed.ts';
import type { Deadline } from '#ports/clock.ts';
import type { PendingDecisions } from '#ports/decision-store.ts';
import type { AwsCall } from './aws-call.ts';
import { messageLinks } from './sqs-links.ts';

/** Of one body; the service allows 256 KB, attributes included. */
const MAX_BODY_BYTES = 250_000;

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

  async add(decisions: readonly Decision[], deadline: Deadline, sealed?: Sealed): Promise<void> {
    const { sqs, queueUrl, call } = this.#options;
    const send = async (body: string): Promise<void> => {
      const command = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body, ...messageLinks() });
      await call((options) => sqs.send(command, options), { deadline, what: 'the recorded-later queue' });
    };
    await Promise.all(bodiesOf(decisions, sealed).map(send));
  }
}

/** One message for all, or one for each where they do not fit together. */
const bodiesOf = (decisions: readonly Decision[], sealed?: Sealed): readonly string[] => {
  const together = bodyOf(decisions, sealed);
  if (Buffer.byteLength(together) <= MAX_BODY_BYTES) return [together];
  // Whichever of them is committed first brings the event on record, and what is sealed with it.
  return decisions.map((decision) => bodyOf([decision], sealed));
};

const bodyOf = (decisions: readonly Decision[], sealed?: Sealed): string =>
  JSON.stringify({ v: 1, decisions: [...decisions], ...(sealed && { sealed }) } satisfies PendingDecision);

import { expect, test } from '@jest/globals';
import type { Context, SQSEvent } from 'aws-lambda';

import { MemoryDecisionStore } from '#adapters/memory-decision-store.ts';
import { createHandler } from '../../../../functions/scoring/pending/handler.ts';
import { aDecision, anEvent } from '../../../support/decisions.ts';

const context = { awsRequestId: 'lambda-1', getRemainingTimeInMillis: () => 5_000 } as Context;
const batch = (...bodies: readonly unknown[]): SQSEvent =>
  ({
    Records: bodies.map((body, index) => ({
      messageId: `m-${index}`,
      body: JSON.stringify(body),
      eventSourceARN: 'arn:aws:sqs:eu-west-1:1:pending',
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1700000000000' },
    })),
  }) as unknown as SQSEvent;
const on = (eventId: string) => aDecision({ event: anEvent({ eventId }) });

test('each message is committed on its own; one that is no decision comes back', async () => {
  const decisions = new MemoryDecisionStore();
  const handler = createHandler({ decisions });

  const response = await handler(
    batch(
      { v: 1, decisions: [on('a')] },
      { v: 1, decisions: [{ ...on('b'), score: 1001 }] },
      { v: 1, decisions: [on('c')] },
    ),
    context,
  );

  expect(response.batchItemFailures).toEqual([{ itemIdentifier: 'm-1' }]);
  expect([...(await decisions.find('card_payment', ['a', 'b', 'c'], ['card-payments'])).keys()]).toEqual(['a', 'c']);
});

test('a message that cannot be committed comes back', async () => {
  const decisions = new MemoryDecisionStore();
  decisions.commit = () => Promise.reject(new Error('down'));

  const response = await createHandler({ decisions })(batch({ v: 1, decisions: [on('a')] }), context);

  expect(response.batchItemFailures).toEqual([{ itemIdentifier: 'm-0' }]);
});

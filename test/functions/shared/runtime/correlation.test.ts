import { describe, expect, test } from '@jest/globals';
import type { Context, SQSRecord } from 'aws-lambda';
import * as z from 'zod';

import { messageLinks } from '#adapters/sqs-links.ts';
import { withCorrelation } from '#runtime/correlation.ts';
import type { LogContext } from '#runtime/log.ts';
import { silentLogger } from '#runtime/log.ts';
import { queueHandler } from '#runtime/queue-handler.ts';

const context = { awsRequestId: 'lambda-1', getRemainingTimeInMillis: () => 5_000 } as Context;

const message = (body: object, correlationId?: string): SQSRecord =>
  ({
    messageId: 'message-1',
    body: JSON.stringify(body),
    eventSourceARN: 'arn:aws:sqs:eu-west-1:1:things',
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1700000000000' },
    messageAttributes: correlationId === undefined ? {} : { correlationId: { stringValue: correlationId } },
  }) as unknown as SQSRecord;

const linkOf = (links: ReturnType<typeof messageLinks>) => links.MessageAttributes?.correlationId?.StringValue;

/** Handles one message. @returns the id of the last logger, and what a message sent meanwhile would carry. */
const handled = async (record: SQSRecord) => {
  let logged = '';
  let sent: string | undefined;
  const loggers = ({ correlationId }: LogContext) => {
    logged = correlationId;
    return silentLogger;
  };
  const body = z.object({ fileId: z.string().optional() });
  const handler = queueHandler({ name: 'test', body, correlate: ({ fileId }) => fileId, loggers }, async () => {
    await Promise.resolve();
    sent = linkOf(messageLinks());
  });
  await handler({ Records: [record] }, context);
  return { logged, sent };
};

describe('a message is handled under', () => {
  test.each([
    { what: 'the id that it carries', record: message({ fileId: 'file-1' }, 'request-1'), id: 'request-1' },
    { what: "its file's id when it carries none", record: message({ fileId: 'file-1' }), id: 'file-1' },
    { what: 'its own id when it is about no file', record: message({}), id: 'message-1' },
    { what: 'no id that is not plain', record: message({}, 'someone@example.com'), id: 'message-1' },
    { what: 'no card number', record: message({}, '4111111111111111'), id: 'message-1' },
  ])('$what, and what it sends carries that on', async ({ record, id }) => {
    expect(await handled(record)).toEqual({ logged: id, sent: id });
  });
});

test('messages of works side by side keep their own ids', async () => {
  const linkLater = (id: string) =>
    withCorrelation(id, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return linkOf(messageLinks());
    });

  expect(await Promise.all([linkLater('one'), linkLater('other')])).toEqual(['one', 'other']);
  expect(messageLinks()).toEqual({});
});

test("a message carries X-Ray's header of the invocation that sends it", () => {
  const header = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
  process.env._X_AMZN_TRACE_ID = header;

  const { MessageSystemAttributes } = messageLinks();
  delete process.env._X_AMZN_TRACE_ID;

  expect(MessageSystemAttributes).toEqual({ AWSTraceHeader: { DataType: 'String', StringValue: header } });
});

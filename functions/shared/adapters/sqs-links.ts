import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';

import { currentCorrelation, currentTrace } from '#runtime/correlation.ts';

/** Name of the message attribute that carries the correlation id. */
export const CORRELATION_ATTRIBUTE = 'correlationId';

/**
 * What every message carries beside its body: the correlation id of the work that sends it, and X-Ray's trace header,
 * so that logs and traces go on on the other side of the queue. About 90 bytes of the message's size.
 *
 * @param correlationId - of a message that begins work of its own.
 */
export const messageLinks = (
  correlationId = currentCorrelation(),
): Pick<SendMessageBatchRequestEntry, 'MessageAttributes' | 'MessageSystemAttributes'> => {
  const trace = currentTrace();
  return {
    ...(correlationId !== undefined && {
      MessageAttributes: { [CORRELATION_ATTRIBUTE]: { DataType: 'String', StringValue: correlationId } },
    }),
    ...(trace !== undefined && {
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: trace } },
    }),
  };
};

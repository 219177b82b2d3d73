import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from '@jest/globals';

import { createSqs } from '#local/sqs/index.ts';
import { openRooms } from '../../support/rooms.ts';

test.each([{ FifoQueue: true, ContentBasedDeduplication: true }, {}])(
  'what was in flight when the cloud ended is given out at once after a start, counted as received (%j)',
  async (properties) => {
    const group = 'FifoQueue' in properties ? { MessageGroupId: 'g' } : {};
    const open = async (directory?: string) => {
      const rooms = await openRooms((host) => [createSqs(host)], directory ? { directory } : {});
      const { physicalId: QueueUrl } = await rooms.deploy('AWS::SQS::Queue', { ...properties, VisibilityTimeout: 900 });
      const sqs = new SQSClient(rooms.client);
      const receive = async () =>
        (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['All'] }))).Messages ?? [];
      return { rooms, QueueUrl, sqs, receive };
    };
    const before = await open();
    await before.sqs.send(new SendMessageCommand({ QueueUrl: before.QueueUrl, MessageBody: 'held', ...group }));
    expect(await before.receive()).toHaveLength(1);
    expect(await before.receive()).toHaveLength(0);
    before.sqs.destroy();
    await before.rooms.close();

    const after = await open(before.rooms.directory);
    const [again] = await after.receive();
    after.sqs.destroy();
    await after.rooms.close();
    after.rooms.remove();

    expect(again).toMatchObject({ Body: 'held', Attributes: { ApproximateReceiveCount: '2' } });
  },
);

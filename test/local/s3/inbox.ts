import type { Rooms } from '../../support/rooms.ts';

/** A bucket `inbox` without versions, and the queue `files` that it notifies. @returns the queue's URL. */
export const deployInbox = async (rooms: Rooms): Promise<string> => {
  const queue = await rooms.deploy('AWS::SQS::Queue', { QueueName: 'files' });
  const Queue = queue.attributes.Arn;
  await rooms.deploy('AWS::SQS::QueuePolicy', {
    Queues: [queue.physicalId],
    PolicyDocument: {
      Statement: {
        Effect: 'Allow',
        Action: 'sqs:SendMessage',
        Principal: { Service: 's3.amazonaws.com' },
        Resource: Queue,
      },
    },
  });
  await rooms.deploy('AWS::S3::Bucket', {
    BucketName: 'inbox',
    NotificationConfiguration: { QueueConfigurations: [{ Event: 's3:ObjectCreated:*', Queue }] },
  });
  return queue.physicalId;
};

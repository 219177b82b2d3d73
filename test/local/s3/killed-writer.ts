import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createS3 } from '#local/s3/index.ts';
import { createSqs } from '#local/sqs/index.ts';
import { openRooms } from '../../support/rooms.ts';
import { deployInbox } from './inbox.ts';

/** Writes objects until it is killed, and says which ones have been answered. */
const rooms = await openRooms((host) => [createS3(host), createSqs(host)], { directory: process.argv[2] });
await deployInbox(rooms);
await rooms.start();
const s3 = new S3Client(rooms.client);
const write = async (worker: number): Promise<void> => {
  for (let n = 0; ; n++) {
    const Key = `events/${worker}-${n}.csv`;
    await s3.send(new PutObjectCommand({ Bucket: 'inbox', Key, Body: Buffer.alloc(20_000, Key) }));
    process.stdout.write(`${Key}\n`);
  }
};
await Promise.all([0, 1, 2, 3].map(write));

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from '@jest/globals';
import { createS3 } from '#local/s3/index.ts';
import { createSqs } from '#local/sqs/index.ts';
import { openRooms } from '../../support/rooms.ts';
import { deployInbox } from './inbox.ts';

/** Runs the writer until it has been answered so often, and kills it in the midst of its work. */
const killAfter = async (directory: string, answers: number): Promise<string[]> => {
  const script = join(import.meta.dirname, 'killed-writer.ts');
  const child = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
    if (output.split('\n').length > answers) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return output.split('\n').slice(0, -1);
};

test('a process killed while it writes loses no object that it has answered, and no notification', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'killed-'));
  const answered = await killAfter(directory, 40);
  expect(answered.length).toBeGreaterThanOrEqual(40);

  const rooms = await openRooms((host) => [createS3(host), createSqs(host)], { directory });
  const QueueUrl = await deployInbox(rooms);
  await rooms.start();
  const s3 = new S3Client(rooms.client);
  const sqs = new SQSClient(rooms.client);

  const listed = await s3.send(new ListObjectsV2Command({ Bucket: 'inbox' }));
  const keys = (listed.Contents ?? []).map(({ Key }) => Key ?? '');
  expect(keys).toEqual(expect.arrayContaining(answered));
  for (const Key of keys) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'inbox', Key }));
    expect(await Body?.transformToString()).toBe(Buffer.alloc(20_000, Key).toString());
  }
  const told = new Set<string>();
  for (let empty = false; !empty; ) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    for (const { Body } of Messages) {
      const { Records = [] } = JSON.parse(Body ?? '');
      for (const { s3: what } of Records) told.add(what.object.key);
    }
    empty = Messages.length === 0;
    const Entries = Messages.map(({ ReceiptHandle }, n) => ({ Id: `m${n}`, ReceiptHandle }));
    if (!empty) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
  expect([...told].sort()).toEqual([...keys].sort());
  const files = readdirSync(join(directory, 's3', 'objects'), { recursive: true, withFileTypes: true });
  expect(files.filter((entry) => entry.isFile())).toHaveLength(keys.length);

  s3.destroy();
  sqs.destroy();
  await rooms.close();
  rooms.remove();
});

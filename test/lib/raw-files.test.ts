import { ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { createS3, type S3 } from '#local/s3/index.ts';
import { openRooms, type Rooms } from '../support/rooms.ts';
import { ofType, synthesize } from '../support/templates.ts';

const DAY_MS = 86_400_000;
const INBOX_DAYS = 7;
const START_MS = Date.parse('2026-11-02T15:30:00Z');

let nowMs = START_MS;
let room: S3;
let rooms: Rooms;
let s3: S3Client;
let Bucket: string;

beforeAll(async () => {
  const inbox = ofType(synthesize({ inboxDays: INBOX_DAYS }, { validated: false }).data, 'AWS::S3::Bucket').find(
    ([id]) => id.startsWith('Inbox'),
  );
  rooms = await openRooms((host) => {
    room = createS3(host, () => nowMs);
    return [room];
  });
  // The rules of the template itself, on the embedded S3, whose clock goes as told.
  const { VersioningConfiguration, LifecycleConfiguration } = inbox![1].Properties;
  Bucket = (await rooms.deploy('AWS::S3::Bucket', { VersioningConfiguration, LifecycleConfiguration })).physicalId;
  s3 = new S3Client({ ...rooms.client, forcePathStyle: true });
}, 60_000);
afterAll(async () => {
  s3.destroy();
  await rooms.close();
  rooms.remove();
});

/** All that is left of a file at a time, marks that stand for it included. */
const leftAt = async (key: string, atMs: number): Promise<number> => {
  nowMs = atMs;
  room.expire(nowMs);
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: key }));
  return [...Versions, ...DeleteMarkers].length;
};
const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'raw' }));
const midnightAfter = (atMs: number): number => Math.ceil(atMs / DAY_MS) * DAY_MS;

test('nothing is left of a raw file on the stated day, and all of it the days before; of one overwritten, too', async () => {
  await put('events/order/a.csv');
  await put('events/order/b.csv');
  nowMs = START_MS + DAY_MS;
  await put('events/order/b.csv');
  const gone = midnightAfter(START_MS + INBOX_DAYS * DAY_MS);
  const byDay: number[] = [];

  for (let atMs = START_MS + DAY_MS; atMs < gone; atMs += DAY_MS / 4)
    byDay.push(await leftAt('events/order/a.csv', atMs));

  expect(byDay.every((left) => left > 0)).toBe(true);
  expect(await leftAt('events/order/a.csv', gone)).toBe(0);
  expect(await leftAt('events/order/b.csv', gone + DAY_MS)).toBe(0);
}, 60_000);

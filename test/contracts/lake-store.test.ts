import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { MemoryLakeStore } from '#adapters/memory-lake-store.ts';
import { S3LakeStore } from '#adapters/s3-lake-store.ts';
import { createS3 } from '#local/s3/index.ts';
import type { LakeStore } from '#ports/lake-store.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { openRooms, type Rooms } from '../support/rooms.ts';

let rooms: Rooms;
let s3: S3Client;
beforeAll(async () => {
  rooms = await openRooms((host) => [createS3(host)]);
  await rooms.deploy('AWS::S3::Bucket', { BucketName: 'lake', VersioningConfiguration: { Status: 'Enabled' } });
  s3 = new S3Client({ ...rooms.client, forcePathStyle: true });
});
afterAll(async () => {
  s3.destroy();
  await rooms.close();
  rooms.remove();
});

const deadline = () => deadlineIn(10_000);
const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const textIn = async (store: LakeStore, key: string): Promise<string | undefined> => {
  const found = await store.get(key, deadline());
  return found && new TextDecoder().decode(found.bytes);
};

describe.each([
  { name: 'memory', create: (): LakeStore => new MemoryLakeStore(Date.now) },
  {
    name: 'S3',
    create: (): LakeStore => new S3LakeStore(s3, 'lake', createAwsCaller({ random: () => 0, metrics: silentMetrics })),
  },
])('a lake on $name', ({ create }) => {
  test('gives what was put last, and nothing for what is not there', async () => {
    const lake = create();
    await lake.put('one/a', bytesOf('first'), 'text/plain', deadline());
    await lake.put('one/a', bytesOf('second'), 'text/plain', deadline());

    expect(await textIn(lake, 'one/a')).toBe('second');
    expect(await textIn(lake, 'one/b')).toBeUndefined();
  });

  test('replaces only what its caller knows', async () => {
    const lake = create();
    const first = await lake.replace('two/state', bytesOf('1'), undefined, deadline());
    expect(first).toEqual(expect.any(String));
    expect(await lake.replace('two/state', bytesOf('other'), undefined, deadline())).toBeUndefined();

    const second = await lake.replace('two/state', bytesOf('2'), first, deadline());

    expect(second).toEqual(expect.any(String));
    expect(await lake.replace('two/state', bytesOf('late'), first, deadline())).toBeUndefined();
    expect(await textIn(lake, 'two/state')).toBe('2');
    expect((await lake.get('two/state', deadline()))?.tag).toBe(second);
  });

  test('replaces nothing that is not there any more', async () => {
    expect(await create().replace('two/never', bytesOf('1'), '"0123456789abcdef"', deadline())).toBeUndefined();
  });

  test('lets one of two writers win', async () => {
    const lake = create();
    const known = await lake.replace('three/state', bytesOf('0'), undefined, deadline());

    const won = await Promise.all(
      ['left', 'right'].map((text) => lake.replace('three/state', bytesOf(text), known, deadline())),
    );

    expect(won.filter((tag) => tag !== undefined)).toHaveLength(1);
  });

  test('lists what is under a prefix, behind a key, in the order of the keys', async () => {
    const lake = create();
    const beganMs = Date.now();
    for (const key of ['four/c', 'four/a', 'four/b', 'five/a'])
      await lake.put(key, bytesOf(key), 'text/plain', deadline());

    const listed: { key: string; writtenMs: number }[] = [];
    for await (const object of lake.list('four/', 'four/a', deadline())) listed.push(object);

    expect(listed.map(({ key }) => key)).toEqual(['four/b', 'four/c']);
    // S3 tells whole seconds.
    for (const { writtenMs } of listed) expect(writtenMs).toBeGreaterThanOrEqual(beganMs - 1_000);
  });
});

test('a lake on S3 asks again when an answer does not come, long before the deadline', async () => {
  let asked = 0;
  const hanging = {
    send: (_: object, { abortSignal }: { abortSignal: AbortSignal }) => {
      asked += 1;
      if (asked > 1) return Promise.resolve({ Body: { transformToByteArray: async () => bytesOf('late') }, ETag: 'e' });
      return new Promise((_, reject) => abortSignal.addEventListener('abort', () => reject(abortSignal.reason)));
    },
  } as unknown as S3Client;
  const call = createAwsCaller({ random: () => 0, metrics: silentMetrics });

  const text = await textIn(new S3LakeStore(hanging, 'lake', call, 30), 'one/a');

  expect({ text, asked }).toEqual({ text: 'late', asked: 2 });
});

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createDynamoDb, type DynamoDbService } from '#local/dynamodb/index.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'assay-durable-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/**
 * Lets a process write until it has acknowledged so many transactions, and kills it a moment later:
 * at once would be each time before the next one has begun to write.
 *
 * @returns the last one it acknowledged.
 */
const writeAndKill = async (acknowledged: number, delayMs: number): Promise<number> => {
  const writer = spawn(process.execPath, [fileURLToPath(new URL('./endless-writer.ts', import.meta.url)), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  let last = 0;
  for await (const line of createInterface({ input: writer.stdout })) {
    last = Number(line);
    if (last === acknowledged) setTimeout(() => writer.kill('SIGKILL'), delayMs);
  }
  return last;
};

const open = (): DynamoDbService => createDynamoDb({ directory, region: 'eu-west-1', accountId: '123456789012' });
const numberOf = (service: DynamoDbService, id: string): number => {
  const { body } = service.handle('GetItem', { TableName: 'Ledger', Key: { id: { S: id } } });
  return Number((body as { Item?: { n?: { N: string } } }).Item?.n?.N ?? 0);
};
const exists = (service: DynamoDbService, id: string): boolean =>
  'id' in
  ((service.handle('GetItem', { TableName: 'Ledger', Key: { id: { S: id } } }).body as { Item?: object }).Item ?? {});

test.each([
  { acknowledged: 1, delayMs: 2 },
  { acknowledged: 10, delayMs: 3 },
  { acknowledged: 20, delayMs: 5 },
  { acknowledged: 30, delayMs: 7 },
])(
  'a process killed $delayMs ms after transaction $acknowledged leaves each whole and loses none',
  async ({ acknowledged, delayMs }) => {
    const last = await writeAndKill(acknowledged, delayMs);

    const service = open();
    const written = numberOf(service, 'counter0');
    expect(written).toBeGreaterThanOrEqual(last);
    const counters = Array.from({ length: 40 }, (_, at) => numberOf(service, `counter${at}`));
    expect(counters).toEqual(counters.map(() => written));
    expect([exists(service, `event${written}`), exists(service, `event${written + 1}`)]).toEqual([true, false]);
    // A record for each of 41 writes, and the token of the last transaction still counts.
    expect(service.readStream(service.streamArn('Ledger')!, undefined, 10_000)).toHaveLength(41 * written);
    const repeat = {
      TransactItems: [{ Delete: { TableName: 'Ledger', Key: { id: { S: 'counter0' } } } }],
      ClientRequestToken: `token${written}`,
    };
    expect(service.handle('TransactWriteItems', repeat).body).toMatchObject({
      __type: expect.stringMatching(/IdempotentParameterMismatchException$/),
    });
    service.close();
  },
);

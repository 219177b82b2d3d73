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

/** Lets a process write until it has acknowledged so many transactions, then kills it. @returns the last one seen. */
const writeAndKill = async (acknowledged: number): Promise<number> => {
  const writer = spawn(process.execPath, [fileURLToPath(new URL('./endless-writer.ts', import.meta.url)), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  let last = 0;
  for await (const line of createInterface({ input: writer.stdout })) {
    last = Number(line);
    if (last === acknowledged) writer.kill('SIGKILL');
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

test.each([1, 50])(
  'a process killed after %i transactions leaves each whole and none that it acknowledged lost',
  async (acknowledged) => {
    const last = await writeAndKill(acknowledged);

    const service = open();
    const written = numberOf(service, 'a');
    expect(written).toBeGreaterThanOrEqual(last);
    expect([numberOf(service, 'b'), numberOf(service, 'c')]).toEqual([written, written]);
    expect([exists(service, `event${written}`), exists(service, `event${written + 1}`)]).toEqual([true, false]);
    // Four records a transaction, and the token of the last one still counts.
    expect(service.readStream(service.streamArn('Ledger')!, undefined, 10_000)).toHaveLength(4 * written);
    const repeat = {
      TransactItems: [{ Delete: { TableName: 'Ledger', Key: { id: { S: 'a' } } } }],
      ClientRequestToken: `token${written}`,
    };
    expect(service.handle('TransactWriteItems', repeat).body).toMatchObject({
      __type: expect.stringMatching(/IdempotentParameterMismatchException$/),
    });
    service.close();
  },
);

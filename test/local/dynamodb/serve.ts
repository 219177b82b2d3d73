import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttributeValue, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoDb, type DynamoDbOptions, type DynamoDbService, type Interfere } from '#local/dynamodb/index.ts';

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
};

const listen = async (service: () => DynamoDbService): Promise<Server> => {
  const server = createServer(async (request, response) => {
    const target = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const { status, body } = service().handle(target, await bodyOf(request));
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};

/** The service on a port of its own, with a client and a clock that a test moves. */
export interface Served {
  readonly client: DynamoDBClient;
  readonly endpoint: string;
  readonly directory: string;
  readonly service: () => DynamoDbService;
  /** What comes in the way of accesses from now on. */
  interfere(how: Interfere): void;
  /** Milliseconds since 1970, as the service sees them. */
  readonly clock: { nowMs: number };
  /** Sends one request as it is, for operations that the client at hand does not have. */
  send<T>(target: string, body: object): Promise<T>;
  /** Closes the store and opens it again over the same directory. */
  reopen(): void;
  close(): Promise<void>;
}

/** Serves DynamoDB on 127.0.0.1 without checking signatures, for tests alone. */
export const serveDynamoDb = async (): Promise<Served> => {
  const directory = mkdtempSync(join(tmpdir(), 'assay-dynamodb-'));
  const clock = { nowMs: Date.parse('2026-11-07T12:00:00Z') };
  let interference: Interfere = () => undefined;
  const options: DynamoDbOptions = {
    directory,
    region: 'eu-west-1',
    accountId: '123456789012',
    now: () => clock.nowMs,
    interfere: (access) => interference(access),
  };
  let service = createDynamoDb(options);
  const server = await listen(() => service);
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  return {
    client,
    endpoint,
    directory,
    clock,
    service: () => service,
    interfere: (how) => {
      interference = how;
    },
    send: async <T>(target: string, body: object) => {
      const headers = { 'x-amz-target': `DynamoDBStreams_20120810.${target}` };
      const response = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(body) });
      return (await response.json()) as T;
    },
    reopen: () => {
      service.close();
      service = createDynamoDb(options);
    },
    close: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      service.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

/** A table with a hash key `pk`, a range key `sk`, and whatever a test adds. */
export const pairTable = (
  name: string,
  more: Partial<CreateTableCommandInput> = {},
): CreateTableCommandInput & { TableName: string } => ({
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  ...more,
  TableName: name,
});

/** All pages of a query or scan, and how many there were. */
export const pagesOf = async <T extends { LastEvaluatedKey?: Record<string, AttributeValue> }>(
  read: (start: Record<string, AttributeValue> | undefined) => Promise<T>,
): Promise<T[]> => {
  const pages: T[] = [];
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page = await read(start);
    pages.push(page);
    start = page.LastEvaluatedKey;
  } while (start && pages.length < 100);
  return pages;
};

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';

import { type Cloud, type CloudOptions, startCloud } from '#local/cloud.ts';
import { AssayClient } from '../../bin/system/client.ts';
import { type System, systemOf } from '../../bin/system/system.ts';
import { waitForCatalog } from '../../bin/system/wait-for-catalog.ts';
import { type Assembly, type AssemblyOptions, synthesizeSystem } from './system-assembly.ts';

/** Clients of the developer's, of a system that runs somewhere on this machine. */
export interface SystemClients {
  readonly system: System;
  /** Of the API and the inbox. */
  readonly client: AssayClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly dynamoDb: DynamoDBClient;
  /** Address of the one queue of this construct, as `ChunksDeadLetters`. */
  queueUrl(named: string): Promise<string>;
  /** Name of the one table of this construct, as `FileTable`. */
  tableName(named: string): Promise<string>;
  /** Lets go of all connections. */
  close(): void;
}

/** The whole of Assay on this machine: the synthesized template on an embedded cloud, and clients of it. */
export interface TestSystem extends SystemClients {
  readonly cloud: Cloud;
  /** Where the cloud keeps everything. */
  readonly directory: string;
  /** For files of the tests themselves. */
  readonly scratch: string;
  /** Stops the cloud and takes all of its files away. */
  stop(): Promise<void>;
}

export interface SystemOptions extends AssemblyOptions, Pick<CloudOptions, 'onCall' | 'onEvent'> {
  /** @default synthesized for this system alone */
  readonly assembly?: Assembly;
  /** Directory of a cloud that ran before. @default a new one */
  readonly directory?: string;
}

const SERVICE_STACK = 'Assay-system-Service';

/** Brings the whole system up, on any free ports, and waits until its catalog is registered. Takes a few seconds. */
export const startSystem = async ({
  assembly,
  directory,
  onCall,
  onEvent,
  ...options
}: SystemOptions = {}): Promise<TestSystem> => {
  const scratch = mkdtempSync(join(tmpdir(), 'assay-system-'));
  const data = directory ?? join(scratch, 'cloud');
  const from = assembly ?? (await synthesizeSystem(options));
  const cloud = await startCloud({
    assembly: from.path,
    directory: data,
    ...(onCall && { onCall }),
    ...(onEvent && { onEvent }),
  });
  const stop = async (): Promise<void> => {
    await cloud.stop();
    rmSync(scratch, { recursive: true, force: true });
    if (!assembly) from.remove();
  };
  try {
    const system = systemOfCloud(cloud);
    await waitForCatalog(system, AbortSignal.timeout(30_000));
    const clients = clientsOf(system);
    return {
      ...clients,
      cloud,
      directory: data,
      scratch,
      stop: async () => {
        clients.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** How a running cloud's system is reached. */
export const systemOfCloud = ({ outputs, region, endpoint, credentials }: Cloud): System =>
  systemOf(outputs[SERVICE_STACK] ?? {}, { region, endpoint, credentials });

/** Connects to a system that runs on this machine. */
export const clientsOf = (system: System): SystemClients => {
  const { region, endpoint = '', credentials = { accessKeyId: '', secretAccessKey: '' } } = system;
  const settings = { region, endpoint, credentials };
  const client = new AssayClient(system);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const sqs = new SQSClient(settings);
  const dynamoDb = new DynamoDBClient(settings);
  return {
    system,
    client,
    s3,
    sqs,
    dynamoDb,
    queueUrl: async (named: string) => only((await sqs.send(new ListQueuesCommand({}))).QueueUrls, named),
    tableName: async (named: string) => only((await dynamoDb.send(new ListTablesCommand({}))).TableNames, named),
    close: () => {
      client.close();
      for (const each of [s3, sqs, dynamoDb]) each.destroy();
    },
  };
};

const only = (names: readonly string[] = [], named: string): string => {
  const [name, ...others] = names.filter((candidate) => candidate.includes(`-${named}`));
  if (name === undefined || others.length > 0) throw new Error(`not one but ${others.length + 1} are named ${named}`);
  return name;
};

import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { createApiGateway } from './apigateway/apigateway.ts';
import { type AssetShelf, createAssetShelf } from './assembly/assets.ts';
import { deployAssembly } from './assembly/deploy.ts';
import { type Assembly, readAssembly } from './assembly/manifest.ts';
import { openDeploymentRecord, type StackRecord } from './assembly/record.ts';
import { createCloudFormation } from './cloudformation/cloudformation.ts';
import { openCredentials } from './credentials/credentials.ts';
import type { MeteredUnits } from './dynamodb/meter.ts';
import { AwsError } from './errors.ts';
import { createEventBridge, type EventBridge } from './events/eventbridge.ts';
import { createFaults, type Faults } from './faults.ts';
import { openEndpoint } from './http/endpoint.ts';
import { errorResponse } from './http/errors.ts';
import type { Statement } from './iam/policy.ts';
import { createIam } from './iam/roles.ts';
import { createKms } from './kms/kms.ts';
import { lockDirectory } from './lock.ts';
import { placeFor } from './place.ts';
import type { Credentials, Host, ResourceProvider, Room } from './resources.ts';
import { createSecretsManager } from './secretsmanager/secretsmanager.ts';
import type { Authorise, AwsService, Need, Principal } from './service.ts';
import { createSts } from './sts/sts.ts';

export interface CloudOptions {
  /** Folder that `cdk synth` wrote. */
  readonly assembly: string;
  /** Where all state is kept; made if it is not there. */
  readonly directory: string;
  /**
   * Port of the services; APIs follow on the next ones.
   * @default any free ports
   */
  readonly port?: number;
  /** @default the assembly's region, else the directory's, else us-east-1 */
  readonly region?: string;
  /** @default the assembly's account, else the directory's, else 000000000000 */
  readonly accountId?: string;
  /** Takes notices and failures, a line each. */
  readonly log?: (line: string) => void;
  /**
   * Numbers in [0, 1) that say which calls meet a fault that strikes a share of them.
   * @default Math.random
   */
  readonly faultChances?: () => number;
  /** Takes what functions write to their logs, as whole lines. */
  readonly onLog?: (functionName: string, text: string) => void;
  /** Told of the request units that each call of DynamoDB used, by table. */
  readonly onUnits?: (units: MeteredUnits) => void;
  /** Told of every call that was allowed: who made it, and the permissions that it took. Not of the developer's. */
  readonly onCall?: (principal: Principal, needs: readonly Need[]) => void;
  /** Told of every event that is put on a bus, in the form in which its rules see it. */
  readonly onEvent?: (bus: string, event: object) => void;
}

/** A cloud that is up. */
export interface Cloud {
  /** `http://127.0.0.1:<port>`, for `AWS_ENDPOINT_URL`. */
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  /** The developer's, who may do everything. */
  readonly credentials: Credentials;
  /** REST APIs with their addresses; a stage is the first part of the path. */
  readonly apis: readonly ApiAddress[];
  /** Outputs by stack and key. Addresses of APIs are those on this machine. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Makes services fail, for tests of what depends on them. */
  readonly faults: Faults;
  /** What each role of the templates may do, by its ARN: for tests that ask whether every grant is needed. */
  readonly roles: ReadonlyMap<string, readonly Statement[]>;
  /** Takes no more calls, lets work in hand finish, closes everything. Safe to repeat. */
  stop(): Promise<void>;
}

export interface ApiAddress {
  readonly id: string;
  readonly name: string;
  /** With the stage, without a slash at the end: `http://127.0.0.1:4567/v1`; one for each stage. */
  readonly urls: readonly string[];
}

/** What the rooms of a cloud are made from: everything that a host offers. */
export type CreateRooms = (host: Host) => Room[];

/**
 * Brings a cloud assembly up on this machine: opens the endpoint, deploys every stack, starts what works by itself,
 * and tells the default bus that the stacks are complete.
 *
 * @param createRooms - the rooms beside those of the core (IAM, KMS, Secrets Manager, EventBridge, CloudFormation, STS,
 *   API Gateway).
 * @throws {DeploymentError} naming what stands in the way; nothing is left running then.
 */
export const startCore = async (options: CloudOptions, createRooms: CreateRooms): Promise<Cloud> => {
  const assembly = readAssembly(options.assembly);
  const directory = resolve(options.directory);
  mkdirSync(directory, { recursive: true, mode: 0o700 });

  const cleanup = createCleanup();
  cleanup.add(lockDirectory(directory));
  try {
    const cloud = await open(assembly, directory, options, createRooms, cleanup);
    return { ...cloud, stop: () => cleanup.run() };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
};

const open = async (
  assembly: Assembly,
  directory: string,
  {
    port = 0,
    log = () => {},
    onCall = () => {},
    onEvent,
    onLog = () => {},
    onUnits,
    faultChances,
    ...asked
  }: CloudOptions,
  createRooms: CreateRooms,
  cleanup: Cleanup,
): Promise<Omit<Cloud, 'stop'>> => {
  const place = placeFor(assembly, directory, asked);
  const directoryOf = (room: string): string => folderIn(directory, room);
  const notice = onceEach(log);
  const record = openDeploymentRecord(directory, place);
  cleanup.add(() => record.close());
  const credentials = openCredentials(directory, place.accountId);
  const iam = createIam({ accountId: place.accountId, developer: credentials.developer.principal });
  const authorise: Authorise = (principal, needs) => {
    iam.authorise(principal, needs);
    if (principal.arn !== credentials.developer.principal.arn) onCall(principal, needs);
  };
  const faults = createFaults(faultChances);
  const services = new Map<string, AwsService>();
  const onFailure = (error: unknown) => log(`a room failed: ${error instanceof Error ? error.stack : error}`);

  const endpoint = await openEndpoint(port, {
    region: place.region,
    credentials,
    authorise,
    services,
    onFailure,
  });
  cleanup.add(() => endpoint.close());

  const shelf = createAssetShelf(directoryOf('assets'));
  const kms = createKms({ ...place, directoryOf });
  const host: Host = {
    ...place,
    endpoint: endpoint.url,
    developer: credentials.developer.principal,
    directoryOf,
    authorise,
    keyNeed: kms.keyNeed,
    notice,
    withLocalUrls: (text) => apiGateway.withLocalUrls(text),
    onLog,
    ...(onUnits && { onUnits }),
    faults,
    asset: shelf.find,
    assumeRole(roleArn, service) {
      iam.checkTrust(roleArn, service);
      return credentials.issue(roleArn);
    },
    call: (principal, signingName, request) =>
      callInside(services, authorise, onFailure, principal, signingName, request),
  };

  const events = createEventBridge(host, onEvent && { onEvent });
  const apiGateway = createApiGateway({ ...host, credentials, firstPort: port === 0 ? 0 : port + 1 });
  const rooms = [
    { resources: iam.resources },
    kms,
    createSecretsManager(host),
    createSts(host),
    createCloudFormation(record),
    ...createRooms(host),
    events,
    apiGateway,
  ];
  for (const room of rooms) {
    const { service } = room;
    if (service) {
      services.set(service.signingName, faults.around(service));
      cleanup.add(() => service.close());
    }
  }
  // Work stops before any service closes: rooms in hand still call each other.
  cleanup.add(() => endpoint.close());
  for (const room of rooms) if (room.stop) cleanup.add(async () => room.stop?.());
  // Nothing that stops may wait for a call that hangs.
  cleanup.add(() => faults.clear());

  const providers = new Map(rooms.flatMap(({ resources }) => resources).map((provider) => [provider.type, provider]));
  await shelveAssets(assembly, shelf, host, providers);
  const presentOutput = apiGateway.withLocalUrls;
  const stacks = await deployAssembly(assembly, { ...place, providers, record, notice, presentOutput });
  shelf.prune();

  for (const room of rooms) await room.start?.();
  announce(stacks, events);
  return {
    ...place,
    endpoint: endpoint.url,
    credentials: {
      accessKeyId: credentials.developer.accessKeyId,
      secretAccessKey: credentials.developer.secretAccessKey,
    },
    apis: apiGateway
      .apis()
      .map(({ id, name, url, stages }) => ({ id, name, urls: stages.map((stage) => `${url}/${stage}`) })),
    outputs: outputsOf(stacks),
    roles: iam.roles(),
    faults,
  };
};

const shelveAssets = async (
  assembly: Assembly,
  shelf: AssetShelf,
  host: Host,
  providers: ReadonlyMap<string, ResourceProvider>,
): Promise<void> => {
  shelf.store(assembly.assets, host);
  const buckets = providers.get('AWS::S3::Bucket');
  if (buckets) await shelf.upload(host, buckets);
};

/** As CloudFormation does after each stack; here all at the end, when what the rules invoke is there. */
const announce = (stacks: readonly StackRecord[], events: EventBridge): void => {
  for (const { id, status } of stacks) {
    events.publish({
      source: 'aws.cloudformation',
      detailType: 'CloudFormation Stack Status Change',
      resources: [id],
      detail: {
        'stack-id': id,
        'status-details': { status, 'status-reason': '' },
        'client-request-token': randomUUID(),
      },
    });
  }
};

const callInside = async (
  services: ReadonlyMap<string, AwsService>,
  authorise: Host['authorise'],
  onFailure: (error: unknown) => void,
  principal: Principal,
  signingName: string,
  {
    method = 'POST',
    path = '/',
    query = new URLSearchParams(),
    headers = {},
    body,
    signal,
  }: Parameters<Host['call']>[2],
): ReturnType<Host['call']> => {
  const requestId = randomUUID();
  const service = services.get(signingName);
  try {
    if (!service)
      throw new AwsError('UnknownService', `the service '${signingName}' is not part of the embedded cloud`, 501);
    const bytes = body === undefined ? [] : [Buffer.from(body)];
    return await service.handle(
      { method, path, query, headers, body: Readable.from(bytes), principal, requestId, ...(signal && { signal }) },
      authorise,
    );
  } catch (error) {
    if (!(error instanceof AwsError)) onFailure(error);
    return errorResponse(service?.protocol ?? 'json-1.0', error, requestId);
  }
};

const outputsOf = (stacks: readonly StackRecord[]): Cloud['outputs'] =>
  Object.fromEntries(
    stacks.map(({ name, outputs }) => [name, Object.fromEntries(outputs.map(({ key, value }) => [key, value]))]),
  );

const folderIn = (directory: string, room: string): string => {
  const folder = join(directory, room);
  mkdirSync(folder, { recursive: true });
  return folder;
};

const MOST_REMEMBERED = 1000;

/** Passes each line on once, however often it is said. */
const onceEach = (log: (line: string) => void): ((line: string) => void) => {
  const said = new Set<string>();
  return (line) => {
    if (said.has(line)) return;
    if (said.size >= MOST_REMEMBERED) said.clear();
    said.add(line);
    log(line);
  };
};

interface Cleanup {
  add(step: () => Promise<void> | void): void;
  /** Runs the steps, last added first, each once; a failing one does not keep the others from running. */
  run(): Promise<void>;
}

const createCleanup = (): Cleanup => {
  const steps: (() => Promise<void> | void)[] = [];
  let running: Promise<void> | undefined;
  const runAll = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (let step = steps.pop(); step; step = steps.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'the cloud did not stop cleanly');
  };
  return {
    add: (step) => steps.push(step),
    run() {
      running ??= runAll();
      return running;
    },
  };
};

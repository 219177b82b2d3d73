import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { openCredentials } from '#local/credentials/credentials.ts';
import { createFaults, type FaultInjection } from '#local/faults.ts';
import { openEndpoint } from '#local/http/endpoint.ts';
import { errorResponse } from '#local/http/errors.ts';
import { createIam } from '#local/iam/roles.ts';
import { createKms } from '#local/kms/kms.ts';
import type { Asset, Credentials, DeployedResource, Host, Properties, Room } from '#local/resources.ts';
import type { AwsService } from '#local/service.ts';

const REGION = 'eu-central-1';
const ACCOUNT = '000000000000';

/** Some rooms of the embedded cloud behind the real endpoint, signatures and policies, without templates. */
export interface Rooms {
  readonly host: Host;
  /** What rooms ask before something goes wrong within them. */
  readonly faults: FaultInjection;
  /** What an SDK client of the developer is made with. */
  readonly client: ClientOptions;
  /** What an SDK client of a role is made with; the role has these statements. */
  clientOf(roleName: string, statements: readonly object[]): ClientOptions;
  readonly directory: string;
  /** What went wrong inside rooms, and what they told the developer. */
  readonly failures: unknown[];
  readonly notices: string[];
  /** Deploys one resource, as a template's. */
  deploy(type: string, properties: Properties, logicalId?: string): Promise<DeployedResource>;
  start(): Promise<void>;
  /** Closes the rooms and keeps their directory, as the end of a process does. */
  close(): Promise<void>;
  remove(): void;
}

export interface ClientOptions {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: Credentials;
}

/** @param directory - of rooms closed before; a new one by default. */
export const openRooms = async (
  createRooms: (host: Host) => readonly Room[],
  {
    directory = mkdtempSync(join(tmpdir(), 'rooms-')),
    assets = {},
    faults = createFaults(),
  }: { directory?: string; assets?: Readonly<Record<string, Asset>>; faults?: FaultInjection } = {},
): Promise<Rooms> => {
  const credentials = openCredentials(directory, ACCOUNT);
  const iam = createIam({ accountId: ACCOUNT, developer: credentials.developer.principal });
  const services = new Map<string, AwsService>();
  const failures: unknown[] = [];
  const notices: string[] = [];
  const listener = await openEndpoint(0, {
    region: REGION,
    credentials,
    authorise: iam.authorise,
    services,
    onFailure: (error) => failures.push(error),
  });
  const directoryOf = (room: string): string => {
    mkdirSync(join(directory, room), { recursive: true });
    return join(directory, room);
  };
  const kms = createKms({ region: REGION, accountId: ACCOUNT, directoryOf });
  const host: Host = {
    region: REGION,
    accountId: ACCOUNT,
    endpoint: listener.url,
    developer: credentials.developer.principal,
    directoryOf,
    assumeRole: (roleArn) => credentials.issue(roleArn),
    call: (principal, signingName, inside) => {
      const service = services.get(signingName);
      if (!service) throw new Error(`no room answers for ${signingName}`);
      const request = {
        method: 'POST',
        path: '/',
        query: new URLSearchParams(),
        headers: {},
        requestId: 'inside',
        ...inside,
        principal,
        body: Readable.from(inside.body === undefined ? [] : [Buffer.from(inside.body)]),
      };
      return service.handle(request, iam.authorise).catch((error) => errorResponse(service.protocol, error, 'inside'));
    },
    authorise: iam.authorise,
    keyNeed: kms.keyNeed,
    asset: (bucket, key) => assets[`${bucket}/${key}`],
    notice: (line) => notices.push(line),
    withLocalUrls: (text) => text,
    onLog: () => {},
    faults,
  };
  const rooms = [...createRooms(host), kms];
  for (const { service } of rooms) if (service) services.set(service.signingName, faults.around(service));
  const providers = [...rooms.flatMap(({ resources }) => resources), ...iam.resources];
  const deploy = async (type: string, properties: Properties, logicalId = 'Thing'): Promise<DeployedResource> => {
    const provider = providers.find((candidate) => candidate.type === type);
    if (!provider) throw new Error(`no room has ${type}`);
    return provider.deploy({ stackName: 'Test', logicalId, type, properties });
  };
  const client = { region: REGION, endpoint: listener.url, credentials: credentials.developer };
  return {
    host,
    faults,
    client,
    clientOf(roleName, statements) {
      const role = {
        RoleName: roleName,
        AssumeRolePolicyDocument: {
          Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
        },
        Policies: statements.length > 0 ? [{ PolicyName: 'grants', PolicyDocument: { Statement: statements } }] : [],
      };
      void deploy('AWS::IAM::Role', role, roleName);
      return { ...client, credentials: credentials.issue(`arn:aws:iam::${ACCOUNT}:role/${roleName}`).credentials };
    },
    directory,
    failures,
    notices,
    deploy,
    start: async () => {
      for (const room of rooms) await room.start?.();
    },
    close: async () => {
      for (const room of rooms) await room.stop?.();
      const closed = listener.close();
      for (const room of rooms) await room.service?.close();
      await closed;
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
};

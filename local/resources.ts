import { createHash } from 'node:crypto';
import type { MeteredUnits } from './dynamodb/meter.ts';
import type { FaultPoints } from './faults/fault.ts';
import type { Authorise, AwsResponse, AwsService, Need, Principal } from './service.ts';

/** Properties of a resource with every intrinsic function resolved to plain JSON. */
export type Properties = Readonly<Record<string, unknown>>;

/** One resource of a template, ready to become something in a room. */
export interface ResourceDeclaration {
  readonly stackName: string;
  readonly logicalId: string;
  /** CloudFormation type, as `AWS::SQS::Queue`. */
  readonly type: string;
  readonly properties: Properties;
}

/** What a resource became, as other resources see it. */
export interface DeployedResource {
  /** The answer to `Ref`. */
  readonly physicalId: string;
  /** The answers to `Fn::GetAtt`, by attribute name (`Arn`, `QueueName`, `SecretArn`, …). */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Brings resources of one type up in a room. */
export interface ResourceProvider {
  readonly type: string;
  /**
   * Creates the resource, or updates it in place. Called at every start for everything in the template, so it is
   * idempotent, keeps the state that is there, and answers the same physical id for the same declaration. What a room
   * holds in memory alone (policies, rules, mappings) is simply filled again by these calls.
   *
   * @throws {DeploymentError} for a property that the room cannot honour, naming it; nothing is ignored silently.
   */
  deploy(resource: ResourceDeclaration): Promise<DeployedResource> | DeployedResource;
  /**
   * Takes away what an earlier deployment made and the template no longer has. A provider without it holds state:
   * the resource stays, with a notice.
   */
  remove?(resource: RemovedResource): Promise<void> | void;
}

/** A resource that was deployed before and is no longer in the template. */
export interface RemovedResource extends DeployedResource {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
}

/** A service of the embedded cloud together with the resource types that live in it. */
export interface Room {
  /** Absent for a room that has no calls of its own. */
  readonly service?: AwsService;
  readonly resources: readonly ResourceProvider[];
  /** Begins what the room does by itself (polling, schedules), once the whole assembly is deployed. */
  start?(): Promise<void> | void;
  /** Stops what `start` began and waits for work in hand; called before the services close. */
  stop?(): Promise<void> | void;
}

/** Temporary credentials of a role, as a function gets them in its environment. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface RoleSession {
  readonly principal: Principal;
  readonly credentials: Credentials;
}

/** A request from one room to another, through the same door as any client's, short of the signature. */
export interface InsideRequest {
  /** @default 'POST' */
  readonly method?: string;
  /** @default '/' */
  readonly path?: string;
  readonly query?: URLSearchParams;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Ends a long poll whose answer nobody waits for any more; what it would have taken stays. */
  readonly signal?: AbortSignal;
}

/** A file asset of the assembly, found by the bucket and key that the template names for it. */
export interface Asset {
  /** Absolute path of a folder (`zip`) or a file, kept in the data directory: it outlives the assembly. */
  readonly path: string;
  /** `zip`: a folder that AWS would see as an archive. `file`: the file itself, which is also an object in S3. */
  readonly packaging: 'zip' | 'file';
  /** Hash of the content, as the assembly names it. */
  readonly hash: string;
}

/** The cloud as a room sees it. Everything is usable from the first call on, except other rooms' resources. */
export interface Host {
  readonly region: string;
  readonly accountId: string;
  /** `http://127.0.0.1:<port>`, the `AWS_ENDPOINT_URL` of functions. */
  readonly endpoint: string;
  /** The principal that may do everything. */
  readonly developer: Principal;
  /** Absolute path of the folder that belongs to this room; it exists. */
  directoryOf(room: string): string;
  /**
   * Takes on a role for a service, with credentials that last until the cloud stops.
   *
   * @throws {AwsError} AccessDenied if the role does not exist or does not trust the service.
   */
  assumeRole(roleArn: string, service: string): RoleSession;
  /**
   * Calls another room in the name of a principal. Its needs are checked like any client's.
   *
   * @returns the answer as on the wire; an error is a status of 400 and above, not an exception.
   */
  call(principal: Principal, signingName: string, request: InsideRequest): Promise<AwsResponse>;
  /** The same judge that services get with each request, for work that no request starts. */
  readonly authorise: Authorise;
  /**
   * The need that using a KMS key means, with the key's own policy.
   *
   * @param keyId - id, ARN or alias (`alias/name`); AWS's own keys (`alias/aws/sqs`) serve everyone in the account.
   * @param viaService - the service that uses the key for its caller, as `sqs`; conditions see it as `kms:ViaService`.
   * @throws {AwsError} NotFoundException if there is no such key.
   */
  keyNeed(keyId: string, action: string, viaService: string): Need;
  /** The asset behind a bucket and key, or undefined for any other object. */
  asset(bucket: string, key: string): Asset | undefined;
  /** Tells the developer something once, on one line. */
  notice(line: string): void;
  /** A text with the addresses of this machine's APIs in place of those that they would have on AWS. */
  withLocalUrls(text: string): string;
  /** Takes what functions write to their logs, as whole lines. */
  onLog(functionName: string, text: string): void;
  /** Told of the request units of each call of DynamoDB, where somebody asks. */
  readonly onUnits?: (units: MeteredUnits) => void;
  /** Asked before what may go wrong on purpose. */
  readonly faults: FaultPoints;
}

/** The principal of a service that acts on its own, in the name of a resource (its bucket, rule, API method). */
export const servicePrincipal = (service: string, sourceArn: string, accountId: string): Principal => ({
  arn: service,
  accessKeyId: '',
  context: { 'aws:SourceArn': sourceArn, 'aws:SourceAccount': accountId },
});

/** The name of a resource that the template leaves unnamed, as CloudFormation makes them: the same at every start. */
export const generatedName = (
  { stackName, logicalId }: Pick<ResourceDeclaration, 'stackName' | 'logicalId'>,
  { maxLength, lowerCase = false, suffix = '' }: { maxLength: number; lowerCase?: boolean; suffix?: string },
): string => {
  const tail = `-${createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex').slice(0, 12)}${suffix}`;
  const room = maxLength - tail.length;
  const stackShare = Math.min(stackName.length, Math.max(Math.floor(room / 2), room - logicalId.length - 1));
  const head = `${stackName.slice(0, stackShare)}-${logicalId}`.slice(0, room).replace(/-+$/, '');
  return lowerCase ? `${head}${tail}`.toLowerCase() : `${head}${tail}`;
};

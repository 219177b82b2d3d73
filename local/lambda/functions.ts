import * as z from 'zod';
import { DeploymentError } from '../errors.ts';
import { checkProperties, parseProperties } from '../properties.ts';
import { generatedName, type Host, type ResourceProvider } from '../resources.ts';
import type { Need, PolicyDocument } from '../service.ts';
import { readFunction } from './definition.ts';
import type { DeployedFunction } from './deployed-function.ts';
import { functionNameIn } from './names.ts';
import { createVersions } from './versions.ts';

/** How an asynchronous invocation is retried. */
export interface RetryPolicy {
  /** Further attempts after an error of the function. */
  readonly attempts: number;
  /** Age in seconds at which an event is given up. */
  readonly maxAgeSeconds: number;
}

const DEFAULT_RETRIES: RetryPolicy = { attempts: 2, maxAgeSeconds: 6 * 3600 };

/** The functions of the templates, with who may invoke them. Deploying fills it at every start. */
export interface Functions {
  readonly resources: readonly ResourceProvider[];
  /** @param name - alone, or with a version or an alias behind it: each has its own policy and repeats. */
  find(name: string): DeployedFunction | undefined;
  all(): readonly DeployedFunction[];
  policyOf(name: string): PolicyDocument | undefined;
  retriesOf(name: string): RetryPolicy;
  /** What an action on a function needs, whether the function exists or not. */
  needFor(name: string, action: string): Need;
  close(): void;
}

interface Permission {
  readonly functionName: string;
  readonly statement: Readonly<Record<string, unknown>>;
}

/**
 * @param directory - where the numbers of versions are kept.
 * @param onChange - told of a function that has changed or gone.
 */
export const createFunctions = (
  host: Pick<Host, 'region' | 'accountId' | 'assumeRole' | 'asset'>,
  directory: string,
  onChange: (name: string) => void,
): Functions => {
  const functions = new Map<string, DeployedFunction>();
  const versions = createVersions(directory, (name) => functions.get(name));
  const permissions = new Map<string, Permission>();
  const retries = new Map<string, RetryPolicy>();
  const policies = new Map<string, PolicyDocument>();
  const arnOf = (name: string): string => `arn:aws:lambda:${host.region}:${host.accountId}:function:${name}`;

  const policyOf = (name: string): PolicyDocument | undefined => {
    const known = policies.get(name);
    if (known) return known;
    const Statement = [...permissions.values()]
      .filter(({ functionName }) => functionName === name)
      .map(({ statement }) => statement);
    if (Statement.length === 0) return undefined;
    const policy: PolicyDocument = { Version: '2012-10-17', Statement };
    policies.set(name, policy);
    return policy;
  };

  const lambdaFunction: ResourceProvider = {
    type: 'AWS::Lambda::Function',
    deploy(resource) {
      const definition = readFunction(resource, host);
      const { bucket, key } = definition.code;
      const asset = host.asset(bucket, key);
      if (asset?.packaging !== 'zip') {
        throw new DeploymentError(`Code: s3://${bucket}/${key} is not an asset of the assembly; use Code.fromAsset`);
      }
      const session = host.assumeRole(definition.roleArn, 'lambda.amazonaws.com');
      onChange(definition.name);
      functions.set(definition.name, { definition, session, taskRoot: asset.path });
      return { physicalId: definition.name, attributes: { Arn: definition.arn } };
    },
    remove({ physicalId }) {
      functions.delete(physicalId);
      onChange(physicalId);
    },
  };

  const permission: ResourceProvider = {
    type: 'AWS::Lambda::Permission',
    deploy(resource) {
      checkProperties(resource, Object.keys(PermissionSchema.shape));
      const properties = parseProperties(PermissionSchema, resource);
      const physicalId = generatedName(resource, { maxLength: 100 });
      const functionName = functionNameIn(properties.FunctionName);
      permissions.set(physicalId, {
        functionName,
        statement: statementOf(physicalId, arnOf(functionName), properties),
      });
      policies.delete(functionName);
      return { physicalId, attributes: { Id: physicalId } };
    },
    remove({ physicalId }) {
      policies.delete(permissions.get(physicalId)?.functionName ?? '');
      permissions.delete(physicalId);
    },
  };

  const eventInvokeConfig: ResourceProvider = {
    type: 'AWS::Lambda::EventInvokeConfig',
    deploy(resource) {
      checkProperties(resource, Object.keys(EventInvokeSchema.shape));
      const { FunctionName, Qualifier, ...policy } = parseProperties(EventInvokeSchema, resource);
      const name = functionNameIn(FunctionName, Qualifier);
      retries.set(name, { attempts: policy.MaximumRetryAttempts, maxAgeSeconds: policy.MaximumEventAgeInSeconds });
      return { physicalId: name, attributes: { Id: name } };
    },
    remove({ physicalId }) {
      retries.delete(physicalId);
    },
  };

  return {
    resources: [lambdaFunction, permission, eventInvokeConfig, ...versions.resources],
    find: (name) => functions.get(name) ?? versions.find(name),
    all: () => [...functions.values()],
    policyOf,
    retriesOf: (name) => retries.get(name) ?? DEFAULT_RETRIES,
    needFor(name, action) {
      const resourcePolicy = policyOf(name);
      return { action, resource: arnOf(name), ...(resourcePolicy ? { resourcePolicy } : {}) };
    },
    close: versions.close,
  };
};

const PermissionSchema = z.object({
  Action: z.string().startsWith('lambda:'),
  FunctionName: z.string(),
  Principal: z.string().min(1),
  SourceArn: z.string().optional(),
  SourceAccount: z.string().optional(),
});

const EventInvokeSchema = z.object({
  FunctionName: z.string(),
  Qualifier: z.string(),
  MaximumRetryAttempts: z.coerce.number().int().min(0).max(2).default(DEFAULT_RETRIES.attempts),
  MaximumEventAgeInSeconds: z.coerce.number().int().min(60).max(21_600).default(DEFAULT_RETRIES.maxAgeSeconds),
});

/** The statement that AWS writes into a function's policy for a permission. */
const statementOf = (
  Sid: string,
  Resource: string,
  { Action, Principal, SourceArn, SourceAccount }: z.infer<typeof PermissionSchema>,
): Record<string, unknown> => {
  const Condition = {
    ...(SourceArn === undefined ? {} : { ArnLike: { 'AWS:SourceArn': SourceArn } }),
    ...(SourceAccount === undefined ? {} : { StringEquals: { 'AWS:SourceAccount': SourceAccount } }),
  };
  return {
    Sid,
    Effect: 'Allow',
    Principal: Principal.endsWith('.amazonaws.com') ? { Service: Principal } : { AWS: Principal },
    Action,
    Resource,
    ...(Object.keys(Condition).length === 0 ? {} : { Condition }),
  };
};

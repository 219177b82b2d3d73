import { join } from 'node:path';

import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Alias,
  Architecture,
  Code,
  type IFunction,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type * as z from 'zod';

import type { ServiceEnvironmentSchema } from '../../functions/shared/runtime/environment.ts';
import { type FunctionEntry, functionName } from '../bundle.ts';
import { isShifted, type StageConfig } from '../config.ts';
import { allowTableKey, runInNetwork } from './own-network-and-keys.ts';

type ServiceKey = keyof z.infer<typeof ServiceEnvironmentSchema>;

/** Where the functions' own metrics are, apart for each stage: one account may have several. */
export const metricNamespace = (stageName: string): string => `Assay/${stageName}`;

/** What the stage gives every function. */
export interface FunctionDefaults {
  readonly stageName: string;
  readonly stage: StageConfig;
  /** Folder with one bundle per function: see `bundleFunctions`. */
  readonly bundles: string;
  /** Encrypts the functions' logs. */
  readonly logKey: IKey;
  /** A key of the stage's own for its tables: whoever uses the tables uses it. @default DynamoDB's own */
  readonly tableKey?: IKey | undefined;
}

export interface ServiceFunctionProps<Schema extends z.ZodObject> extends FunctionDefaults {
  readonly entry: FunctionEntry;
  readonly description: string;
  /** Types the environment: a missing or misspelt variable does not compile. */
  readonly environmentSchema: Schema;
  readonly environment: Readonly<Record<Exclude<keyof z.infer<Schema>, ServiceKey>, string>>;
  readonly timeout: Duration;
  /** @default 1024 MB, more than half a core */
  readonly memorySize?: number;
  /** @default none */
  readonly reservedConcurrentExecutions?: number;
}

/** A function of Assay: arm64, Node 24, traced, with a log group and a role of its own that may do nothing else yet. */
export class ServiceFunction<Schema extends z.ZodObject = z.ZodObject> extends Construct {
  /** The function itself: what it may do, and its metrics. Nothing invokes it but by {@link live}. */
  readonly function: LambdaFunction;
  /** The version in use: what queues, schedules and the API invoke, so that a deployment can shift traffic. */
  readonly live: Alias;
  readonly entry: FunctionEntry;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps<Schema>) {
    super(scope, id);
    this.entry = props.entry;
    const name = functionName(props.entry);
    const logGroup = new LogGroup(this, 'Logs', {
      encryptionKey: props.logKey,
      retention: props.stage.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Runs ${name} of Assay`,
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    this.function = new LambdaFunction(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(join(props.bundles, name)),
      handler: 'index.handler',
      role,
      logGroup,
      tracing: Tracing.ACTIVE,
      timeout: props.timeout,
      memorySize: props.memorySize ?? 1024,
      ...(props.reservedConcurrentExecutions === undefined
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrentExecutions }),
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        STAGE_NAME: props.stageName,
        POWERTOOLS_SERVICE_NAME: name,
        POWERTOOLS_METRICS_NAMESPACE: metricNamespace(props.stageName),
        POWERTOOLS_LOG_LEVEL: props.stage.logLevel,
        ...props.environment,
      },
      // CloudFormation must find the version again that a deployment rolls back to.
      currentVersionOptions: { removalPolicy: isShifted(props.stage) ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY },
    });
    const { functions: network } = props.stage.network;
    if (network) runInNetwork(this.function, network);
    if (props.tableKey) allowTableKey(this.function, props.tableKey);
    this.live = new Alias(this, 'Live', { aliasName: 'live', version: this.function.currentVersion });
  }
}

/**
 * The alias by which a function of Assay is invoked.
 *
 * @throws {Error} for a function that no {@link ServiceFunction} made.
 */
export const liveOf = (of: IFunction): Alias => {
  const { scope } = of.node;
  if (scope instanceof ServiceFunction) return scope.live;
  throw new Error(`${of.node.path} is no function of Assay; make it with ServiceFunction`);
};

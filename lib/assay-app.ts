import { App, type AppProps, type Stack, Tags } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';

import { type StageConfig, stackNameOf } from './config.ts';
import { DataStack } from './stacks/data-stack.ts';
import { OperationsStack } from './stacks/operations-stack.ts';
import { ServiceStack } from './stacks/service-stack.ts';

export interface AssayAppProps extends AppProps {
  readonly stageName: string;
  readonly stage: StageConfig;
  /** Folder with one bundle per function: see `bundleFunctions`. */
  readonly bundles: string;
  /** The compiled catalog: see `compileCatalog`. */
  readonly catalogFile: string;
  /** Folder that relative paths of the stage's configuration start from. */
  readonly root: string;
}

/** Puts the stage's permissions boundary, if it has one, on every role of a stack. */
const boundRoles = (stack: Stack, { permissionsBoundary: boundary }: StageConfig): void => {
  if (boundary === undefined) return;
  const policy = boundary.startsWith('arn:')
    ? ManagedPolicy.fromManagedPolicyArn(stack, 'Boundary', boundary)
    : ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', boundary);
  PermissionsBoundary.of(stack).apply(policy);
};

/** The three stacks of one stage: `Assay-<stage>-Data`, `-Service` and `-Operations`. */
export class AssayApp extends App {
  readonly data: DataStack;
  readonly service: ServiceStack;
  readonly operations: OperationsStack;

  constructor({ stageName, stage, bundles, catalogFile, root, ...props }: AssayAppProps) {
    super({ analyticsReporting: false, ...props });
    const env = { ...(stage.account && { account: stage.account }), ...(stage.region && { region: stage.region }) };
    const named = (part: 'Data' | 'Service' | 'Operations') => ({
      stackName: stackNameOf(stage, stageName, part),
      env,
    });
    this.data = new DataStack(this, 'Data', {
      ...named('Data'),
      description: 'Assay: what is kept',
      terminationProtection: true,
      stage,
    });
    this.service = new ServiceStack(this, 'Service', {
      ...named('Service'),
      description: 'Assay: what runs',
      stageName,
      stage,
      data: this.data,
      bundles,
      catalogFile,
      root,
    });
    this.operations = new OperationsStack(this, 'Operations', {
      ...named('Operations'),
      description: 'Assay: what watches',
      stageName,
      stage,
      data: this.data,
      service: this.service,
    });
    for (const stack of [this.data, this.service, this.operations]) boundRoles(stack, stage);
    Tags.of(this).add('application', 'assay');
    Tags.of(this).add('stage', stageName);
  }
}

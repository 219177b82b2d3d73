import { DeploymentError } from '../errors.ts';
import { readPolicy } from '../iam/policy.ts';
import type { DeployedResource, ResourceDeclaration, ResourceProvider } from '../resources.ts';
import type { PolicyDocument } from '../service.ts';
import { declareInert, INERT_TYPES } from './inert.ts';
import { NO_VALUE, referencesIn, resolveValue, type Scope } from './intrinsics.ts';
import type { Assembly, AssemblyStack } from './manifest.ts';
import { inOrder } from './order.ts';
import type { DeploymentRecord, ResourceRecord, StackOutput, StackRecord } from './record.ts';
import { scopeOf } from './scope.ts';
import type { TemplateResource } from './template.ts';

export interface DeployOptions {
  readonly region: string;
  readonly accountId: string;
  /** By resource type. */
  readonly providers: ReadonlyMap<string, ResourceProvider>;
  readonly record: DeploymentRecord;
  readonly notice: (line: string) => void;
  /** Turns an address on AWS into the one on this machine; every output goes through it. */
  readonly presentOutput: (value: string) => string;
}

/**
 * Brings the stacks of an assembly up, in their order, and takes away what they no longer have.
 *
 * Every resource is deployed at every start: that creates, updates, or finds it as it is. There is no rollback; what
 * was deployed before an error stays, and the next start goes on from it.
 *
 * @throws {DeploymentError} before anything is touched if a type is neither emulated nor inert, naming all of them;
 *   later for the first resource that cannot be brought up.
 */
export const deployAssembly = async (assembly: Assembly, options: DeployOptions): Promise<StackRecord[]> => {
  refuseUnknownTypes(assembly, options.providers);
  noticeInert(assembly, options);

  const exports = new Map<string, string>();
  const deployed: StackRecord[] = [];
  const gone: ResourceRecord[] = [];
  for (const stack of assembly.stacks) {
    const before = options.record.resources(stack.name);
    const { stackRecord, resources } = await deployStack(stack, exports, options);
    deployed.push(stackRecord);
    for (const { exportName, value } of stackRecord.outputs)
      if (exportName !== undefined) exports.set(exportName, value);
    gone.push(...before.filter((resource) => !isSame(resource, resources.get(resource.logicalId))));
  }
  const names = new Set(assembly.stacks.map(({ name }) => name));
  const goneStacks = options.record.stacks().filter(({ name }) => !names.has(name));
  gone.push(...goneStacks.flatMap(({ name }) => options.record.resources(name)));

  for (const resource of gone.reverse()) await removeResource(resource, options);
  for (const { name } of goneStacks) options.record.forgetStack(name);
  return deployed;
};

/** A queue's physical id is its URL, which has another port at another start; its ARN tells that it is the same queue. */
const isSame = (before: DeployedResource, now: DeployedResource | undefined): boolean =>
  now !== undefined &&
  (now.physicalId === before.physicalId ||
    (before.attributes.Arn !== undefined && now.attributes.Arn === before.attributes.Arn));

const refuseUnknownTypes = ({ stacks }: Assembly, providers: ReadonlyMap<string, ResourceProvider>): void => {
  const unknown = stacks.flatMap(({ name, template }) =>
    Object.entries(template.Resources)
      .filter(([, { Type }]) => !providers.has(Type) && !INERT_TYPES[Type])
      .map(([logicalId, { Type }]) => `  ${name}/${logicalId}: ${Type}`),
  );
  if (unknown.length === 0) return;
  throw new DeploymentError(
    `the embedded cloud has no such resources; leave them out of a local run by configuration:\n${unknown.join('\n')}`,
  );
};

const noticeInert = ({ stacks }: Assembly, { providers, notice }: DeployOptions): void => {
  const counts = new Map<string, number>();
  for (const { template } of stacks) {
    for (const { Type } of Object.values(template.Resources)) {
      if (!providers.has(Type)) counts.set(Type, (counts.get(Type) ?? 0) + 1);
    }
  }
  for (const [type, count] of counts) {
    if (type !== 'AWS::CDK::Metadata') notice(`${count} × ${type}: ${INERT_TYPES[type]?.reason}`);
  }
};

const deployStack = async (
  { name, template }: AssemblyStack,
  exports: ReadonlyMap<string, string>,
  options: DeployOptions,
): Promise<{ stackRecord: StackRecord; resources: ReadonlyMap<string, DeployedResource> }> => {
  const { record, region, accountId } = options;
  const { id: stackId } = record.begin(name);
  const resources = new Map<string, DeployedResource>();
  const scope = scopeOf({ stackName: name, stackId, region, accountId, template, resources, exports });

  const wanted = Object.entries(template.Resources).filter(
    ([, { Condition }]) => !Condition || scope.condition(Condition),
  );
  for (const logicalId of orderOf(name, new Map(wanted))) {
    const resource = template.Resources[logicalId] as TemplateResource;
    const deployed = await deployResource(name, logicalId, resource, scope, options);
    resources.set(logicalId, deployed);
    const { Type: type, DeletionPolicy: deletionPolicy } = resource;
    record.put({ stackName: name, logicalId, type, deletionPolicy, ...deployed });
  }
  const outputs = outputsOf(name, template.Outputs, scope, options.presentOutput);
  return { stackRecord: record.complete(name, outputs), resources };
};

const orderOf = (stackName: string, resources: ReadonlyMap<string, TemplateResource>): string[] =>
  inOrder(
    [...resources.keys()],
    (logicalId) => {
      const { DependsOn, Properties } = resources.get(logicalId) as TemplateResource;
      return new Set([...DependsOn, ...referencesIn(Properties)].filter((name) => resources.has(name)));
    },
    `stack ${stackName}: resources depend on each other in a circle`,
  );

const deployResource = async (
  stackName: string,
  logicalId: string,
  { Type: type, Properties }: TemplateResource,
  scope: Scope,
  { providers, region, accountId }: DeployOptions,
): Promise<DeployedResource> => {
  try {
    const properties = resolveValue(Properties, scope) as Record<string, unknown>;
    const declaration: ResourceDeclaration = { stackName, logicalId, type, properties };
    checkResourcePolicy(declaration);
    const provider = providers.get(type);
    const inert = INERT_TYPES[type];
    if (provider) return await provider.deploy(declaration);
    if (inert) return declareInert(inert, declaration, { region, accountId });
    throw new DeploymentError('is not emulated');
  } catch (cause) {
    throw new DeploymentError(`${stackName}/${logicalId} (${type}): ${messageOf(cause)}`, { cause });
  }
};

/** Resource types whose policies decide about calls, by the property that holds the policy. */
const RESOURCE_POLICIES: Readonly<Record<string, string>> = {
  'AWS::KMS::Key': 'KeyPolicy',
  'AWS::S3::BucketPolicy': 'PolicyDocument',
  'AWS::SQS::QueuePolicy': 'PolicyDocument',
  'AWS::SecretsManager::ResourcePolicy': 'ResourcePolicy',
};

/** Reads a policy now, so that what is not understood stops the deployment and not some later call. */
const checkResourcePolicy = ({ type, properties }: ResourceDeclaration): void => {
  const document = properties[RESOURCE_POLICIES[type] ?? ''];
  if (document) readPolicy(document as PolicyDocument, RESOURCE_POLICIES[type] ?? '', 'resource');
};

const outputsOf = (
  stackName: string,
  outputs: AssemblyStack['template']['Outputs'],
  scope: Scope,
  present: (value: string) => string,
): StackOutput[] =>
  Object.entries(outputs)
    .filter(([, { Condition }]) => !Condition || scope.condition(Condition))
    .map(([key, { Value, Description, Export }]) => {
      try {
        const value = resolveValue(Value, scope);
        if (value === NO_VALUE || typeof value === 'object') throw new DeploymentError('is not a single value');
        return {
          key,
          value: present(String(value)),
          description: Description,
          exportName: Export && String(resolveValue(Export.Name, scope)),
        };
      } catch (cause) {
        throw new DeploymentError(`${stackName}: output ${key}: ${messageOf(cause)}`, { cause });
      }
    });

/** Takes away what has left the template, or what was replaced under the same logical id. */
const removeResource = async (gone: ResourceRecord, { record, providers, notice }: DeployOptions): Promise<void> => {
  const provider = providers.get(gone.type);
  if (provider && (!provider.remove || gone.deletionPolicy === 'Retain')) {
    const what = `${gone.stackName}/${gone.logicalId} (${gone.type}, ${gone.physicalId})`;
    notice(`${what} is no longer in the template; it stays with what it holds`);
  } else {
    await provider?.remove?.(gone);
  }
  record.forget(gone);
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

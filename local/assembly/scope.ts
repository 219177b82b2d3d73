import { DeploymentError } from '../errors.ts';
import type { DeployedResource } from '../resources.ts';
import { NO_VALUE, resolveCondition, type Scope } from './intrinsics.ts';
import type { Template } from './template.ts';

export interface ScopeOptions {
  readonly stackName: string;
  readonly stackId: string;
  readonly region: string;
  readonly accountId: string;
  readonly template: Template;
  /** Resources of this stack that are up, by logical id. */
  readonly resources: ReadonlyMap<string, DeployedResource>;
  /** Exports of the stacks that are up, by name. */
  readonly exports: ReadonlyMap<string, string>;
}

/** The version that `cdk bootstrap` would have left; templates only ask that it is not ancient. */
const BOOTSTRAP_VERSION = '30';

/** Looks names of one stack up; a resource only once it is deployed. */
export const scopeOf = (options: ScopeOptions): Scope => {
  const { stackName, stackId, region, accountId, template, resources, exports } = options;
  const pseudo: Readonly<Record<string, unknown>> = {
    'AWS::AccountId': accountId,
    'AWS::NoValue': NO_VALUE,
    'AWS::NotificationARNs': [],
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::StackId': stackId,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const conditions = new Map<string, boolean>();

  const scope: Scope = {
    region,
    ref(name) {
      if (Object.hasOwn(pseudo, name)) return pseudo[name];
      const parameter = template.Parameters[name];
      if (parameter) return parameterValue(name, parameter);
      const resource = resources.get(name);
      if (resource) return resource.physicalId;
      throw new DeploymentError(`Ref ${name}: there is no such parameter or resource, or its condition is false`);
    },
    attribute(logicalId, attribute) {
      const resource = resources.get(logicalId);
      if (!resource) throw new DeploymentError(`Fn::GetAtt ${logicalId}.${attribute}: there is no such resource`);
      const value = resource.attributes[attribute];
      if (value !== undefined) return value;
      const known = Object.keys(resource.attributes).join(', ') || 'none';
      throw new DeploymentError(`Fn::GetAtt ${logicalId}.${attribute} is not emulated; known attributes: ${known}`);
    },
    importValue(name) {
      const value = exports.get(name);
      if (value !== undefined) return value;
      throw new DeploymentError(`Fn::ImportValue ${name}: no stack that is up exports it`);
    },
    condition(name) {
      const known = conditions.get(name);
      if (known !== undefined) return known;
      if (!Object.hasOwn(template.Conditions, name)) throw new DeploymentError(`there is no condition ${name}`);
      const holds = resolveCondition(template.Conditions[name], scope);
      conditions.set(name, holds);
      return holds;
    },
    mapping(map, topKey, secondKey) {
      const value = template.Mappings[map]?.[topKey]?.[secondKey];
      if (value !== undefined) return value;
      throw new DeploymentError(`Fn::FindInMap: there is no ${map}.${topKey}.${secondKey}`);
    },
  };
  return scope;
};

const parameterValue = (name: string, { Type, Default }: Template['Parameters'][string]): unknown => {
  if (Type.startsWith('AWS::SSM::Parameter::Value')) {
    if (typeof Default === 'string' && Default.startsWith('/cdk-bootstrap/')) return BOOTSTRAP_VERSION;
    throw new DeploymentError(`parameter ${name}: SSM parameters are not emulated`);
  }
  if (Default === undefined) throw new DeploymentError(`parameter ${name} has no default, and none is passed here`);
  return Type.startsWith('List<') || Type === 'CommaDelimitedList' ? String(Default).split(',') : Default;
};

import { DeploymentError } from '../errors.ts';
import type { PolicyDocument } from '../service.ts';
import { type Condition, readConditions } from './conditions.ts';
import { matchesWildcard } from './wildcard.ts';

/** One statement of a policy, ready to be asked. */
export interface Statement {
  readonly sid: string | undefined;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: Patterns;
  /** Absent in a trust policy, whose resource is the role itself. */
  readonly resources: Patterns | undefined;
  /** Present in resource policies alone. */
  readonly principals: Principals | undefined;
  readonly conditions: readonly Condition[];
}

/** Patterns of which one must match, or none when they are excluded (`NotAction`, `NotResource`). */
export interface Patterns {
  readonly excluded: boolean;
  readonly patterns: readonly string[];
}

export interface Principals {
  readonly everyone: boolean;
  /** ARNs and account ids; an account's root stands for the account. */
  readonly aws: readonly string[];
  readonly services: readonly string[];
}

/**
 * Reads a policy document.
 *
 * @param where - names the policy in errors.
 * @param kind - `resource` policies must name principals, `identity` policies must not; `trust` policies have no resource.
 * @throws {DeploymentError} for anything that is not understood.
 */
export const readPolicy = (
  document: PolicyDocument,
  where: string,
  kind: 'identity' | 'resource' | 'trust',
): Statement[] => {
  const statements: unknown[] = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
  return statements.map((statement, index) => readStatement(statement, `${where}, statement ${index + 1}`, kind));
};

const KNOWN = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Principal', 'Condition'];

const readStatement = (value: unknown, where: string, kind: 'identity' | 'resource' | 'trust'): Statement => {
  if (typeof value !== 'object' || value === null) throw new DeploymentError(`${where}: must be an object`);
  const source = value as Record<string, unknown>;
  const unknown = Object.keys(source).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) throw new DeploymentError(`${where}: '${unknown}' is not known here`);
  if (source.Effect !== 'Allow' && source.Effect !== 'Deny') {
    throw new DeploymentError(`${where}: Effect must be Allow or Deny`);
  }
  const actions = readPatterns(source.Action, source.NotAction, `${where}: Action`);
  const resources = readPatterns(source.Resource, source.NotResource, `${where}: Resource`);
  if (!actions) throw new DeploymentError(`${where}: Action is missing`);
  if (!resources && kind !== 'trust') throw new DeploymentError(`${where}: Resource is missing`);
  if ((source.Principal === undefined) !== (kind === 'identity')) {
    throw new DeploymentError(`${where}: Principal ${kind === 'identity' ? 'has no place in a role' : 'is missing'}`);
  }
  return {
    sid: source.Sid === undefined ? undefined : String(source.Sid),
    effect: source.Effect,
    actions: { ...actions, patterns: actions.patterns.map((pattern) => pattern.toLowerCase()) },
    resources,
    principals: kind === 'identity' ? undefined : readPrincipals(source.Principal, where),
    conditions: readConditions(source.Condition, where),
  };
};

const readPatterns = (included: unknown, excluded: unknown, where: string): Patterns | undefined => {
  const source = included ?? excluded;
  if (source === undefined) return undefined;
  if (included !== undefined && excluded !== undefined) {
    throw new DeploymentError(`${where}: takes what it names or what it excludes, not both`);
  }
  const patterns = Array.isArray(source) ? source : [source];
  for (const pattern of patterns) {
    if (typeof pattern !== 'string') throw new DeploymentError(`${where}: must be text`);
    if (pattern.includes('${')) throw new DeploymentError(`${where}: policy variables are not known here`);
  }
  return { excluded: included === undefined, patterns };
};

const readPrincipals = (source: unknown, where: string): Principals => {
  if (source === '*') return { everyone: true, aws: [], services: [] };
  if (typeof source !== 'object' || source === null) throw new DeploymentError(`${where}: Principal must be an object`);
  const { AWS, Service, ...rest } = source as Record<string, unknown>;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw new DeploymentError(`${where}: principals of kind '${unknown}' are not known here`);
  const aws = listOf(AWS);
  return { everyone: aws.includes('*'), aws: aws.filter((arn) => arn !== '*'), services: listOf(Service) };
};

const listOf = (value: unknown): string[] =>
  value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(String);

/** Whether a text is among what the patterns name. */
export const covers = ({ excluded, patterns }: Patterns, text: string): boolean =>
  patterns.some((pattern) => matchesWildcard(pattern, text)) !== excluded;

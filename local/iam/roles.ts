import { AwsError, DeploymentError } from '../errors.ts';
import { checkProperties } from '../properties.ts';
import { generatedName, type ResourceDeclaration, type ResourceProvider } from '../resources.ts';
import type { Authorise, Need, PolicyDocument, Principal } from '../service.ts';
import { type Caller, isArn, judge } from './judge.ts';
import { AWS_MANAGED_POLICIES } from './managed-policies.ts';
import { readPolicy, type Statement } from './policy.ts';

interface Role {
  readonly name: string;
  readonly trust: readonly Statement[];
  readonly inline: readonly Statement[];
  readonly managedPolicyArns: readonly string[];
}

interface AttachedPolicy {
  readonly roleNames: readonly string[];
  readonly statements: readonly Statement[];
}

/** The roles and policies of the templates, and the judge that asks them. */
export interface Iam {
  readonly authorise: Authorise;
  readonly resources: readonly ResourceProvider[];
  /**
   * Checks that a role exists and trusts a service to take it on.
   *
   * @throws {AwsError} AccessDenied otherwise.
   */
  checkTrust(roleArn: string, service: string): void;
  /** What each role may do, by its ARN. */
  roles(): ReadonlyMap<string, readonly Statement[]>;
}

/** Everything is held in memory: deploying the templates fills it at every start. */
export const createIam = ({ accountId, developer }: { accountId: string; developer: Principal }): Iam => {
  const roles = new Map<string, Role>();
  const attached = new Map<string, AttachedPolicy>();
  const managed = new Map<string, AttachedPolicy>();
  const resourcePolicies = new WeakMap<PolicyDocument, readonly Statement[]>();

  const statementsByRole = new Map<string, readonly Statement[]>();

  const statementsOf = (roleArn: string): readonly Statement[] => {
    const known = statementsByRole.get(roleArn) ?? collectStatements(roleArn);
    statementsByRole.set(roleArn, known);
    return known;
  };

  const collectStatements = (roleArn: string): readonly Statement[] => {
    const role = roles.get(roleArn);
    if (!role) return [];
    const namingRole = [...attached.values(), ...managed.values()].filter(({ roleNames }) =>
      roleNames.includes(role.name),
    );
    return [
      ...role.inline,
      ...role.managedPolicyArns.flatMap((arn) => managed.get(arn)?.statements ?? awsManaged(arn)),
      ...namingRole.flatMap(({ statements }) => statements),
    ];
  };

  const policyOn = ({ resourcePolicy, resource }: Need): readonly Statement[] => {
    if (!resourcePolicy) return [];
    const known = resourcePolicies.get(resourcePolicy);
    if (known) return known;
    const statements = readPolicy(resourcePolicy, `policy of ${resource}`, 'resource');
    resourcePolicies.set(resourcePolicy, statements);
    return statements;
  };

  const authorise: Authorise = (principal, needs) => {
    if (principal.arn === developer.arn) return;
    const caller: Caller = { principal, accountId, identity: isArn(principal) ? statementsOf(principal.arn) : [] };
    for (const need of needs) {
      const verdict = judge(caller, need, policyOn(need));
      if (!verdict.allowed) throw accessDenied(principal, need, verdict);
    }
  };

  const role: ResourceProvider = {
    type: 'AWS::IAM::Role',
    deploy(resource) {
      const where = `${resource.stackName}/${resource.logicalId}`;
      const { properties } = resource;
      checkProperties(resource, ROLE_PROPERTIES);
      const name = String(properties.RoleName ?? generatedName(resource, { maxLength: 64 }));
      const arn = `arn:aws:iam::${accountId}:role${properties.Path ?? '/'}${name}`;
      const inline = (properties.Policies ?? []) as { PolicyName: string; PolicyDocument: PolicyDocument }[];
      const managedPolicyArns = (properties.ManagedPolicyArns ?? []) as string[];
      for (const managedArn of managedPolicyArns) if (managedArn.startsWith(AWS_PREFIX)) awsManaged(managedArn);
      statementsByRole.clear();
      roles.set(arn, {
        name,
        trust: readPolicy(properties.AssumeRolePolicyDocument as PolicyDocument, `${where} (trust)`, 'trust'),
        inline: inline.flatMap(({ PolicyName, PolicyDocument: document }) =>
          readPolicy(document, `${where} (${PolicyName})`, 'identity'),
        ),
        managedPolicyArns,
      });
      return { physicalId: name, attributes: { Arn: arn, RoleId: arn } };
    },
    remove({ attributes }) {
      statementsByRole.clear();
      roles.delete(attributes.Arn ?? '');
    },
  };

  const policy: ResourceProvider = {
    type: 'AWS::IAM::Policy',
    deploy(resource) {
      checkProperties(resource, ['PolicyName', 'PolicyDocument', 'Roles']);
      const physicalId = generatedName(resource, { maxLength: 128 });
      statementsByRole.clear();
      attached.set(physicalId, {
        roleNames: (resource.properties.Roles ?? []) as string[],
        statements: identityStatements(resource),
      });
      return { physicalId, attributes: { Id: physicalId } };
    },
    remove({ physicalId }) {
      statementsByRole.clear();
      attached.delete(physicalId);
    },
  };

  const managedPolicy: ResourceProvider = {
    type: 'AWS::IAM::ManagedPolicy',
    deploy(resource) {
      checkProperties(resource, ['ManagedPolicyName', 'PolicyDocument', 'Roles', 'Description', 'Path']);
      const { ManagedPolicyName, Path, Roles } = resource.properties;
      const name = String(ManagedPolicyName ?? generatedName(resource, { maxLength: 128 }));
      const arn = `arn:aws:iam::${accountId}:policy${Path ?? '/'}${name}`;
      statementsByRole.clear();
      managed.set(arn, { roleNames: (Roles ?? []) as string[], statements: identityStatements(resource) });
      return { physicalId: arn, attributes: { PolicyArn: arn } };
    },
    remove({ physicalId }) {
      statementsByRole.clear();
      managed.delete(physicalId);
    },
  };

  return {
    authorise,
    resources: [role, policy, managedPolicy],
    roles: () => new Map([...roles.keys()].map((arn) => [arn, statementsOf(arn)])),
    checkTrust(roleArn, service) {
      const trusted = roles.get(roleArn);
      const caller: Caller = { principal: { arn: service, accessKeyId: '' }, accountId, identity: [] };
      const need: Need = { action: 'sts:AssumeRole', resource: roleArn };
      if (!trusted) throw new AwsError('AccessDenied', `${service} cannot assume ${roleArn}: no such role`, 403);
      if (!judge(caller, need, trusted.trust).allowed) {
        throw new AwsError(
          'AccessDenied',
          `${service} cannot assume ${roleArn}; add ${service} to the principals of its AssumeRolePolicyDocument`,
          403,
        );
      }
    },
  };
};

const AWS_PREFIX = 'arn:aws:iam::aws:policy/';

const ROLE_PROPERTIES = [
  'AssumeRolePolicyDocument',
  'Description',
  'ManagedPolicyArns',
  'MaxSessionDuration',
  'Path',
  'Policies',
  'RoleName',
];

const awsManaged = (arn: string): readonly Statement[] => {
  const document = AWS_MANAGED_POLICIES[arn.slice(AWS_PREFIX.length)];
  if (document) return readPolicy(document, arn, 'identity');
  const known = Object.keys(AWS_MANAGED_POLICIES).join(', ');
  throw new DeploymentError(`managed policy ${arn} is not known here; write its statements out or use one of ${known}`);
};

const identityStatements = ({ stackName, logicalId, properties }: ResourceDeclaration): Statement[] =>
  readPolicy(properties.PolicyDocument as PolicyDocument, `${stackName}/${logicalId}`, 'identity');

const accessDenied = (
  principal: Principal,
  { action, resource }: Need,
  { deniedBy, delegated }: { deniedBy: Statement | undefined; delegated: boolean },
): AwsError => {
  const what = `${principal.arn} is not authorized to perform: ${action} on resource: ${resource}`;
  if (deniedBy) {
    const sid = deniedBy.sid ? ` '${deniedBy.sid}'` : '';
    return new AwsError('AccessDenied', `${what} with an explicit deny in statement${sid}`, 403);
  }
  const statement = `Allow ${action} on ${resource}`;
  if (!isArn(principal)) {
    return new AwsError(
      'AccessDenied',
      `${what}; add to the policy of ${resource}: ${statement} for ${principal.arn}`,
      403,
    );
  }
  const remedy = delegated
    ? `add to role ${principal.arn.split('/').at(-1)}: ${statement}`
    : `add to the policy of ${resource}: ${statement} for ${principal.arn}, or trust the account`;
  return new AwsError('AccessDenied', `${what}; ${remedy}`, 403);
};

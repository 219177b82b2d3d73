import type { Need, Principal } from '../service.ts';
import type { Context } from './conditions.ts';
import { covers, type Statement } from './policy.ts';

/** Whether a need is granted, and if not, why. */
export type Verdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly deniedBy: Statement | undefined; readonly delegated: boolean };

/** What is known about the caller of one request. */
export interface Caller {
  readonly principal: Principal;
  readonly accountId: string;
  /** Statements of the caller's role; none for a service. */
  readonly identity: readonly Statement[];
}

/**
 * Decides one need as AWS does within one account.
 *
 * An explicit deny wins. Otherwise one allow suffices, from the caller's role or from the resource. A key asks for
 * more: its own policy must allow the caller, or trust the account, and only then does the caller's role count. A
 * resource policy that names the account trusts it in the same way, and allows nobody by itself.
 */
export const judge = (caller: Caller, need: Need, resourcePolicy: readonly Statement[]): Verdict => {
  const context = contextOf(caller, need);
  const applies = (statement: Statement): boolean =>
    covers(statement.actions, need.action.toLowerCase()) &&
    (statement.resources === undefined || covers(statement.resources, need.resource)) &&
    statement.conditions.every((condition) => condition.holds(context));

  const identity = caller.identity.filter(applies);
  const onResource = resourcePolicy
    .filter(applies)
    .map((statement) => ({ statement, named: namesCaller(statement, caller) }))
    .filter(({ named }) => named !== 'no');

  const deny = [...identity, ...onResource.map(({ statement }) => statement)].find(({ effect }) => effect === 'Deny');
  if (deny) return { allowed: false, deniedBy: deny, delegated: false };

  const allows = onResource.filter(({ statement }) => statement.effect === 'Allow');
  if (allows.some(({ named }) => named === 'itself')) return { allowed: true };
  const delegated = !need.action.startsWith('kms:') || allows.some(({ named }) => named === 'account');
  if (delegated && identity.some(({ effect }) => effect === 'Allow')) return { allowed: true };
  return { allowed: false, deniedBy: undefined, delegated };
};

const namesCaller = (statement: Statement, { principal, accountId }: Caller): 'itself' | 'account' | 'no' => {
  const { principals } = statement;
  if (!principals) return 'no';
  if (principals.everyone) return 'itself';
  if (!isArn(principal)) return principals.services.includes(principal.arn) ? 'itself' : 'no';
  if (principals.aws.includes(principal.arn)) return 'itself';
  return principals.aws.some((arn) => arn === accountId || arn === `arn:aws:iam::${accountId}:root`) ? 'account' : 'no';
};

/** Whether the caller is a role or a user, and not a service. */
export const isArn = ({ arn }: Principal): boolean => arn.startsWith('arn:');

/**
 * The keys that conditions may ask for. Loopback counts as a secure transport: nothing leaves the machine, and the
 * statements that insist on TLS are those that AWS needs.
 */
const contextOf = ({ principal, accountId }: Caller, need: Need): Context => {
  const keys: Record<string, string> = {
    'aws:SecureTransport': 'true',
    'aws:ResourceAccount': accountId,
    'aws:ViaAWSService': 'false',
    'aws:PrincipalIsAWSService': String(!isArn(principal)),
    ...(isArn(principal)
      ? { 'aws:PrincipalArn': principal.arn, 'aws:PrincipalAccount': accountId, 'kms:CallerAccount': accountId }
      : { 'aws:PrincipalServiceName': principal.arn }),
    ...principal.context,
    ...need.context,
  };
  return Object.fromEntries(Object.entries(keys).map(([key, value]) => [key.toLowerCase(), value]));
};

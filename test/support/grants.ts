import { judge } from '#local/iam/judge.ts';
import { covers, readPolicy, type Statement } from '#local/iam/policy.ts';
import type { Need, Principal } from '#local/service.ts';

/** One action on one resource that a role's policies allow: the least that can be taken away. */
export interface Grant {
  readonly roleArn: string;
  readonly action: string;
  readonly resource: string;
}

interface Call {
  readonly principal: Principal;
  readonly need: Need;
}

/** Remembers which permissions a run took, each combination once. */
export class CallLog {
  readonly #calls = new Map<string, Call>();

  readonly record = (principal: Principal, needs: readonly Need[]): void => {
    for (const need of needs) {
      const key = JSON.stringify([principal.arn, principal.context, need.action, need.resource, need.context]);
      if (!this.#calls.has(key)) this.#calls.set(key, { principal, need });
    }
  };

  get calls(): readonly Call[] {
    return [...this.#calls.values()];
  }
}

/** Every grant of the roles, action by action and resource by resource. */
export const grantsOf = (roles: ReadonlyMap<string, readonly Statement[]>): readonly Grant[] =>
  [...roles].flatMap(([roleArn, statements]) =>
    statements
      .filter(({ effect }) => effect === 'Allow')
      .flatMap(({ actions, resources }) =>
        actions.patterns.flatMap((action) =>
          (resources?.patterns ?? []).map((resource) => ({ roleArn, action, resource })),
        ),
      ),
  );

/** The role's statements with one grant taken away, and everything else as it was. */
const without = (statements: readonly Statement[], { action, resource }: Grant): readonly Statement[] =>
  statements.flatMap((statement) => {
    const { actions, resources } = statement;
    if (statement.effect === 'Deny' || !resources) return [statement];
    if (!actions.patterns.includes(action) || !resources.patterns.includes(resource)) return [statement];
    const but = (patterns: readonly string[], left: string) => patterns.filter((pattern) => pattern !== left);
    return [
      { ...statement, actions: { ...actions, patterns: but(actions.patterns, action) } },
      {
        ...statement,
        actions: { ...actions, patterns: [action] },
        resources: { ...resources, patterns: but(resources.patterns, resource) },
      },
    ];
  });

/** The grants without which every call of the run would have been allowed all the same: nothing would have failed. */
export const unneededGrants = (
  roles: ReadonlyMap<string, readonly Statement[]>,
  { calls }: CallLog,
  accountId: string,
): readonly Grant[] =>
  grantsOf(roles).filter((grant) => {
    const identity = without(roles.get(grant.roleArn) ?? [], grant);
    const touched = calls.filter(
      ({ principal, need }) =>
        principal.arn === grant.roleArn &&
        covers({ excluded: false, patterns: [grant.action] }, need.action.toLowerCase()) &&
        covers({ excluded: false, patterns: [grant.resource] }, need.resource),
    );
    return !touched.some(({ principal, need }) => {
      const policy = need.resourcePolicy
        ? readPolicy(need.resourcePolicy, `policy of ${need.resource}`, 'resource')
        : [];
      return !judge({ principal, accountId, identity }, need, policy).allowed;
    });
  });

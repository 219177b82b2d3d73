import type { Member } from '#domain/catalog/detector.ts';
import type { Degradation } from '#domain/decision.ts';
import type { VariableValue } from '#domain/event.ts';
import type { Deadline } from './clock.ts';

/** A member that lives outside the function. */
export type RemoteMember = Extract<Member, { kind: 'sagemaker' }>;

/** A probability that has been checked, or why there is none. */
export type RemoteAnswer = { readonly probability: number } | { readonly failed: Degradation['why'] };

/** Asks members that live outside the function. */
export interface RemoteMembers {
  /**
   * What a member says of one event. Never throws, and never takes longer than the deadline or the member's own
   * `timeoutMs`, whichever is sooner.
   *
   * @param row - values of the member's `inputs`, in their order; undefined where there is none.
   */
  ask(member: RemoteMember, row: readonly (VariableValue | undefined)[], deadline: Deadline): Promise<RemoteAnswer>;
}

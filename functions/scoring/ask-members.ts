import type { Degradation, MemberAnswer } from '#domain/decision.ts';
import type { Event } from '#domain/event.ts';
import { type Features, modelValuesOf, rowOf } from '#features/values.ts';
import { checkProbability } from '#model/ensemble.ts';
import { encodeRow } from '#model/inputs.ts';
import type { Deadline } from '#ports/clock.ts';
import type { RemoteMember, RemoteMembers } from '#ports/remote-members.ts';
import type { Metrics } from '#ports/telemetry.ts';
import type { EmbeddedModel, PreparedDetector, PreparedMember } from './prepared-detector.ts';

/** What asking members needs of the world. */
export interface MemberPorts {
  readonly remote: RemoteMembers;
  readonly metrics: Metrics;
}

/** What the members said, in the detector's order, and why some said nothing. */
export interface MembersSaid {
  readonly answers: readonly MemberAnswer[];
  readonly degraded: readonly Degradation[];
}

type Said = { readonly probability: number } | { readonly failed: Degradation['why'] };

/**
 * Asks all members of a detector side by side. Embedded ones always answer, at once; remote ones until the deadline.
 * Under the kill switch nobody is asked. Never throws.
 */
export const askMembers = async (
  prepared: PreparedDetector,
  event: Event,
  features: Features,
  deadline: Deadline,
  { remote, metrics }: MemberPorts,
): Promise<MembersSaid> => {
  if (prepared.rulesOnly) {
    return {
      answers: prepared.members.map((member) => answerOf(member, undefined)),
      degraded: [{ what: 'models', why: 'kill_switch', spentMs: 0 }],
    };
  }
  const values = modelValuesOf(event, features);
  const asked = await Promise.all(
    prepared.members.map(async (member) => {
      const startedWithMs = deadline.remainingMs();
      const said = await sayOf(member, values, deadline, remote);
      const spentMs = Math.round(startedWithMs - deadline.remainingMs());
      return { member, said, spentMs };
    }),
  );
  const failures = asked.flatMap(({ member: { member }, said, spentMs }) =>
    said && 'failed' in said ? [{ what: `member:${member.name}`, why: said.failed, spentMs }] : [],
  );
  if (failures.length > 0) metrics.count('MemberFailures', failures.length);
  return { answers: asked.map(({ member, said }) => answerOf(member, said)), degraded: failures };
};

const answerOf = ({ member, model, modelHash }: PreparedMember, said: Said | undefined): MemberAnswer => ({
  member: member.name,
  kind: member.kind,
  model,
  ...(modelHash !== undefined && { modelHash }),
  ...(said && 'probability' in said && { probability: said.probability }),
});

/** @returns undefined for a model that is not loaded, which the prepared detector has noted already. */
const sayOf = async (
  { member, embedded }: PreparedMember,
  values: Features,
  deadline: Deadline,
  remote: RemoteMembers,
): Promise<Said | undefined> => {
  if (member.kind === 'embedded') return embedded && embeddedSays(embedded, values);
  return remoteSays(member, values, deadline, remote);
};

/** What an embedded model says. */
export const embeddedSays = ({ model, inputs }: EmbeddedModel, values: Features): Said => {
  try {
    const checked = checkProbability(model.predictProbability(encodeRow(values, inputs)));
    return checked.ok ? { probability: checked.probability } : { failed: 'bad_answer' };
  } catch {
    return { failed: 'fault' };
  }
};

const remoteSays = async (
  member: RemoteMember,
  values: Features,
  deadline: Deadline,
  remote: RemoteMembers,
): Promise<Said> => {
  try {
    return await remote.ask(member, rowOf(member.inputs, values), deadline);
  } catch {
    return { failed: 'fault' };
  }
};

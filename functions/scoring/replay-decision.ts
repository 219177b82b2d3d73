import type { Decision, MemberAnswer } from '#domain/decision.ts';
import { ServiceError } from '#domain/errors.ts';
import { modelValuesOf } from '#features/values.ts';
import { embeddedSays } from './ask-members.ts';
import { judge } from './judge.ts';
import type { PreparedDetector } from './prepared-detector.ts';

/**
 * Makes a recorded decision again, from the record and the detector as it was then: equal to the record, or something
 * that it should have pinned has changed.
 *
 * Embedded models that answered are asked again. What remote members said, what was missing and what the clock showed
 * come from the record, since nobody can ask for them again.
 *
 * @param prepared - of the catalog snapshot and the detector version that the record names.
 * @throws {ServiceError} `invalid_input` if it is another one, or an embedded model is not loaded.
 */
export const replayDecision = (record: Decision, prepared: PreparedDetector): Decision => {
  checkPinned(record, prepared);
  const answers = record.members.map((answer) => answeredAgain(answer, record, prepared));
  const verdict = judge({
    event: record.event,
    features: record.features,
    answers,
    prepared,
    nowMs: Date.parse(record.decidedAt),
    degraded: record.degraded,
  });
  const { probability: _probability, score: _score, ...pinned } = record;
  return { ...pinned, members: answers, ...verdict };
};

const checkPinned = (record: Decision, { detector, snapshot }: PreparedDetector): void => {
  const same =
    record.snapshot === snapshot &&
    record.detector === detector.detector &&
    record.detectorVersion === detector.version;
  if (same) return;
  throw new ServiceError(
    'invalid_input',
    `the record was made by detector '${record.detector}' version ${record.detectorVersion} of another catalog; ` +
      `replay it with snapshot ${record.snapshot}`,
  );
};

const answeredAgain = (answer: MemberAnswer, record: Decision, { members }: PreparedDetector): MemberAnswer => {
  if (answer.kind !== 'embedded' || answer.probability === undefined) return answer;
  const { probability: _probability, ...rest } = answer;
  const embedded = members.find(({ member }) => member.name === answer.member)?.embedded;
  if (!embedded) {
    throw new ServiceError('invalid_input', `model '${answer.model}' is not loaded; replay needs the models of then`);
  }
  const said = embeddedSays(embedded, modelValuesOf(record.event, record.features));
  return { ...rest, ...('probability' in said && { probability: said.probability }) };
};

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
 * @param current - of the catalog snapshot and the detector version that the record names. A record that used an older
 *   version of a list takes that one: see `withPinnedLists`.
 * @throws {ServiceError} `invalid_input` if it is another one, or an embedded model or a list version is not loaded.
 */
export const replayDecision = (record: Decision, current: PreparedDetector): Decision => {
  checkPinned(record, current);
  const prepared = withListsOf(record, current);
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

/** The detector with the lists that the record names, and without those that could not be read at the time. */
const withListsOf = (record: Decision, prepared: PreparedDetector): PreparedDetector => {
  for (const [name, version] of Object.entries(record.lists)) {
    if (prepared.listVersions[name] === version) continue;
    throw new ServiceError(
      'invalid_input',
      `the record used version ${version} of list '${name}', and another is loaded; replay it with its pinned lists`,
    );
  }
  const lists = new Map([...prepared.lists].filter(([name]) => Object.hasOwn(record.lists, name)));
  return { ...prepared, lists, listVersions: record.lists };
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

import { checkProbability, combineMargins } from './ensemble.ts';
import { logit } from './logit.ts';
import { ModelError } from './model-error.ts';
import {
  ALL_SETS_UP_TO,
  type Calibration,
  MIN_REFERENCE_EVENTS,
  membersOf,
  type Reference,
  type ReferenceMember,
  type ReferenceSet,
  type ReferenceSubject,
  survivorKey,
} from './reference-schema.ts';
import { LEAST_EVENTS, SCORE_KNOTS } from './score.ts';

export * from './reference-schema.ts';

/** Knots at evenly spaced logarithms of the rate: dense where scores are high. */
const TAIL_KNOTS = 200;
/** Knots at evenly spaced rates: the body, where logarithms are sparse. */
const BODY_KNOTS = 50;
/** Margins are kept to seven decimals, rounded down, so that none of the events counted falls below. */
const DECIMALS = 1e7;

const roundedDown = (margin: number): number => {
  const steps = Math.floor(margin * DECIMALS);
  return steps / DECIMALS <= margin ? steps / DECIMALS : (steps - 1) / DECIMALS;
};

/** Numbers of events at which a knot is placed, rising; among them, all that {@link SCORE_KNOTS} mean. */
const knotCounts = (events: number): readonly number[] => {
  const rates = [
    ...SCORE_KNOTS.map(({ rate }) => rate),
    ...Array.from({ length: TAIL_KNOTS }, (_, at) => (LEAST_EVENTS / events) ** (at / (TAIL_KNOTS - 1))),
    ...Array.from({ length: BODY_KNOTS }, (_, at) => (at + 1) / BODY_KNOTS),
  ];
  // Rounded down: 2 % of 1,234 events is at most 24 of them. The sum undoes what 0.07 · 100 = 7.000…01 would not.
  const counts = rates.map((rate) => Math.max(LEAST_EVENTS, Math.floor(rate * events + 1e-9)));
  return [...new Set(counts)].sort((a, b) => a - b);
};

const countAtOrAbove = (rising: Float64Array, margin: number): number => {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rising[middle]! < margin) low = middle + 1;
    else high = middle;
  }
  return rising.length - low;
};

const setOf = (margins: Float64Array, calibration: Calibration): ReferenceSet => {
  const rising = margins.sort();
  const events = rising.length;
  // Events of equal margin share one knot, and all of them count.
  const counts = new Map<number, number>();
  for (const wanted of knotCounts(events)) {
    const margin = roundedDown(rising[events - wanted]!);
    counts.set(margin, countAtOrAbove(rising, margin));
  }
  const knots = [...counts].sort(([a], [b]) => a - b);
  return { margins: knots.map(([margin]) => margin), atOrAbove: knots.map(([, count]) => count), calibration };
};

/**
 * Sets of survivors that get a reference, as places in the list of members: all that are not empty up to
 * {@link ALL_SETS_UP_TO} members; beyond, the full set, those with one or two members missing, and each alone.
 */
export const survivorSets = (members: number): readonly (readonly number[])[] => {
  const sets: number[][] = [];
  for (let bits = 1; bits < 2 ** members; bits += 1) {
    const set = Array.from({ length: members }, (_, at) => at).filter((at) => (bits >>> at) & 1);
    if (members <= ALL_SETS_UP_TO || set.length === 1 || set.length >= members - 2) sets.push(set);
  }
  return sets;
};

/** Log-odds by member and event, members in the order of `members`. */
const marginsByMember = (
  rows: readonly ArrayLike<number>[],
  members: readonly ReferenceMember[],
  places: readonly number[],
): readonly Float64Array[] =>
  members.map(({ name }, member) =>
    Float64Array.from(rows, (row, event) => {
      const checked = checkProbability(row[places[member]!]);
      if (!checked.ok) {
        throw new ModelError(
          `reference event ${event + 1} has no probability of member '${name}'; leave the event out`,
        );
      }
      return logit(checked.probability);
    }),
  );

/**
 * Makes the reference of a detector from what its members say about legitimate events: for each set of survivors, the
 * margins above which a known share of those events lies. O(sets · events · log events).
 *
 * Events must be as in production: natural prevalence, none chosen by score, and none that the models were trained on.
 *
 * @param rows - one legitimate event each: the probability of each member, in the order of `subject.members`.
 * @param calibrations - by {@link survivorKey}; a set that is not named has none.
 * @throws {ModelError} for fewer than {@link MIN_REFERENCE_EVENTS} events, or one that a member did not answer.
 */
export const buildReference = (
  rows: readonly ArrayLike<number>[],
  subject: ReferenceSubject,
  calibrations: Readonly<Record<string, Calibration>> = {},
): Reference => {
  if (rows.length < MIN_REFERENCE_EVENTS) {
    throw new ModelError(
      `a reference needs ${MIN_REFERENCE_EVENTS} legitimate events and has ${rows.length}; 20,000 or more are better`,
    );
  }
  const members = membersOf(subject);
  const names = members.map(({ name }) => name);
  if (members.length === 0 || new Set(names).size < names.length) {
    throw new ModelError(`detector '${subject.detector}' needs members with different names to have a reference`);
  }
  const places = names.map((name) => subject.members.findIndex((member) => member.name === name));
  const margins = marginsByMember(rows, members, places);

  const sets: Record<string, ReferenceSet> = {};
  for (const set of survivorSets(members.length)) {
    const key = survivorKey(set.map((at) => names[at]!));
    const weights = set.map((at) => members[at]!.weight);
    const answers = new Float64Array(set.length);
    const combined = Float64Array.from(rows, (_, event) => {
      for (let at = 0; at < set.length; at += 1) answers[at] = margins[set[at]!]![event]!;
      return combineMargins(answers, weights, subject.combine);
    });
    sets[key] = setOf(combined, Object.hasOwn(calibrations, key) ? calibrations[key]! : { kind: 'none' });
  }
  return {
    format: 1,
    detector: subject.detector,
    combine: subject.combine,
    members: [...members],
    events: rows.length,
    sets,
  };
};

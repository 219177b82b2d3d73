import type { RowProblem } from './row-problem.ts';

/** Why admission refuses an event or a feedback entry: codes that quarantine tallies count. */
export const ADMISSION_REASONS = [
  'not_an_object',
  'missing_field',
  'wrong_type',
  'out_of_range',
  'unknown_field',
  /** More fields than any event has: looking at each would cost seconds. */
  'too_many_fields',
  'too_long',
  /** Text that is not well-formed Unicode. */
  'bad_text',
  'bad_time',
  'too_old',
  'in_future',
  'bad_event_id',
  'bad_entity',
  /** The row names another event type than the one it was sent to. */
  'wrong_event_type',
  'card_number',
  'secret_field',
  /** The label said is none of the event type's. */
  'unknown_label',
  'bad_name',
  /** A file's header lacks a column without which no row can be admitted. */
  'missing_column',
  'duplicate_headers',
] as const;
export type AdmissionReason = (typeof ADMISSION_REASONS)[number];

/** One thing wrong with what was sent; never the value. */
export interface AdmissionProblem extends RowProblem {
  readonly reason: AdmissionReason;
}

/** Collects problems: as many as help to mend a client, no more. */
export const problemList = () => {
  const problems: AdmissionProblem[] = [];
  return {
    problems,
    add: (field: string, reason: AdmissionReason, problem: string): undefined => {
      if (problems.length < MAX_PROBLEMS) problems.push({ field, reason, problem });
    },
  };
};
export type ProblemList = ReturnType<typeof problemList>;

const MAX_PROBLEMS = 20;

/** Most names of one event, or of one part of it; as many as a file may have columns. */
export const MAX_FIELDS = 1_000;

/** Whether an object or a list holds more than is looked at. What it is too many for is added to the problems. */
export const hasTooManyFields = (given: object, field: string, { add }: ProblemList): boolean => {
  if (Object.keys(given).length <= MAX_FIELDS) return false;
  add(field, 'too_many_fields', `send at most ${MAX_FIELDS} fields`);
  return true;
};

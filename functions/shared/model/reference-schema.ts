import * as z from 'zod';

import { NameSchema, VariableNameSchema } from '#domain/names.ts';
import { COMBINE_METHODS } from './ensemble.ts';
import { sigmoid } from './logit.ts';
import { ModelError } from './model-error.ts';
import { LEAST_EVENTS } from './score.ts';

/** Members of a detector for which every set of survivors has a reference: 31 sets. */
export const ALL_SETS_UP_TO = 5;
/** Fewest legitimate events of a reference: they show a rate of 10 %, a score of 600. */
export const MIN_REFERENCE_EVENTS = 10 * LEAST_EVENTS;

/** Makes a probability of a combined margin; rising, so that it leaves scores alone. */
export const CalibrationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  /** Log-odds are `a · margin + b`. */
  z.strictObject({ kind: z.literal('platt'), a: z.number().positive(), b: z.number() }),
]);
export type Calibration = z.infer<typeof CalibrationSchema>;

const moves = (list: readonly number[], rises: boolean): boolean =>
  list.every((item, index) => index === 0 || (rises ? item > list[index - 1]! : item < list[index - 1]!));

/** How the combined margins of legitimate events are spread, when exactly these members answer. */
export const ReferenceSetSchema = z
  .strictObject({
    /** Margins, rising. */
    margins: z.array(z.number()).min(1).max(1_000),
    /** Events whose margin is at or above the one of the same place: all of them first, then falling. */
    atOrAbove: z.array(z.int().min(LEAST_EVENTS)).min(1).max(1_000),
    calibration: CalibrationSchema,
  })
  .refine(({ margins, atOrAbove }) => margins.length === atOrAbove.length, 'give one count for each margin')
  .refine(({ margins }) => moves(margins, true), { path: ['margins'], error: 'list margins from low to high' })
  .refine(({ atOrAbove }) => moves(atOrAbove, false), { path: ['atOrAbove'], error: 'list counts from high to low' });
export type ReferenceSet = z.infer<typeof ReferenceSetSchema>;

export const ReferenceMemberSchema = z.strictObject({
  name: VariableNameSchema,
  /** SHA-256 of the model's bytes; absent for an endpoint, whose content is unknown. */
  modelHash: z.string().optional(),
  weight: z.number().positive(),
});
export type ReferenceMember = z.infer<typeof ReferenceMemberSchema>;

/** What a detector's margins mean: one {@link ReferenceSet} for each set of survivors, by {@link survivorKey}. */
export const ReferenceSchema = z
  .strictObject({
    format: z.literal(1),
    detector: NameSchema,
    combine: z.enum(COMBINE_METHODS),
    /** By name, rising. */
    members: z.array(ReferenceMemberSchema).min(1).max(10),
    /** Legitimate events that the reference was made from. */
    events: z.int().min(MIN_REFERENCE_EVENTS),
    sets: z.record(z.string(), ReferenceSetSchema),
  })
  .refine(({ events, sets }) => Object.values(sets).every(({ atOrAbove }) => atOrAbove[0] === events), {
    path: ['sets'],
    error: 'each set must count all events at its lowest margin; make the reference again',
  });
export type Reference = z.infer<typeof ReferenceSchema>;

/** Names a set of survivors, whatever their order: `remote+trees`. */
export const survivorKey = (names: readonly string[]): string => [...names].sort().join('+');

/** The part of a reference for these survivors, or undefined where it has none: then there is no score. */
export const referenceSetFor = (reference: Reference, names: readonly string[]): ReferenceSet | undefined => {
  const key = survivorKey(names);
  return Object.hasOwn(reference.sets, key) ? reference.sets[key] : undefined;
};

/** Probability of a combined margin after calibration. */
export const calibratedProbability = (margin: number, calibration: Calibration): number =>
  sigmoid(calibration.kind === 'platt' ? calibration.a * margin + calibration.b : margin);

/** What a reference is for: as the detector has it now. Weights default to 1. */
export interface ReferenceSubject {
  readonly detector: string;
  readonly combine: Reference['combine'];
  readonly members: readonly (Omit<ReferenceMember, 'weight'> & { readonly weight?: number })[];
}

/** The members by name, rising, each with its weight. */
export const membersOf = ({ members }: ReferenceSubject): readonly ReferenceMember[] =>
  members
    .map((member) => ({ ...member, weight: member.weight ?? 1 }))
    .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));

/**
 * Makes sure that a reference was made with the models that a detector has now, combined as it combines them.
 *
 * @throws {ModelError} if not: its scores would mean other rates than they say.
 */
export const checkReference = (reference: Reference, subject: ReferenceSubject): void => {
  const stale = (what: string): ModelError =>
    new ModelError(`the score reference of detector '${subject.detector}' ${what}; run assay calibrate again`);
  if (reference.detector !== subject.detector) throw stale(`is that of detector '${reference.detector}'`);
  if (reference.combine !== subject.combine) throw stale(`was made with combine ${reference.combine}`);
  const now = membersOf(subject);
  if (survivorKey(now.map(({ name }) => name)) !== survivorKey(reference.members.map(({ name }) => name))) {
    throw stale('was made with other members');
  }
  now.forEach(({ name, modelHash, weight }, index) => {
    const then = reference.members.find((member) => member.name === name) ?? reference.members[index]!;
    if (then.modelHash !== modelHash) throw stale(`was made with another model of member '${name}'`);
    if (subject.combine === 'weighted' && then.weight !== weight)
      throw stale(`was made with another weight of '${name}'`);
  });
};

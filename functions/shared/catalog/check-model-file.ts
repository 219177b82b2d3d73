import type { Detector } from '#domain/catalog/detector.ts';
import type { Model } from '#domain/catalog/documents.ts';
import { checkInputs } from '#model/inputs.ts';
import { ModelError } from '#model/model-error.ts';
import { checkReference, ReferenceSchema } from '#model/reference.ts';
import { readXgboost } from '#model/xgboost-read.ts';

/** Why a model's file cannot be used with the inputs that its document lists; undefined when it can. */
export const whyModelFails = (bytes: Uint8Array, { inputs }: Pick<Model, 'inputs'>): string | undefined =>
  failureOf(() => checkInputs(readXgboost(bytes), inputs));

/** What is wrong with a score reference, and what to do. */
export interface ReferenceProblem {
  readonly problem: string;
  readonly remedy: string;
}

/**
 * Checks a detector's score reference: it can be read, and was made with the models that the detector has now.
 *
 * @param modelHash - SHA-256 of the bytes of a member's model; undefined where there is none.
 */
export const checkReferenceOf = (
  detector: Detector,
  bytes: Uint8Array | undefined,
  modelHash: (model: string, version: number | undefined) => string | undefined,
): ReferenceProblem | undefined => {
  const reference = ReferenceSchema.safeParse(jsonOf(bytes));
  if (!reference.success) return { problem: 'this is no score reference', remedy: "make it with 'assay calibrate'" };
  const members = detector.members.map((member) => {
    const hash = member.kind === 'embedded' ? modelHash(member.model, member.version) : undefined;
    return { name: member.name, weight: member.weight, ...(hash !== undefined && { modelHash: hash }) };
  });
  const subject = { detector: detector.detector, combine: detector.ensemble.combine, members };
  const why = failureOf(() => checkReference(reference.data, subject));
  return why === undefined ? undefined : { problem: why, remedy: "run 'assay calibrate' again" };
};

/** The message of a model that cannot be used; undefined when it can. */
const failureOf = (use: () => void): string | undefined => {
  try {
    use();
    return undefined;
  } catch (error) {
    if (error instanceof ModelError) return error.message;
    throw error;
  }
};

const jsonOf = (bytes: Uint8Array | undefined): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
};

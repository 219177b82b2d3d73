import type { Detector } from '#domain/catalog/detector.ts';
import type { Model, ModelInput } from '#domain/catalog/documents.ts';
import type { EventType, Variable } from '#domain/catalog/event-type.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import { checkInputs } from '#model/inputs.ts';
import { ModelError } from '#model/model-error.ts';
import { checkReference, ReferenceSchema } from '#model/reference.ts';
import { readXgboost } from '#model/xgboost-read.ts';
import { checkInput } from './check-detector.ts';
import type { CatalogProblem } from './problem.ts';
import type { Report } from './report.ts';
import { REFERENCES } from './source.ts';

/** Kinds of input that each type of variable can be. */
const INPUT_KINDS: Readonly<Record<Variable['type'], readonly ModelInput['kind'][]>> = {
  string: ['category'],
  category: ['category'],
  email: ['category'],
  ip: ['category'],
  phone: ['category'],
  card_bin: ['category'],
  user_agent: ['category'],
  text: ['category'],
  number: ['number', 'category'],
  integer: ['number', 'boolean', 'category'],
  money: ['number'],
  boolean: ['boolean', 'number', 'category'],
  datetime: [],
};

/**
 * Checks a model: its file can be read, takes the inputs listed, and the event type has variables for them.
 *
 * @param bytes - of the model's file; undefined where it cannot be read.
 */
export const checkModel = (
  model: Model,
  {
    eventTypes,
    bytes,
  }: { readonly eventTypes: ReadonlyMap<string, EventType>; readonly bytes: Uint8Array | undefined },
  report: Report,
): void => {
  const eventType = eventTypes.get(model.eventType);
  if (!eventType) report(['eventType'], `there is no event type '${model.eventType}'`, 'add it, or correct the name');
  else for (const [index, input] of model.inputs.entries()) checkModelInput(input, index, eventType, report);
  if (!bytes) {
    report(['file'], `'${model.file}' cannot be read`, 'put the file beside this document');
    return;
  }
  const why = failureOf(() => checkInputs(readXgboost(bytes), model.inputs));
  if (why !== undefined)
    report(['file'], `'${model.file}' cannot be used: ${why}`, 'correct the inputs or save the model again');
};

const checkModelInput = ({ name, kind }: ModelInput, index: number, eventType: EventType, report: Report): void => {
  checkInput(name, ['inputs', index, 'name'], eventType, report);
  const variable = Object.hasOwn(eventType.variables, name) ? eventType.variables[name] : undefined;
  if (!variable || variable.personal) return;
  const kinds = INPUT_KINDS[variable.type];
  if (kinds.includes(kind)) return;
  const remedy = kinds.length > 0 ? `use ${kinds.join(' or ')}` : 'derive a number from it';
  report(['inputs', index, 'kind'], `a ${kind} cannot be made of '${name}', which is of type ${variable.type}`, remedy);
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

/**
 * Checks a detector's score reference: it can be read, and was made with the models that the detector has now.
 *
 * @param models - bytes of each model by name.
 */
export const checkReferenceFile = (
  file: string,
  bytes: Uint8Array | undefined,
  {
    detectors,
    models,
  }: { readonly detectors: ReadonlyMap<string, Detector>; readonly models: ReadonlyMap<string, Uint8Array> },
): readonly CatalogProblem[] => {
  const problem = (what: string, remedy: string) => [
    { file: `${REFERENCES}/${file}`, path: '', problem: what, remedy },
  ];
  const name = /^(.+)\.json$/.exec(file)?.[1];
  if (name === undefined)
    return problem('only references are read here', 'name it <detector>.json, or move it elsewhere');
  const detector = detectors.get(name);
  if (!detector) return problem(`there is no detector '${name}'`, 'remove the file, or add the detector');
  const reference = ReferenceSchema.safeParse(jsonOf(bytes));
  if (!reference.success) return problem('this is no score reference', "make it with 'assay calibrate'");
  const members = detector.members.map((member) => {
    const model = member.kind === 'embedded' ? models.get(member.model) : undefined;
    return { name: member.name, weight: member.weight, ...(model && { modelHash: sha256Hex(model) }) };
  });
  const subject = { detector: name, combine: detector.ensemble.combine, members };
  const why = failureOf(() => checkReference(reference.data, subject));
  return why === undefined ? [] : problem(why, "run 'assay calibrate' again");
};

const jsonOf = (bytes: Uint8Array | undefined): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
};

import type { Model, ModelInput } from '#domain/catalog/documents.ts';
import type { EventType, Variable } from '#domain/catalog/event-type.ts';
import { featuresIn } from '#features/history/definition-resolve.ts';
import type { RuleType } from '#rules/compile.ts';
import { checkInput, type KnownInputs } from './check-detector.ts';
import type { Report } from './report.ts';

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

/** Kinds of input that a feature of each type in rules can be; a datetime is none that is computed with. */
const FEATURE_KINDS: Readonly<Record<RuleType, readonly ModelInput['kind'][]>> = {
  number: ['number', 'category'],
  boolean: ['boolean', 'number', 'category'],
  string: ['category'],
  datetime: [],
};

/** Checks a model's document: the event type has variables or features for its inputs. Its file is checked apart. */
export const checkModel = (model: Model, eventTypes: ReadonlyMap<string, EventType>, report: Report): void => {
  const eventType = eventTypes.get(model.eventType);
  if (!eventType) {
    report(['eventType'], `there is no event type '${model.eventType}'`, 'add it, or correct the name');
    return;
  }
  const known = { variables: eventType.variables, features: featuresIn(eventTypes, eventType).variables };
  for (const [index, input] of model.inputs.entries()) checkModelInput(input, index, known, report);
};

const checkModelInput = ({ name, kind }: ModelInput, index: number, known: KnownInputs, report: Report): void => {
  checkInput(name, ['inputs', index, 'name'], known, report);
  const variable = Object.hasOwn(known.variables, name) ? known.variables[name] : undefined;
  const feature = known.features.get(name);
  if ((!variable && !feature) || variable?.personal || feature?.token) return;
  const kinds = variable ? INPUT_KINDS[variable.type] : FEATURE_KINDS[feature!.type];
  if (kinds.includes(kind)) return;
  const remedy = kinds.length > 0 ? `use ${kinds.join(' or ')}` : 'derive a number from it';
  const type = variable?.type ?? feature?.type;
  report(['inputs', index, 'kind'], `a ${kind} cannot be made of '${name}', which is of type ${type}`, remedy);
};

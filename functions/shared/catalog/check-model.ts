import type { Model, ModelInput } from '#domain/catalog/documents.ts';
import type { EventType, Variable } from '#domain/catalog/event-type.ts';
import { checkInput } from './check-detector.ts';
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

/** Checks a model's document: the event type has variables for its inputs. Its file is checked apart. */
export const checkModel = (model: Model, eventTypes: ReadonlyMap<string, EventType>, report: Report): void => {
  const eventType = eventTypes.get(model.eventType);
  if (!eventType) report(['eventType'], `there is no event type '${model.eventType}'`, 'add it, or correct the name');
  else for (const [index, input] of model.inputs.entries()) checkModelInput(input, index, eventType, report);
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

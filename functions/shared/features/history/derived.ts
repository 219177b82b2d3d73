import type { Report } from '#domain/catalog/report.ts';
import type { Event, VariableValue } from '#domain/event.ts';
import { type CompiledExpression, compileExpression, type RuleValue, type RuleVariable } from '#rules/compile.ts';
import { parse } from '#rules/parser.ts';
import { variablesIn } from '#rules/rename.ts';
import { compiledOr } from '../report-rule.ts';
import type { EventScope } from './definition-scope.ts';

/** A derived feature, ready to be worked. */
export interface DerivedFeature {
  readonly name: string;
  readonly expression: CompiledExpression;
  /** What rules see. */
  readonly variable: RuleVariable;
}

/** What derived features may read. */
export interface DerivedSurroundings {
  /** Names of all features of the event type: one that is not among the others has been reported already. */
  readonly declared: ReadonlySet<string>;
  /** What its other features are to rules, by name. */
  readonly others: ReadonlyMap<string, RuleVariable>;
  readonly scope: EventScope;
}

/**
 * Compiles derived features, in an order in which each comes behind those that it reads. Those in a circle, those that
 * cannot be compiled, and silently those that read one of these, are left out; the former are reported.
 *
 * @param sources - expression by name.
 */
export const derivedFeaturesOf = (
  sources: ReadonlyMap<string, string>,
  { declared, others, scope: { scope } }: DerivedSurroundings,
  report: Report,
): readonly DerivedFeature[] => {
  const reads = new Map<string, readonly string[]>();
  for (const [name, source] of sources) {
    const parsed = compiledOr(() => parse(source), ['features', name, 'value'], 'expression', report);
    if (parsed) reads.set(name, variablesIn(parsed));
  }
  const { order, circles } = inOrder(reads);
  for (const circle of circles) {
    const [name = ''] = circle;
    const path = [...circle, name].map((one) => `$${one}`).join(' → ');
    report(['features', name, 'value'], `it is derived from itself: ${path}`, 'derive one of them from something else');
  }
  const variables = new Map([...scope.variables, ...others]);
  const features: DerivedFeature[] = [];
  for (const name of order) {
    const missing = reads.get(name)!.some((read) => declared.has(read) && !variables.has(read));
    const feature = missing ? undefined : derivedOf(name, sources.get(name)!, variables, report);
    if (!feature) continue;
    features.push(feature);
    variables.set(name, feature.variable);
  }
  return features;
};

const derivedOf = (
  name: string,
  source: string,
  variables: ReadonlyMap<string, RuleVariable>,
  report: Report,
): DerivedFeature | undefined => {
  const path = ['features', name, 'value'];
  const compile = () => compileExpression(source, { variables, lists: new Set() });
  const expression = compiledOr(compile, path, 'expression', report);
  if (!expression) return undefined;
  if (expression.type === 'datetime') {
    report(path, 'a feature is a number, a text or true or false, and this is a datetime', TO_NUMBER);
    return undefined;
  }
  const [read = ''] = expression.variables;
  if (expression.type === 'string' && variables.get(read)?.token && parse(source).kind === 'variable') {
    report(path, `it is $${read} under another name`, `use $${read} itself`);
    return undefined;
  }
  return { name, expression, variable: { type: expression.type } };
};

const TO_NUMBER = 'make a number of it: getepochmilliseconds(…)';

/** Names in an order of reading, and the circles that have none. Linear in names and readings. */
const inOrder = (
  reads: ReadonlyMap<string, readonly string[]>,
): { readonly order: readonly string[]; readonly circles: readonly (readonly string[])[] } => {
  const order: string[] = [];
  const circles: string[][] = [];
  const state = new Map<string, 'open' | 'done' | 'circular'>();
  const path: string[] = [];
  const visit = (name: string): 'done' | 'circular' => {
    const seen = state.get(name);
    if (seen === 'open') circles.push(path.slice(path.indexOf(name)));
    if (seen) return seen === 'done' ? 'done' : 'circular';
    state.set(name, 'open');
    path.push(name);
    const around = (reads.get(name) ?? []).filter((read) => reads.has(read)).map(visit);
    path.pop();
    const verdict = around.includes('circular') ? 'circular' : 'done';
    state.set(name, verdict);
    if (verdict === 'done') order.push(name);
    return verdict;
  };
  for (const name of reads.keys()) visit(name);
  return { order, circles };
};

/** Features of one event while they are worked out. */
export type FeatureValues = Record<string, VariableValue | null>;

/**
 * Makes what works derived features out, each from the event, the features given, and those derived before it. What has
 * no value, as a division by zero has none, or the logarithm of zero, is null, and so is what is derived from it. Never
 * throws.
 *
 * @param types - what the event type's features are to rules, by name.
 * @returns a function that adds the derived features to those that are there.
 */
export const deriverOf = (
  derived: readonly DerivedFeature[],
  { contextOf }: Pick<EventScope, 'contextOf'>,
  types: ReadonlyMap<string, RuleVariable>,
): ((event: Event, values: FeatureValues) => void) => {
  if (derived.length === 0) return () => undefined;
  return (event, values) => {
    const { value: ofEvent, inList, nowMs } = contextOf(event);
    const value = (name: string): RuleValue | undefined => {
      const type = types.get(name);
      return type ? instantOr(values[name], type) : ofEvent(name);
    };
    const context = { value, inList, nowMs };
    for (const { name, expression } of derived) values[name] = withoutMinusZero(expression.evaluate(context).value);
  };
};

/** Datetimes are ISO strings in features and epoch milliseconds in rules. */
const instantOr = (value: VariableValue | null | undefined, { type }: RuleVariable): RuleValue | undefined =>
  type === 'datetime' && typeof value === 'string' ? Date.parse(value) : value;

const withoutMinusZero = (value: RuleValue): RuleValue => (value === 0 ? 0 : value);

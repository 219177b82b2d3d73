import type { Variable } from '#domain/catalog/event-type.ts';
import type { Feature } from '#domain/catalog/feature.ts';
import type { Report } from '#domain/catalog/report.ts';
import { ownOf } from '#domain/own.ts';
import type { EventTransform } from '#domain/transforms/transforms-of.ts';
import type { RuleVariable } from '#rules/compile.ts';
import { nearestName } from '#rules/suggest.ts';
import { RULE_TYPE } from '../variable-types.ts';
import { MAX_KEPT_TEXT } from './compile-widths.ts';
import { describeName, type EventScope } from './definition-scope.ts';
import type { ValueSource } from './plan.ts';

/** Where a measure's values come from, with all that they depend on. */
export interface ReadSource {
  readonly of: ValueSource;
  readonly reads: Readonly<Record<string, string>>;
  /** What such a value is to rules. */
  readonly variable: RuleVariable;
  /** What its tokens are made of, where it is one. */
  readonly tokenDomain?: string;
}

/** The same of numbers, with the decimals in which they are added up. */
export interface NumberSource extends ReadSource {
  readonly decimals: number;
}

type NumberKind = 'sum' | 'mean' | 'min' | 'max' | 'stddev';

/** Decimals of each type of number that nothing is said of. */
const DECIMALS: Readonly<Partial<Record<Variable['type'], number>>> = { integer: 0, money: 2, number: 6 };
const OTHER_DECIMALS = 6;

/** Source of a feature's numbers; undefined when there is none, which is reported. */
export const numberSourceOf = (
  name: string,
  kind: NumberKind,
  feature: Feature,
  source: EventScope,
  report: Report,
): NumberSource | undefined => {
  const wanted = feature[kind] ?? '';
  const read = sourceOf(wanted, source);
  if (!read) return unknown(name, kind, wanted, source, report);
  if (read.variable.type !== 'number') {
    const problem = `'${wanted}' is no number`;
    const remedy =
      read.variable.type === 'boolean'
        ? `count with a condition, as in 'where: $${wanted}'`
        : 'name a number, or money';
    report(['features', name, kind], problem, remedy);
    return undefined;
  }
  const variable = ownOf(source.eventType.variables, wanted);
  const decimals = feature.decimals ?? (variable && DECIMALS[variable.type]) ?? OTHER_DECIMALS;
  if (variable && boundsOf(variable).some((bound) => isTooLarge(bound, decimals))) {
    const problem = `values of '${wanted}' may be too large to be added up in ${decimals} decimals`;
    report(['features', name, kind], problem, "lower 'decimals' here, or the variable's limits");
    return undefined;
  }
  return { ...read, decimals };
};

const isTooLarge = (value: number, decimals: number): boolean =>
  Math.abs(value) * 10 ** decimals > Number.MAX_SAFE_INTEGER;

/** Limits that a variable sets to its numbers: none, one or two. */
const boundsOf = (variable: Variable): readonly number[] =>
  variable.type === 'number' || variable.type === 'integer' || variable.type === 'money'
    ? [variable.min, variable.max].filter((bound) => bound !== undefined)
    : [];

/** Whether every event has such a value, so that all events may be counted in place of those that have one. */
export const isCountedWhole = ({ of, decimals }: NumberSource, { eventType }: EventScope): boolean => {
  const variable = 'variable' in of ? ownOf(eventType.variables, of.variable) : undefined;
  const bounds = variable?.required ? boundsOf(variable) : [];
  return bounds.length === 2 && !bounds.some((bound) => isTooLarge(bound, decimals));
};

/** Source of a feature's values of any kind; undefined when there is none, which is reported. */
export const valueSourceOf = (
  name: string,
  kind: 'distinct' | 'last',
  feature: Feature,
  source: EventScope,
  report: Report,
): ReadSource | undefined => {
  const wanted = feature[kind] ?? '';
  const read = sourceOf(wanted, source);
  if (!read) return unknown(name, kind, wanted, source, report);
  const variable = ownOf(source.eventType.variables, wanted);
  const tooLong = variable && !variable.personal && 'maxLength' in variable && variable.maxLength > MAX_KEPT_TEXT;
  if (kind === 'last' && tooLong) {
    const problem = `'${wanted}' may have ${variable.maxLength} characters, and ${MAX_KEPT_TEXT} can be kept`;
    report(['features', name, kind], problem, `write 'maxLength: ${MAX_KEPT_TEXT}' or less in the variable`);
    return undefined;
  }
  return read;
};

/** A variable, a role or a transform of the history's event type, by name. */
const sourceOf = (name: string, source: EventScope): ReadSource | undefined => {
  const { entities } = source.eventType;
  const transform = source.transform(name);
  const scoped = source.scope.variables.get(name);
  if (transform) return { of: keptTransform(transform), reads: {}, variable: { type: transform.returns } };
  const kind = ownOf(entities, name);
  const described = { reads: { [name]: describeName(name, source) }, ...(scoped && { variable: scoped }) };
  if (kind !== undefined && scoped) return { ...described, of: { role: name }, variable: scoped, tokenDomain: kind };
  const variable = ownOf(source.eventType.variables, name);
  if (!variable) return undefined;
  if (variable.personal) {
    return { ...described, of: { variable: name }, variable: TOKEN, tokenDomain: variable.type };
  }
  return { ...described, of: { variable: name }, variable: { type: RULE_TYPE[variable.type] } };
};

const TOKEN: RuleVariable = { type: 'string', token: true };

/** A transform's text, where it is short enough to be kept. */
const keptTransform = ({ canonical, value }: EventTransform): ValueSource => ({
  transform: canonical,
  value: (event) => {
    const made = value(event);
    return typeof made === 'string' && made.length > MAX_KEPT_TEXT ? undefined : made;
  },
});

const unknown = (
  name: string,
  kind: string,
  wanted: string,
  { eventType, scope }: EventScope,
  report: Report,
): undefined => {
  const meant = nearestName(wanted, [...scope.variables.keys()]);
  const names = Object.keys(eventType.variables).join(', ');
  report(
    ['features', name, kind],
    `'${eventType.eventType}' has no variable '${wanted}'`,
    meant ? `did you mean '${meant}'?` : names ? `use one of ${names}` : 'declare it among its variables',
  );
  return undefined;
};

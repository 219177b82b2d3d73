import { aType, type CheckedExpression, check } from './check.ts';
import { refuserOf } from './errors.ts';
import { answerOf, evaluatorOf } from './evaluate.ts';
import { parse } from './parser.ts';
import type { RuleContext, RuleFault, RuleScope, RuleType, RuleValue } from './types.ts';
import { showWithValuesOf } from './with-values.ts';

export { RuleError } from './errors.ts';
export { MAX_SOURCE_LENGTH } from './parser.ts';
export type { RuleContext, RuleFault, RuleScope, RuleType, RuleValue, RuleVariable } from './types.ts';
export { RULE_FAULTS, RULE_TYPES } from './types.ts';

/** What an expression says of one event. */
export interface Evaluation {
  /** Null when the expression has no value for this event, which is exactly when there are faults. */
  readonly value: RuleValue;
  /** Why there is no value; each code once, in the order of `RULE_FAULTS`. */
  readonly faults: readonly RuleFault[];
  /** The source with the event's values in place of its variables, for the record. Made when called; never throws. */
  withValues(): string;
}

/** An expression that has been read, checked and turned into closures. Immutable; safe to share and keep. */
export interface CompiledExpression {
  readonly source: string;
  readonly type: RuleType;
  /** Names of the variables it reads, without `$`, in order of first use. */
  readonly variables: readonly string[];
  /** Names of the lists it consults, without `@`, in order of first use. */
  readonly lists: readonly string[];
  /** Evaluates for one event. Never throws, whatever the context answers; see docs/rule-language.md. */
  evaluate(context: RuleContext): Evaluation;
}

/**
 * Compiles an expression of any type, once, to be evaluated many times.
 *
 * @param source - at most 4,096 characters of the rule language.
 * @throws {RuleError} with line, column and remedy if it cannot be read, names something unknown, or types clash.
 */
export const compileExpression = (source: string, scope: RuleScope): CompiledExpression =>
  compiledFrom(source, check(parse(source), scope, refuserOf(source)), scope);

/**
 * Compiles the condition of a rule: an expression that is true or false.
 *
 * @throws {RuleError} as {@link compileExpression}, and for any other type.
 */
export const compileCondition = (source: string, scope: RuleScope): CompiledExpression => {
  const refuse = refuserOf(source);
  const checked = check(parse(source), scope, refuse);
  if (checked.type === 'boolean') return compiledFrom(source, checked, scope);
  const reason = `a rule must be true or false, but this is ${aType(checked.type)}`;
  throw refuse(checked.expression.at, reason, 'compare it with something, as in $amount > 100');
};

const compiledFrom = (source: string, checked: CheckedExpression, scope: RuleScope): CompiledExpression => {
  const { expression, type, variables, lists } = checked;
  const evaluator = evaluatorOf(expression, scope, refuserOf(source));
  const showWithValues = showWithValuesOf(source, scope);
  return {
    source,
    type,
    variables,
    lists,
    evaluate: (context) => ({ ...answerOf(evaluator, context), withValues: () => showWithValues(context) }),
  };
};

import type { CompiledExpression, RuleContext, RuleFault } from './compile.ts';

/** A rule ready to run. */
export interface CompiledRule {
  readonly id: string;
  /** From `compileCondition`. */
  readonly condition: CompiledExpression;
  /** What the rule says to do when it matches. */
  readonly outcomes: readonly string[];
}

/** `first_matched` stops at the first rule that matches; `all_matched` asks every rule. */
export type RuleMode = 'first_matched' | 'all_matched';

/** One rule as it went, for the record. The arrays are the record's own. */
export interface RuleEvaluation {
  readonly id: string;
  readonly expression: string;
  /** The expression with the event's values in place of its variables; empty when it was not evaluated. */
  readonly expressionWithValues: string;
  /** False for the rules behind the first match of `first_matched`. */
  readonly evaluated: boolean;
  readonly matched: boolean;
  /** What the rule would do when it matches, whether it did or not. */
  readonly outcomes: string[];
  /** Why the condition had no answer; a rule with faults has not matched. */
  readonly faults: RuleFault[];
}

/** What the rules say of one event. */
export interface RulesResult {
  /** Outcomes of the rules that matched, in the order of the rules, each once; empty when none matched. */
  readonly outcomes: readonly string[];
  /** One for each rule, in their order. */
  readonly evaluations: readonly RuleEvaluation[];
}

/** Asks the rules in order what to do with an event. Never throws: a rule that cannot be answered does not match. */
export const runRules = (rules: readonly CompiledRule[], mode: RuleMode, context: RuleContext): RulesResult => {
  const outcomes = new Set<string>();
  let settled = false;
  const evaluations = rules.map((rule) => {
    if (settled) return notEvaluated(rule);
    const evaluation = evaluated(rule, context);
    if (evaluation.matched) for (const outcome of rule.outcomes) outcomes.add(outcome);
    settled = evaluation.matched && mode === 'first_matched';
    return evaluation;
  });
  return { outcomes: [...outcomes], evaluations };
};

const evaluated = ({ id, condition, outcomes }: CompiledRule, context: RuleContext): RuleEvaluation => {
  const evaluation = condition.evaluate(context);
  return {
    id,
    expression: condition.source,
    expressionWithValues: evaluation.withValues(),
    evaluated: true,
    matched: evaluation.value === true,
    outcomes: [...outcomes],
    faults: [...evaluation.faults],
  };
};

const notEvaluated = ({ id, condition, outcomes }: CompiledRule): RuleEvaluation => ({
  id,
  expression: condition.source,
  expressionWithValues: '',
  evaluated: false,
  matched: false,
  outcomes: [...outcomes],
  faults: [],
});

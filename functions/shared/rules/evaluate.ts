import type {
  ArithmeticOperator,
  Call,
  Chain,
  Comparison,
  ComparisonOperator,
  Expression,
  Logical,
  Membership,
  Variable,
} from './ast.ts';
import type { Refuse } from './errors.ts';
import { FUNCTIONS } from './functions.ts';
import {
  RULE_FAULTS,
  type RuleContext,
  type RuleFault,
  type RuleScope,
  type RuleType,
  type RuleValue,
} from './types.ts';

/** One evaluation under way. */
export interface Run {
  readonly context: RuleContext;
  /** Faults so far, one bit each in the order of {@link RULE_FAULTS}. */
  faults: number;
}

/**
 * A compiled expression. Its answer is null exactly when it has no value, and then it has set at least one fault;
 * when it has a value it leaves the faults as it found them.
 */
export type Evaluator = (run: Run) => RuleValue;

const bitOf = (fault: RuleFault): number => 1 << RULE_FAULTS.indexOf(fault);
const MISSING_VALUE = bitOf('missing_value');
const DIVISION_BY_ZERO = bitOf('division_by_zero');
const NOT_FINITE = bitOf('not_finite');
const TYPE_MISMATCH = bitOf('type_mismatch');
const LIST_UNAVAILABLE = bitOf('list_unavailable');
const EVALUATION_FAILED = bitOf('evaluation_failed');
const NO_FAULTS: readonly RuleFault[] = Object.freeze([]);

const noValue = (run: Run, fault: number): null => {
  run.faults |= fault;
  return null;
};

/** What an evaluation found. */
export interface Answer {
  readonly value: RuleValue;
  readonly faults: readonly RuleFault[];
}

/** Runs a compiled expression. Never throws: a context that throws is the fault `evaluation_failed`. */
export const answerOf = (evaluator: Evaluator, context: RuleContext): Answer => {
  const run: Run = { context, faults: 0 };
  try {
    const value = evaluator(run);
    return { value, faults: run.faults === 0 ? NO_FAULTS : faultsOf(run.faults) };
  } catch {
    return { value: null, faults: faultsOf(EVALUATION_FAILED) };
  }
};

const faultsOf = (bits: number): readonly RuleFault[] => RULE_FAULTS.filter((fault) => (bits & bitOf(fault)) !== 0);

/**
 * Turns a checked expression into closures, once; evaluation then walks no tree and looks up no name of the scope.
 *
 * @throws {RuleError} at an argument that its function cannot use, such as a broken regular expression.
 */
export const evaluatorOf = (node: Expression, scope: RuleScope, refuse: Refuse): Evaluator => {
  const compile = (inner: Expression): Evaluator => evaluatorOf(inner, scope, refuse);
  switch (node.kind) {
    case 'literal':
      return always(node.value);
    case 'null':
      return (run) => noValue(run, MISSING_VALUE);
    case 'variable':
      return variable(node, scope);
    case 'not':
      return not(compile(node.operand));
    case 'negate':
      return negate(compile(node.operand));
    case 'chain':
      return chain(node, compile);
    case 'logical':
      return logical(node, compile);
    case 'comparison':
      return comparison(node, compile);
    case 'membership':
      return membership(node, compile);
    case 'call':
      return call(node, compile, refuse);
  }
};

type Compile = (node: Expression) => Evaluator;

const always =
  (value: RuleValue): Evaluator =>
  () =>
    value;

const variable = ({ name }: Variable, scope: RuleScope): Evaluator => {
  // The checker has refused names that the scope does not have.
  const { type, default: fallback = null } = scope.variables.get(name)!;
  return (run) => admitted(run, run.context.value(name) ?? fallback, type);
};

/** The value if it is what its type promises; the event itself may hold anything. */
const admitted = (run: Run, value: RuleValue, type: RuleType): RuleValue => {
  if (value === null) return noValue(run, MISSING_VALUE);
  if (type === 'string' || type === 'boolean') return typeof value === type ? value : noValue(run, TYPE_MISMATCH);
  if (typeof value !== 'number') return noValue(run, TYPE_MISMATCH);
  return finite(run, value);
};

const finite = (run: Run, value: number): RuleValue => (Number.isFinite(value) ? value : noValue(run, NOT_FINITE));

const not =
  (operand: Evaluator): Evaluator =>
  (run) => {
    const value = operand(run);
    return value === null ? null : value === false;
  };

const negate =
  (operand: Evaluator): Evaluator =>
  (run) => {
    const value = operand(run);
    return typeof value === 'number' ? -value : null;
  };

const chain = (node: Chain, compile: Compile): Evaluator => {
  const first = compile(node.first);
  const steps = node.rest.map(({ operator, operand }) => ({ operator, operand: compile(operand) }));
  return (run) => {
    let result = first(run);
    for (const { operator, operand } of steps) {
      const value = operand(run);
      // Without a value the rest is still worked, so that the record names every fault, whatever the order.
      result = typeof result === 'number' && typeof value === 'number' ? reckon(run, operator, result, value) : null;
    }
    return result;
  };
};

const reckon = (run: Run, operator: ArithmeticOperator, left: number, right: number): RuleValue => {
  switch (operator) {
    case '+':
      return finite(run, left + right);
    case '-':
      return finite(run, left - right);
    case '*':
      return finite(run, left * right);
    case '/':
      return right === 0 ? noValue(run, DIVISION_BY_ZERO) : finite(run, left / right);
    case '%':
      return right === 0 ? noValue(run, DIVISION_BY_ZERO) : left % right;
  }
};

/**
 * Kleene's three-valued logic. One operand can settle the answer (false for `and`, true for `or`), whatever the
 * others lack; then their faults did not matter and are dropped.
 */
const logical = (node: Logical, compile: Compile): Evaluator => {
  const operands = node.operands.map(compile);
  const settling = node.operator === 'or';
  return (run) => {
    const before = run.faults;
    let answer: RuleValue = !settling;
    for (const operand of operands) {
      const value = operand(run);
      if (value === settling) {
        run.faults = before;
        return settling;
      }
      if (value === null) answer = null;
    }
    return answer;
  };
};

const comparison = (node: Comparison, compile: Compile): Evaluator => {
  if (node.left.kind === 'null') return hasValue(compile(node.right), node.operator === '!=');
  if (node.right.kind === 'null') return hasValue(compile(node.left), node.operator === '!=');
  const [left, right] = [compile(node.left), compile(node.right)];
  const holds = HOLDS[node.operator];
  return (run) => {
    const [leftValue, rightValue] = [left(run), right(run)];
    return leftValue === null || rightValue === null ? null : holds(leftValue, rightValue);
  };
};

/** A null check always has an answer: it asks for the absence that its operand would report as a fault. */
const hasValue =
  (operand: Evaluator, wanted: boolean): Evaluator =>
  (run) => {
    const before = run.faults;
    const value = operand(run);
    run.faults = before;
    return (value !== null) === wanted;
  };

type Comparable = number | string | boolean;

// Both sides have the same type, so no conversion takes place; strings are ordered by UTF-16 code unit.
const HOLDS: Readonly<Record<ComparisonOperator, (left: Comparable, right: Comparable) => boolean>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

const membership = ({ subject, negated, among }: Membership, compile: Compile): Evaluator => {
  const evaluator = compile(subject);
  const name = subject.kind === 'variable' ? subject.name : undefined;
  const holds =
    among.kind === 'set' ? inSet(new Set(among.elements.map(({ value }) => value))) : inList(among.name, name);
  return (run) => {
    const value = evaluator(run);
    if (value === null) return null;
    const held = holds(run, value);
    return held === null ? null : held !== negated;
  };
};

const inSet =
  (set: ReadonlySet<Comparable>) =>
  (_: Run, value: Comparable): boolean =>
    set.has(value);

const inList =
  (list: string, variableName: string | undefined) =>
  (run: Run, value: Comparable): boolean | null =>
    run.context.inList(list, value, variableName) ?? noValue(run, LIST_UNAVAILABLE);

const call = (node: Call, compile: Compile, refuse: Refuse): Evaluator => {
  // The checker has refused unknown functions.
  const { bind, returns } = FUNCTIONS.get(node.name)!;
  const bound = bind(
    node.args.map((arg) => (arg.kind === 'literal' ? arg.value : undefined)),
    (position, reason, suggestion) => refuse(node.args[position]?.at ?? node.at, reason, suggestion),
  );
  const args = node.args.map(compile);
  return (run) => {
    const values = args.map((arg) => arg(run));
    return values.includes(null) ? null : admitted(run, bound(values, run.context.nowMs), returns);
  };
};

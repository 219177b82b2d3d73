export const ADDITIVE = ['+', '-'] as const;
export const MULTIPLICATIVE = ['*', '/', '%'] as const;
export type ArithmeticOperator = (typeof ADDITIVE)[number] | (typeof MULTIPLICATIVE)[number];

export const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const;
export type ComparisonOperator = (typeof COMPARISONS)[number];

export type LogicalOperator = 'and' | 'or';

/** A value written in the expression. */
export type LiteralValue = number | string | boolean;

interface Node {
  /** Offset into the source of the token an error points at: the operator, or the first token. */
  readonly at: number;
}

export interface Literal extends Node {
  readonly kind: 'literal';
  /** Numbers are never negative as parsed, a minus sign being a {@link Negation}; instants, once checked, may be. */
  readonly value: LiteralValue;
}

export interface NullLiteral extends Node {
  readonly kind: 'null';
}

export interface Variable extends Node {
  readonly kind: 'variable';
  /** Without `$`. */
  readonly name: string;
}

export interface Negation extends Node {
  readonly kind: 'negate' | 'not';
  readonly operand: Expression;
}

export interface Step extends Node {
  readonly operator: ArithmeticOperator;
  readonly operand: Expression;
}

/**
 * A run of operators of one precedence, worked from left to right: `a + b - c`. Flat, because a chain as long as
 * the source allows must not nest: checking and evaluation recurse, and the stack is not theirs to spend.
 */
export interface Chain extends Node {
  readonly kind: 'chain';
  readonly first: Expression;
  readonly rest: readonly Step[];
}

/** Two or more operands joined by the same operator; flat for the reason of {@link Chain}. */
export interface Logical extends Node {
  readonly kind: 'logical';
  readonly operator: LogicalOperator;
  readonly operands: readonly Expression[];
}

export interface Comparison extends Node {
  readonly kind: 'comparison';
  readonly operator: ComparisonOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface ListReference extends Node {
  readonly kind: 'list';
  /** Without `@`. */
  readonly name: string;
}

export interface SetElement extends Node {
  readonly value: LiteralValue;
}

export interface SetLiteral extends Node {
  readonly kind: 'set';
  /** At least one; numbers may be negative. */
  readonly elements: readonly SetElement[];
}

export interface Membership extends Node {
  readonly kind: 'membership';
  /** `not in`. */
  readonly negated: boolean;
  readonly subject: Expression;
  readonly among: ListReference | SetLiteral;
}

export interface Call extends Node {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expression[];
}

/** An expression as written, without parentheses, spaces and comments. */
export type Expression = Literal | NullLiteral | Variable | Negation | Chain | Logical | Comparison | Membership | Call;

/** Whether an operator adds or subtracts, as against multiplies, divides or takes a remainder. */
export const isAdditive = (operator: ArithmeticOperator): boolean => ADDITIVE.some((sign) => sign === operator);

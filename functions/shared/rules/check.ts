import * as z from 'zod';

import type {
  Call,
  Chain,
  Comparison,
  Expression,
  LiteralValue,
  Logical,
  Membership,
  Negation,
  SetElement,
  SetLiteral,
  Variable,
} from './ast.ts';
import type { Refuse } from './errors.ts';
import { FUNCTIONS, type Parameter, type RuleFunction, signatureOf } from './functions.ts';
import { nearestName } from './suggest.ts';
import type { RuleScope, RuleType, RuleVariable } from './types.ts';

/** A type as the checker sees it: a token is a string whose text means nothing to a reader. */
type CheckedType = RuleType | 'token';

/** An expression whose every part has a type, with instants written as text resolved to epoch milliseconds. */
export interface CheckedExpression {
  readonly expression: Expression;
  readonly type: RuleType;
  /** Names of the variables it reads, in order of first use. */
  readonly variables: readonly string[];
  /** Names of the lists it consults, in order of first use. */
  readonly lists: readonly string[];
}

interface Typed {
  readonly expression: Expression;
  readonly type: CheckedType;
}

/**
 * Finds the type of an expression, so that evaluation meets no type it does not expect, save from the event itself.
 *
 * @throws {RuleError} at an unknown name, or where the types do not fit.
 */
export const check = (expression: Expression, scope: RuleScope, refuse: Refuse): CheckedExpression => {
  const checker = new Checker(scope, refuse);
  const { expression: resolved, type } = checker.typed(expression);
  return {
    expression: resolved,
    type: type === 'token' ? 'string' : type,
    variables: [...checker.variables],
    lists: [...checker.lists],
  };
};

const A_TYPE: Readonly<Record<CheckedType, string>> = {
  number: 'a number',
  string: 'a string',
  boolean: 'true or false',
  datetime: 'a datetime',
  token: 'a hashed value',
};

/** The type of a type name, in words that fit a message. */
export const aType = (type: RuleType): string => A_TYPE[type];

const ORDERED: ReadonlySet<CheckedType> = new Set(['number', 'string', 'datetime']);
const TOKEN_REMEDY = 'a rule sees a keyed hash of it: use in @list, == null, or compare two such values';
const InstantSchema = z.iso.datetime({ offset: true });

const typeOfLiteral = (value: LiteralValue): 'number' | 'string' | 'boolean' => {
  if (typeof value === 'number') return 'number';
  return typeof value === 'string' ? 'string' : 'boolean';
};

class Checker {
  readonly variables = new Set<string>();
  readonly lists = new Set<string>();
  readonly #scope: RuleScope;
  readonly #refuse: Refuse;

  constructor(scope: RuleScope, refuse: Refuse) {
    this.#scope = scope;
    this.#refuse = refuse;
  }

  typed(node: Expression): Typed {
    switch (node.kind) {
      case 'literal':
        return { expression: node, type: typeOfLiteral(node.value) };
      case 'null':
        throw this.#refuse(node.at, 'null can only be compared with == or !=', 'write $variable == null');
      case 'variable':
        return this.#variable(node);
      case 'negate':
      case 'not':
        return this.#negation(node);
      case 'chain':
        return this.#chain(node);
      case 'logical':
        return this.#logical(node);
      case 'comparison':
        return this.#comparison(node);
      case 'membership':
        return this.#membership(node);
      case 'call':
        return this.#call(node);
    }
  }

  #variable(node: Variable): Typed {
    const variable = this.#scope.variables.get(node.name);
    if (variable === undefined) {
      const meant = nearestName(node.name, [...this.#scope.variables.keys()]);
      throw this.#refuse(node.at, `unknown variable $${node.name}`, meant && `did you mean $${meant}?`);
    }
    if (!acceptsDefault(variable)) {
      throw this.#refuse(
        node.at,
        `the default of $${node.name} is not ${A_TYPE[variable.type]}`,
        'correct it where the variable is declared',
      );
    }
    this.variables.add(node.name);
    return { expression: node, type: variable.token && variable.type === 'string' ? 'token' : variable.type };
  }

  #negation(node: Negation): Typed {
    const wanted = node.kind === 'not' ? 'boolean' : 'number';
    const operand = this.typed(node.operand);
    if (operand.type !== wanted) {
      const remedy = node.kind === 'not' ? '! binds tightly: write !($a == 5) to negate a comparison' : undefined;
      throw this.#refuse(
        node.at,
        `${node.kind === 'not' ? '!' : '-'} needs ${A_TYPE[wanted]}, but found ${A_TYPE[operand.type]}`,
        remedy,
      );
    }
    return { expression: { ...node, operand: operand.expression }, type: wanted };
  }

  #chain(node: Chain): Typed {
    const signs = node.rest.map(({ operator }) => operator);
    const number = (operand: Expression, operator: string | undefined): Expression => {
      const { expression, type } = this.typed(operand);
      if (type === 'number') return expression;
      const remedy = type === 'datetime' ? 'use getepochmilliseconds(…) to reckon with datetimes' : undefined;
      throw this.#refuse(operand.at, `${operator} needs numbers, but found ${A_TYPE[type]}`, remedy);
    };
    const first = number(node.first, signs[0]);
    const rest = node.rest.map((step) => ({ ...step, operand: number(step.operand, step.operator) }));
    return { expression: { ...node, first, rest }, type: 'number' };
  }

  #logical(node: Logical): Typed {
    const operands = node.operands.map((operand) => {
      const { expression, type } = this.typed(operand);
      if (type === 'boolean') return expression;
      throw this.#refuse(
        operand.at,
        `${node.operator} needs conditions, but found ${A_TYPE[type]}`,
        'compare it, as in $amount > 0',
      );
    });
    return { expression: { ...node, operands }, type: 'boolean' };
  }

  #comparison(node: Comparison): Typed {
    const equality = node.operator === '==' || node.operator === '!=';
    // What is compared with null may be of any type, null itself included.
    if (equality && (node.left.kind === 'null' || node.right.kind === 'null')) {
      const [left, right] = [node.left, node.right].map((side) =>
        side.kind === 'null' ? side : this.typed(side).expression,
      );
      return { expression: { ...node, left: left!, right: right! }, type: 'boolean' };
    }
    const [left, right] = this.#alike(node, this.typed(node.left), this.typed(node.right));
    if (!equality && !ORDERED.has(left.type)) {
      throw this.#refuse(
        node.at,
        `${A_TYPE[left.type]} has no order`,
        left.type === 'token' ? TOKEN_REMEDY : 'use == or !=',
      );
    }
    return { expression: { ...node, left: left.expression, right: right.expression }, type: 'boolean' };
  }

  /** Both sides in one type, an instant written as text becoming a datetime beside one. */
  #alike(node: Comparison, left: Typed, right: Typed): readonly [Typed, Typed] {
    if (left.type === right.type) return [left, right];
    if (left.type === 'datetime' && right.type === 'string') return [left, this.#instant(right)];
    if (right.type === 'datetime' && left.type === 'string') return [this.#instant(left), right];
    const reason = `cannot compare ${A_TYPE[left.type]} with ${A_TYPE[right.type]}`;
    throw this.#refuse(node.at, reason, mismatchRemedy(left, right) ?? mismatchRemedy(right, left));
  }

  /** A text literal read as an instant. */
  #instant({ expression, type }: Typed): Typed {
    if (expression.kind !== 'literal') {
      throw this.#refuse(
        expression.at,
        `expected a datetime, but found ${A_TYPE[type]}`,
        'write an instant, such as "2026-01-31T00:00:00Z"',
      );
    }
    return { expression: { ...expression, value: this.#instantMs(expression) }, type: 'datetime' };
  }

  #instantMs({ value, at }: SetElement): number {
    const instantMs = InstantSchema.safeParse(value).success ? Date.parse(String(value)) : Number.NaN;
    if (!Number.isNaN(instantMs)) return instantMs;
    throw this.#refuse(at, 'this is not an instant', 'write date, time and offset, such as "2026-01-31T00:00:00Z"');
  }

  #membership(node: Membership): Typed {
    const subject = this.typed(node.subject);
    const { among } = node;
    if (among.kind === 'set') {
      return {
        expression: { ...node, subject: subject.expression, among: this.#set(among, subject.type) },
        type: 'boolean',
      };
    }
    if (!this.#scope.lists.has(among.name)) {
      const meant = nearestName(among.name, [...this.#scope.lists]);
      throw this.#refuse(among.at, `unknown list @${among.name}`, meant && `did you mean @${meant}?`);
    }
    if (subject.type === 'boolean' || subject.type === 'datetime') {
      throw this.#refuse(node.at, `a list holds strings and numbers, but found ${A_TYPE[subject.type]}`);
    }
    this.lists.add(among.name);
    return { expression: { ...node, subject: subject.expression }, type: 'boolean' };
  }

  #set(set: SetLiteral, type: CheckedType): SetLiteral {
    if (type === 'token') throw this.#refuse(set.at, 'a hashed value cannot be compared with literals', TOKEN_REMEDY);
    if (type === 'datetime') {
      return { ...set, elements: set.elements.map((element) => ({ ...element, value: this.#instantMs(element) })) };
    }
    const other = set.elements.find(({ value }) => typeof value !== type);
    if (other === undefined) return set;
    const found = typeOfLiteral(other.value);
    throw this.#refuse(
      other.at,
      `the list must hold ${A_TYPE[type]} to be compared with, but holds ${A_TYPE[found]}`,
      quoteRemedy(type, found),
    );
  }

  #call(node: Call): Typed {
    const called = FUNCTIONS.get(node.name);
    if (called === undefined) {
      const meant = nearestName(node.name, [...FUNCTIONS.keys()]);
      throw this.#refuse(
        node.at,
        `unknown function ${node.name}`,
        meant ? `did you mean ${meant}?` : `the functions are ${[...FUNCTIONS.keys()].join(', ')}`,
      );
    }
    const { parameters, returns } = called;
    const usage = `write ${signatureOf(node.name, called)}`;
    if (node.args.length !== parameters.length) {
      throw this.#refuse(node.at, `${node.name} takes ${argumentCount(called)}, but found ${node.args.length}`, usage);
    }
    const args = node.args.map((arg, position) => this.#argument(arg, parameters[position]!, usage));
    return { expression: { ...node, args }, type: returns };
  }

  #argument(arg: Expression, parameter: Parameter, usage: string): Expression {
    if (parameter.literal && arg.kind !== 'literal') {
      throw this.#refuse(arg.at, `the ${parameter.name} must be written in quotes, not computed`, usage);
    }
    const typed = this.typed(arg);
    if (typed.type === parameter.type) return typed.expression;
    if (parameter.type === 'datetime' && typed.type === 'string') return this.#instant(typed).expression;
    const remedy = typed.type === 'token' ? TOKEN_REMEDY : usage;
    throw this.#refuse(
      arg.at,
      `${parameter.name} must be ${A_TYPE[parameter.type]}, but found ${A_TYPE[typed.type]}`,
      remedy,
    );
  }
}

const argumentCount = ({ parameters }: RuleFunction): string =>
  parameters.length === 1 ? '1 argument' : `${parameters.length} arguments`;

/** Whether a variable's default, if it has one, is a value of its type. */
const acceptsDefault = ({ type, default: value }: RuleVariable): boolean => {
  if (value === undefined || value === null) return true;
  return typeof value === 'number'
    ? Number.isFinite(value) && (type === 'number' || type === 'datetime')
    : typeof value === type;
};

const mismatchRemedy = (literal: Typed, other: Typed): string | undefined => {
  if (other.type === 'token') return TOKEN_REMEDY;
  if (other.type === 'datetime' && literal.type === 'number') return 'use getepochmilliseconds(…)';
  return literal.expression.kind === 'literal' ? quoteRemedy(other.type, literal.type) : undefined;
};

const quoteRemedy = (wanted: CheckedType, found: CheckedType): string | undefined => {
  if (found === 'string') return 'write it without quotes';
  return wanted === 'string' ? 'put it in quotes' : undefined;
};

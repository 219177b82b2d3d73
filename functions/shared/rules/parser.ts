import {
  ADDITIVE,
  type ArithmeticOperator,
  COMPARISONS,
  type Expression,
  type ListReference,
  type LogicalOperator,
  MULTIPLICATIVE,
  type SetElement,
  type SetLiteral,
  type Step,
} from './ast.ts';
import { type Refuse, refuserOf } from './errors.ts';
import { type Token, tokenise } from './lexer.ts';

/** Longest source, in UTF-16 code units: Amazon Fraud Detector's limit. */
export const MAX_SOURCE_LENGTH = 4_096;

/** How deep parentheses, calls, `!` and `-` may nest: it bounds the stack of everything that walks the tree. */
export const MAX_DEPTH = 64;

const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'in', 'not', 'true', 'false', 'null']);

/**
 * Reads an expression by recursive descent. Loosest first: `or`, `and`, one comparison or `in`, `+ -`, `* / %`,
 * `!` and unary `-`. Linear in the length of the source.
 *
 * @throws {RuleError} where the source is not an expression, is longer than 4,096 characters or nests too deeply.
 */
export const parse = (source: string): Expression => {
  const refuse = refuserOf(source);
  if (source.length > MAX_SOURCE_LENGTH) {
    throw refuse(
      MAX_SOURCE_LENGTH,
      `the expression is longer than ${MAX_SOURCE_LENGTH} characters`,
      'split it into several rules, or use a list',
    );
  }
  return new Parser(tokenise(source, refuse), refuse).parse();
};

class Parser {
  readonly #tokens: readonly Token[];
  readonly #refuse: Refuse;
  #index = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], refuse: Refuse) {
    this.#tokens = tokens;
    this.#refuse = refuse;
  }

  parse(): Expression {
    if (this.#atEnd()) throw this.#refuse(0, 'the expression is empty', 'write a condition, such as $amount > 100');
    const expression = this.#or();
    if (!this.#atEnd()) throw this.#unexpected('an operator or the end');
    return expression;
  }

  get #next(): Token {
    // The last token is `end` and is never taken.
    return this.#tokens[this.#index]!;
  }

  #atEnd(): boolean {
    return this.#next.kind === 'end';
  }

  #take(): Token {
    const token = this.#next;
    this.#index += 1;
    return token;
  }

  #nextIs(text: string): boolean {
    return (this.#next.kind === 'symbol' || this.#next.kind === 'word') && this.#next.text === text;
  }

  /** The operator that comes next if it is one of these, taken; undefined otherwise. */
  #takeOne<T extends string>(texts: readonly T[]): { text: T; at: number } | undefined {
    const text = texts.find((one) => this.#nextIs(one));
    return text === undefined ? undefined : { text, at: this.#take().at };
  }

  #expect(text: string): void {
    if (this.#takeOne([text]) === undefined) throw this.#unexpected(text);
  }

  #or(): Expression {
    return this.#logical('or', () => this.#logical('and', () => this.#comparison()));
  }

  #logical(operator: LogicalOperator, operand: () => Expression): Expression {
    const first = operand();
    const operands = [first];
    const at = this.#next.at;
    while (this.#takeOne([operator])) operands.push(operand());
    return operands.length === 1 ? first : { kind: 'logical', operator, operands, at };
  }

  #comparison(): Expression {
    const left = this.#sum();
    const operator = this.#takeOne(COMPARISONS);
    const compared: Expression = operator
      ? { kind: 'comparison', operator: operator.text, left, right: this.#comparisonRight(), at: operator.at }
      : this.#membership(left);
    if (compared !== left && this.#takesAnotherComparison()) {
      throw this.#refuse(this.#next.at, 'comparisons cannot be chained', 'join them with and, or use parentheses');
    }
    return compared;
  }

  #comparisonRight(): Expression {
    if (this.#next.kind === 'list')
      throw this.#refuse(this.#next.at, 'a list cannot be compared', `use in @${this.#next.text}`);
    return this.#sum();
  }

  #takesAnotherComparison(): boolean {
    return [...COMPARISONS, 'in', 'not'].some((text) => this.#nextIs(text));
  }

  #membership(subject: Expression): Expression {
    const at = this.#next.at;
    const not = this.#takeOne(['not']);
    if (not && !this.#nextIs('in')) throw this.#unexpected('in');
    if (!this.#takeOne(['in'])) return subject;
    return { kind: 'membership', negated: not !== undefined, subject, among: this.#among(), at };
  }

  #among(): ListReference | SetLiteral {
    const { kind, at, text } = this.#next;
    if (kind === 'list') return { kind: 'list', name: this.#take().text, at };
    if (this.#takeOne(['['])) return this.#set(at);
    throw this.#refuse(at, `expected a list behind in, but found ${described(this.#next)}`, amongRemedy(kind, text));
  }

  #set(at: number): SetLiteral {
    if (this.#nextIs(']')) throw this.#refuse(at, 'an empty list holds nothing', 'write at least one value');
    const elements = [this.#element()];
    while (this.#takeOne([','])) elements.push(this.#element());
    this.#expect(']');
    return { kind: 'set', elements, at };
  }

  #element(): SetElement {
    const at = this.#next.at;
    const minus = this.#takeOne(['-']);
    const { kind, text } = this.#next;
    if (kind === 'number') return { value: minus ? -Number(this.#take().text) : Number(this.#take().text), at };
    if (minus) throw this.#unexpected('a number');
    if (kind === 'string') return { value: this.#take().text, at };
    if (this.#takeOne(['true', 'false'])) return { value: text === 'true', at };
    if (this.#nextIs('null')) throw this.#refuse(at, 'a list cannot hold null', 'add or … == null');
    if (kind === 'variable')
      throw this.#refuse(at, 'a list in brackets holds literals only', 'compare with == and join with or');
    throw this.#unexpected('a number, a quoted text, true or false');
  }

  #sum(): Expression {
    return this.#chain(ADDITIVE, () => this.#chain(MULTIPLICATIVE, () => this.#unary()));
  }

  #chain(operators: readonly ArithmeticOperator[], operand: () => Expression): Expression {
    const first = operand();
    const at = this.#next.at;
    const rest: Step[] = [];
    for (let taken = this.#takeOne(operators); taken; taken = this.#takeOne(operators)) {
      rest.push({ operator: taken.text, operand: operand(), at: taken.at });
    }
    return rest.length === 0 ? first : { kind: 'chain', first, rest, at };
  }

  #unary(): Expression {
    const sign = this.#takeOne(['!', '-']);
    if (!sign) return this.#primary();
    const operand = this.#nested(sign.at, () => this.#unary());
    return { kind: sign.text === '!' ? 'not' : 'negate', operand, at: sign.at };
  }

  #primary(): Expression {
    const { kind, text, at } = this.#next;
    if (kind === 'number') return { kind: 'literal', value: Number(this.#take().text), at };
    if (kind === 'string') return { kind: 'literal', value: this.#take().text, at };
    if (kind === 'variable') return { kind: 'variable', name: this.#take().text, at };
    if (this.#takeOne(['true', 'false'])) return { kind: 'literal', value: text === 'true', at };
    if (this.#takeOne(['null'])) return { kind: 'null', at };
    if (this.#takeOne(['('])) return this.#parenthesised(at);
    if (kind === 'word' && !KEYWORDS.has(text)) return this.#call();
    throw this.#unexpected('a value');
  }

  #parenthesised(at: number): Expression {
    const inner = this.#nested(at, () => this.#or());
    if (this.#atEnd()) throw this.#refuse(at, 'this parenthesis is never closed', 'add )');
    if (this.#nextIs(','))
      throw this.#refuse(this.#next.at, 'parentheses hold one expression', 'write a list in brackets: [5, 10, 25]');
    this.#expect(')');
    return inner;
  }

  #call(): Expression {
    const { text: name, at } = this.#take();
    if (!this.#takeOne(['('])) throw this.#refuse(at, `unknown word ${name}`, wordRemedy(name));
    const args = this.#nextIs(')') ? [] : this.#nested(at, () => this.#args());
    this.#expect(')');
    return { kind: 'call', name, args, at };
  }

  #args(): Expression[] {
    const args = [this.#or()];
    while (this.#takeOne([','])) args.push(this.#or());
    return args;
  }

  #nested<T>(at: number, read: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) {
      throw this.#refuse(at, `the expression nests deeper than ${MAX_DEPTH} levels`, 'split it into several rules');
    }
    const result = read();
    this.#depth -= 1;
    return result;
  }

  #unexpected(expected: string): Error {
    return this.#refuse(
      this.#next.at,
      `expected ${expected}, but found ${described(this.#next)}`,
      remedyFor(this.#next),
    );
  }
}

/** A token as a message names it. Texts are not repeated: they may be long. */
const described = ({ kind, text }: Token): string => {
  if (kind === 'end') return 'the end of the expression';
  if (kind === 'string') return 'a quoted text';
  if (kind === 'variable') return `$${text}`;
  return kind === 'list' ? `@${text}` : text;
};

const amongRemedy = (kind: Token['kind'], text: string): string => {
  if (kind === 'variable') return `use == to compare with $${text}`;
  return text === '(' ? 'write a list in brackets: [5, 10, 25]' : 'write @name or [5, 10, 25]';
};

const remedyFor = ({ kind, text }: Token): string | undefined => {
  if (kind === 'list') return `use it behind in: $variable in @${text}`;
  if (kind === 'word' && text === 'not') return 'use ! to negate, as in !($amount > 5)';
  if (kind === 'word' && !KEYWORDS.has(text)) return wordRemedy(text);
  if (text === '[') return 'use it behind in: $variable in [5, 10, 25]';
  if (text === ')') return 'remove it, or open it with (';
  return undefined;
};

const wordRemedy = (word: string): string => {
  const lower = word.toLowerCase();
  if (KEYWORDS.has(lower)) return `write ${lower} in small letters`;
  if (['if', 'then', 'else', 'when', 'case'].includes(lower))
    return 'there is no if-else; write one rule for each answer';
  if (['is', 'equals', 'eq'].includes(lower)) return 'use == to compare';
  if (['none', 'nil', 'undefined', 'missing'].includes(lower)) return 'use null';
  return `did you mean the variable $${word}, or "${word}" in quotes?`;
};

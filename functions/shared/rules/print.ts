import {
  type ArithmeticOperator,
  type Chain,
  type Expression,
  isAdditive,
  type LiteralValue,
  type Membership,
} from './ast.ts';

/** How tightly each kind of expression binds; a child that binds no tighter than its place needs parentheses. */
const BINDING = { or: 1, and: 2, comparison: 3, sum: 4, product: 5, unary: 6, primary: 7 } as const;

/** An expression in its canonical spelling: {@link parse} gives the same expression again, save for positions. */
export const printExpression = (node: Expression): string => {
  switch (node.kind) {
    case 'literal':
      return printLiteral(node.value);
    case 'null':
      return 'null';
    case 'variable':
      return `$${node.name}`;
    case 'not':
      return `!${within(node.operand, BINDING.unary)}`;
    case 'negate':
      return `-${within(node.operand, BINDING.unary)}`;
    case 'chain':
      return printChain(node);
    case 'logical':
      return node.operands.map((operand) => within(operand, BINDING[node.operator] + 1)).join(` ${node.operator} `);
    case 'comparison':
      return `${within(node.left, BINDING.sum)} ${node.operator} ${within(node.right, BINDING.sum)}`;
    case 'membership':
      return printMembership(node);
    case 'call':
      return `${node.name}(${node.args.map(printExpression).join(', ')})`;
  }
};

/** A value as the language writes it. Numbers and texts read back as the very same value. */
export const printLiteral = (value: LiteralValue): string => {
  if (typeof value === 'string') return printText(value);
  if (typeof value !== 'number') return String(value);
  // Digits beyond the exact integers would be refused as an identifier that lost some.
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value);
};

const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const printText = (text: string): string => `"${text.replace(/[\\"\n\r\t]/g, (character) => ESCAPED[character]!)}"`;

const within = (node: Expression, atLeast: number): string =>
  bindingOf(node) < atLeast ? `(${printExpression(node)})` : printExpression(node);

const bindingOf = (node: Expression): number => {
  switch (node.kind) {
    case 'logical':
      return BINDING[node.operator];
    case 'comparison':
    case 'membership':
      return BINDING.comparison;
    case 'chain':
      return bindingOfOperator(node.rest[0]!.operator);
    case 'not':
    case 'negate':
      return BINDING.unary;
    default:
      return BINDING.primary;
  }
};

const bindingOfOperator = (operator: ArithmeticOperator): number =>
  isAdditive(operator) ? BINDING.sum : BINDING.product;

const printChain = (node: Chain): string => {
  const tighter = bindingOf(node) + 1;
  const steps = node.rest.map(({ operator, operand }) => ` ${operator} ${within(operand, tighter)}`);
  return within(node.first, tighter) + steps.join('');
};

const printMembership = ({ subject, negated, among }: Membership): string => {
  const listed =
    among.kind === 'list' ? `@${among.name}` : `[${among.elements.map(({ value }) => printLiteral(value)).join(', ')}]`;
  return `${within(subject, BINDING.sum)} ${negated ? 'not in' : 'in'} ${listed}`;
};

import type { Expression } from '#rules/ast.ts';
import { RuleError } from '#rules/compile.ts';
import { parse } from '#rules/parser.ts';

/** A place in a rule that looks something up in a list. */
export interface ListLookUp {
  /** Name of the variable that is looked up, without `$`; undefined for anything but a plain variable. */
  readonly variable: string | undefined;
  readonly list: string;
}

/** All look-ups in lists of a rule; none of a rule that cannot be read. */
export const membershipsOf = (source: string): readonly ListLookUp[] => {
  try {
    return lookUpsIn(parse(source));
  } catch (error) {
    if (error instanceof RuleError) return [];
    throw error;
  }
};

const lookUpsIn = (expression: Expression): readonly ListLookUp[] => {
  switch (expression.kind) {
    case 'literal':
    case 'null':
    case 'variable':
      return [];
    case 'negate':
    case 'not':
      return lookUpsIn(expression.operand);
    case 'chain':
      return [expression.first, ...expression.rest.map(({ operand }) => operand)].flatMap(lookUpsIn);
    case 'logical':
      return expression.operands.flatMap(lookUpsIn);
    case 'comparison':
      return [expression.left, expression.right].flatMap(lookUpsIn);
    case 'call':
      return expression.args.flatMap(lookUpsIn);
    case 'membership': {
      const { subject, among } = expression;
      const own =
        among.kind === 'list'
          ? [{ variable: subject.kind === 'variable' ? subject.name : undefined, list: among.name }]
          : [];
      return [...own, ...lookUpsIn(subject)];
    }
  }
};

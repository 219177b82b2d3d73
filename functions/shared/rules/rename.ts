import type { Expression } from './ast.ts';

/** The same expression over variables of other names. @param nameOf - the new name of a variable, without `$`. */
export const renameVariables = (node: Expression, nameOf: (name: string) => string): Expression => {
  const renamed = (inner: Expression): Expression => renameVariables(inner, nameOf);
  switch (node.kind) {
    case 'literal':
    case 'null':
      return node;
    case 'variable':
      return { ...node, name: nameOf(node.name) };
    case 'negate':
    case 'not':
      return { ...node, operand: renamed(node.operand) };
    case 'chain': {
      const rest = node.rest.map((step) => ({ ...step, operand: renamed(step.operand) }));
      return { ...node, first: renamed(node.first), rest };
    }
    case 'logical':
      return { ...node, operands: node.operands.map(renamed) };
    case 'comparison':
      return { ...node, left: renamed(node.left), right: renamed(node.right) };
    case 'membership':
      return { ...node, subject: renamed(node.subject) };
    case 'call':
      return { ...node, args: node.args.map(renamed) };
  }
};

/** Names of the variables that an expression reads, without `$`, each once, in order of first use. */
export const variablesIn = (node: Expression): readonly string[] => {
  const names = new Set<string>();
  renameVariables(node, (name) => {
    names.add(name);
    return name;
  });
  return [...names];
};

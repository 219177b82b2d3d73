import { DeploymentError } from '../errors.ts';

/**
 * Puts names behind what they depend on, otherwise as they came.
 *
 * @param dependenciesOf - only names that are among those given.
 * @throws {DeploymentError} for a circle, written out: `circle: a → b → a`.
 */
export const inOrder = (
  names: readonly string[],
  dependenciesOf: (name: string) => Iterable<string>,
  circle: string,
): string[] => {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): void => {
    if (done.has(name)) return;
    const start = path.indexOf(name);
    if (start >= 0) throw new DeploymentError(`${circle}: ${[...path.slice(start), name].join(' → ')}`);
    path.push(name);
    for (const dependency of dependenciesOf(name)) visit(dependency);
    path.pop();
    done.add(name);
  };
  for (const name of names) visit(name);
  return [...done];
};

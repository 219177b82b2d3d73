import { DeploymentError } from './errors.ts';
import type { ResourceDeclaration } from './resources.ts';

/**
 * Refuses a resource with a property that its room does not know: passing it over would make a local run differ from
 * AWS without a word.
 *
 * @throws {DeploymentError} naming the property.
 */
export const checkProperties = ({ properties }: ResourceDeclaration, known: readonly string[]): void => {
  const unknown = Object.keys(properties).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new DeploymentError(`the property ${unknown} is not emulated`);
};

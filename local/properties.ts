import type * as z from 'zod';
import { DeploymentError } from './errors.ts';
import type { ResourceDeclaration } from './resources.ts';

/**
 * Refuses a resource with a property that its room does not know: passing it over would make a local run differ from
 * AWS without a word. Tags are labels alone, and every type may have them.
 *
 * @throws {DeploymentError} naming the property.
 */
export const checkProperties = ({ properties }: ResourceDeclaration, known: readonly string[]): void => {
  const unknown = Object.keys(properties).find((name) => name !== 'Tags' && !known.includes(name));
  if (unknown !== undefined) throw new DeploymentError(`the property ${unknown} is not emulated`);
};

/**
 * Parses the properties of a resource.
 *
 * @throws {DeploymentError} naming the first property at fault.
 */
export const parseProperties = <Schema extends z.ZodType>(
  schema: Schema,
  { properties }: ResourceDeclaration,
): z.infer<Schema> => {
  const parsed = schema.safeParse(properties);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new DeploymentError(`${issue?.path.join('.')}: ${issue?.message}`);
};

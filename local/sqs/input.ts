import type * as z from 'zod';
import type { AwsError } from '../errors.ts';
import { invalidParameter, missingParameter } from './errors.ts';

/**
 * Reads the input of a call. Members that the schema does not know are passed over, as the service does.
 *
 * @throws {AwsError} MissingParameter or InvalidParameterValue, naming the parameter.
 */
export const parseInput = <Output>(schema: z.ZodType<Output>, input: unknown): Output => {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw refusalOf(parsed.error, input);
};

const refusalOf = (error: z.ZodError, input: unknown): AwsError => {
  const [issue] = error.issues;
  const path = issue?.path ?? [];
  const value = path.reduce<unknown>((at, part) => (at as Record<PropertyKey, unknown> | undefined)?.[part], input);
  const name = path.join('.');
  return value == null ? missingParameter(name) : invalidParameter(name, issue?.message ?? 'it is malformed');
};

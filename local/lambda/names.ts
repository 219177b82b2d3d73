import { AwsError } from '../errors.ts';

/** The one version of a function that there is here. */
export const LATEST = '$LATEST';

/**
 * The name in any form that Lambda takes: a name, an ARN or the part of one that starts with the account, each with a
 * version or alias behind it or without.
 *
 * @throws {AwsError} ResourceNotFoundException for any version but `$LATEST`.
 */
export const functionNameIn = (identifier: string, qualifier: string | null = null): string => {
  const [, name, suffix] = /^(?:(?:arn:aws:lambda:[a-z0-9-]+:)?\d{12}:function:)?([A-Za-z0-9_-]+)(?::(.+))?$/.exec(
    identifier,
  ) ?? [undefined, undefined, undefined];
  if (name === undefined) {
    throw new AwsError('ValidationException', 'functionName must be a name or an ARN of a function');
  }
  const version = suffix ?? qualifier ?? LATEST;
  if (version !== LATEST) throw functionNotFound(`${name}:${version}`);
  return name;
};

export const functionNotFound = (what: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Function not found: ${what}`, 404, { Type: 'User' });

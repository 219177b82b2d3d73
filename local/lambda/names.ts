import { AwsError } from '../errors.ts';

/** The version of a function that no number has been given yet. */
export const LATEST = '$LATEST';

/**
 * The name in any form that Lambda takes: a name, an ARN or the part of one that starts with the account, each with a
 * version or alias behind it or without.
 *
 * @returns the name; with a version or an alias behind it (`name:live`) where one is meant that is not `$LATEST`.
 * @throws {AwsError} ValidationException for what is no name.
 */
export const functionNameIn = (identifier: string, qualifier: string | null = null): string => {
  const [, name, suffix] = /^(?:(?:arn:aws:lambda:[a-z0-9-]+:)?\d{12}:function:)?([A-Za-z0-9_-]+)(?::(.+))?$/.exec(
    identifier,
  ) ?? [undefined, undefined, undefined];
  if (name === undefined) {
    throw new AwsError('ValidationException', 'functionName must be a name or an ARN of a function');
  }
  const version = suffix ?? qualifier ?? LATEST;
  return version === LATEST ? name : `${name}:${version}`;
};

export const functionNotFound = (what: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Function not found: ${what}`, 404, { Type: 'User' });

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DeploymentError } from './errors.ts';

/**
 * Holds a data directory for this cloud alone. The operating system gives the lock back however the process ends, so
 * none is ever left behind.
 *
 * @returns how to let go.
 * @throws {DeploymentError} if another cloud holds it.
 */
export const lockDirectory = (directory: string): (() => void) => {
  const lock = new DatabaseSync(join(directory, 'lock.sqlite'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new DeploymentError(
      `${directory} is in use by a cloud that is running; stop it, or choose another directory`,
      {
        cause,
      },
    );
  }
  return () => lock.close();
};

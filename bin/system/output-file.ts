import { statSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Why a file cannot be written, and what to do. @param code - of the file system, such as `ENOENT`. */
export const cannotWrite = (path: string, code: string | undefined): string =>
  `cannot write '${path}' (${code ?? 'unknown'}); check that its folder exists and is yours`;

/**
 * The path of a file to write, made absolute. Looked at before anything is read for it, which may take hours.
 *
 * @throws {Error} that names the file as it was given, and what to do.
 */
export const writable = async (file: string): Promise<string> => {
  const path = resolve(file);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`cannot write '${file}': it is a folder; name a file in it`);
  }
  try {
    // Behind a slash only a folder can be: a file that stands where the folder should is told here, too.
    await access(`${dirname(path)}/`, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Error(cannotWrite(file, (cause as NodeJS.ErrnoException).code), { cause });
  }
  return path;
};

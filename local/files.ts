import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';

/** Writes a file that is either there whole or not at all, also when the process is killed; readable by its owner alone. */
export const writeWhole = (path: string, content: string | Uint8Array): void => {
  const draft = `${path}.${randomUUID()}.draft`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    let written = 0;
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    while (written < bytes.length) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
};

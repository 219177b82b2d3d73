import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as z from 'zod';

const UnfinishedSchema = z.object({
  bucket: z.string(),
  key: z.string(),
  versionId: z.string(),
  startedMs: z.number(),
});
/** A file that was dropped and not yet seen to its end. */
export type Unfinished = z.infer<typeof UnfinishedSchema>;

const noteIn = (dataDirectory: string): string => join(dataDirectory, 'unfinished.json');

/** Remembers a dropped file, so that the next start goes on with it when this one is interrupted. */
export const noteUnfinished = (dataDirectory: string, dropped: Unfinished): void =>
  writeFileSync(noteIn(dataDirectory), JSON.stringify(dropped));

/** The file that an interrupted run left, if any. */
export const unfinishedIn = (dataDirectory: string): Unfinished | undefined => {
  try {
    return UnfinishedSchema.parse(JSON.parse(readFileSync(noteIn(dataDirectory), 'utf8')));
  } catch {
    return undefined;
  }
};

export const noteFinished = (dataDirectory: string): void => rmSync(noteIn(dataDirectory), { force: true });

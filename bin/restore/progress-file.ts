import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import * as z from 'zod';

import type { RestorePosition } from './restore-table.ts';

const Count = z.int().min(0);

/** Every table's keys are texts. */
const PositionSchema = z.object({
  after: z.object({ pk: z.object({ S: z.string() }), sk: z.object({ S: z.string() }) }).optional(),
  counts: z.object({
    read: Count,
    restored: Count,
    present: Count,
    superseded: Count,
    erased: Count,
    expired: Count,
  }),
});

/** Remembers how far a restore has come, so that the next start goes on there. */
export const notePosition = (file: string, position: RestorePosition): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(position));
};

/** Where a restore that was broken off goes on; undefined when none was. @throws {Error} for a file of another making. */
export const positionIn = (file: string): RestorePosition | undefined => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const parsed = PositionSchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`'${file}' is no note of a restore; remove it to begin anew`);
  const { after, counts } = parsed.data;
  return { counts, ...(after && { after: { pk: after.pk, sk: after.sk } }) };
};

export const forgetPosition = (file: string): void => rmSync(file, { force: true });

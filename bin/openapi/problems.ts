import * as z from 'zod';

import { type FailureCode, STATUS } from '#domain/errors.ts';

/** One field at fault, with what to do. */
const FieldProblemSchema = z.strictObject({ field: z.string(), problem: z.string() });

/** One thing wrong with an event or entry of several, with a code to count by. */
export const RowProblemSchema = z.strictObject({ ...FieldProblemSchema.shape, reason: z.string() });

export const FAILURE_CODES = Object.keys(STATUS) as FailureCode[];

/** The body of every answer that is an error, after RFC 9457. */
export const ProblemSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  code: z.enum(FAILURE_CODES),
  detail: z.string(),
  requestId: z.string(),
  fields: z.array(FieldProblemSchema).optional(),
});

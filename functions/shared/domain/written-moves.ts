import * as z from 'zod';

import { VariableValueSchema } from './event.ts';
import { EventIdSchema } from './names.ts';

/** A column and the number of a slot. */
const CellNameSchema = z.string().regex(/^[a-z]+[0-9]+$/);
/** A whole number of any size. */
const DigitsSchema = z.string().regex(/^-?[0-9]+$/);
const StampSchema = z.strictObject({ value: VariableValueSchema, atMs: z.int(), eventId: EventIdSchema });

/** What recording an event does to history, as messages carry it: see `PageMove`. Integers are text. */
export const WrittenHistorySchema = z.strictObject({
  /** Profiles that count the event. */
  profiles: z.array(z.string()),
  moves: z.array(
    z.strictObject({
      profile: z.string(),
      entity: z.string(),
      startMs: z.int(),
      keepUntilMs: z.int(),
      adds: z.record(CellNameSchema, DigitsSchema),
      marks: z.record(CellNameSchema, z.array(z.int().min(0).max(255))),
      sets: z.record(
        CellNameSchema,
        z.strictObject({ to: z.union([DigitsSchema, StampSchema]), keeps: z.enum(['lower', 'higher']) }),
      ),
    }),
  ),
});
export type WrittenHistory = z.infer<typeof WrittenHistorySchema>;
export type WrittenMove = WrittenHistory['moves'][number];

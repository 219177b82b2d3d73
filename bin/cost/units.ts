import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as z from 'zod';

/** Units by name, as the price list names them: `dynamodb.writeUnit`, `lambda.gbSecond`, … */
const AmountsSchema = z.record(z.string(), z.number().min(0));

/** What the system uses, measured on the embedded cloud by `npm run bench -- units`. */
export const UnitsSchema = z.strictObject({
  format: z.literal(1),
  /** The command and the day of the measurement. */
  measured: z.strictObject({ by: z.string(), on: z.iso.date(), events: z.int().min(1) }),
  /** For each event of a file, and for each event that the API decides. */
  perFileEvent: AmountsSchema,
  perApiEvent: AmountsSchema,
  /** For each hour in which nothing happens: schedules, and what polls queues and streams. */
  perIdleHour: AmountsSchema,
  /** What stands in the template, whether used or not: keys, alarms, secrets. */
  standing: AmountsSchema,
  /** Bytes that each event leaves, by where they are kept. */
  bytesPerEvent: AmountsSchema,
});
export type Units = z.infer<typeof UnitsSchema>;

/** The measurement that came with this version of Assay. */
export const measuredUnits = (): Units =>
  UnitsSchema.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'units.json'), 'utf8')));

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as yaml from 'yaml';
import * as z from 'zod';

const PriceSchema = z.number().min(0);

/** What services charge. @see prices.yaml */
export const PricesSchema = z.strictObject({
  format: z.literal(1),
  region: z.string().min(1),
  currency: z.literal('USD'),
  perUnit: z.record(z.string(), PriceSchema),
  perGbMonth: z.record(z.string(), PriceSchema),
  perMonth: z.record(z.string(), PriceSchema),
  fraudDetector: z.strictObject({
    /** In rising order; the last step has no end. */
    predictions: z.array(z.strictObject({ upTo: z.int().min(1).optional(), each: PriceSchema })).min(1),
    modelHour: PriceSchema,
  }),
});
export type Prices = z.infer<typeof PricesSchema>;

/**
 * Reads a price list.
 *
 * @param file - @default the prices that come with Assay
 * @throws {Error} that names the file, the path in it and the remedy.
 */
export const readPrices = (file = join(import.meta.dirname, 'prices.yaml')): Prices => {
  const parsed = PricesSchema.safeParse(yaml.parse(readFileSync(file, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Error(`${file} is no price list; write it as bin/cost/prices.yaml\n${z.prettifyError(parsed.error)}`);
};

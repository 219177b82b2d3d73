import * as z from 'zod';

const wholeNumber = (low: number, high: number) => {
  const error = `must be a whole number from ${low} to ${high}`;
  return z.number({ error }).int({ error }).min(low, { error }).max(high, { error });
};

const rateError = 'must be a share from 0 to 0.2, such as 0.002 for 0.2 %';

/**
 * How much to simulate. Everything has a default; the defaults give about 35,000 payments.
 *
 * A longer simulation begins with the shorter one; any other change, the seed's above all, gives another world and
 * other event ids.
 */
export const SimulationOptionsSchema = z
  .strictObject({
    /** Length of the simulated period. */
    days: wholeNumber(1, 3650).default(30),
    /** People who hold a card; each pays about 1.2 times a day. */
    customers: wholeNumber(10, 1_000_000).default(1000),
    /** Places that take cards, online ones included. The least number leaves every town a shop. */
    terminals: wholeNumber(50, 200_000).default(400),
    /** Share of all payments that are fraud. */
    fraudRate: z
      .number({ error: rateError })
      .min(0, { error: rateError })
      .max(0.2, { error: rateError })
      .default(0.002),
    seed: wholeNumber(0, 2 ** 32 - 1).default(1),
    /** First day (UTC). Fixed, not today, so that a seed gives the same bytes tomorrow. */
    start: z.iso.date({ error: 'must be a date such as 2026-01-01' }).default('2026-01-01'),
  })
  .readonly();

export type SimulationOptions = z.infer<typeof SimulationOptionsSchema>;
export type SimulationInput = z.input<typeof SimulationOptionsSchema>;

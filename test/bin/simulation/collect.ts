import type { SimulationInput } from '../../../bin/simulation/options.ts';
import { type SimulatedPayment, simulateCardPayments } from '../../../bin/simulation/simulate.ts';

/** Everything a stream gives, at once: for tests, which ask for little. */
export const all = async <T>(stream: AsyncIterable<T>): Promise<readonly T[]> => {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
};

export const paymentsOf = (options: SimulationInput): Promise<readonly SimulatedPayment[]> =>
  all(simulateCardPayments(options));

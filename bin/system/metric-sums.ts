import * as z from 'zod';

import { COUNT_METRICS, type CountMetric } from '#ports/telemetry.ts';

const COUNTED: ReadonlySet<string> = new Set(COUNT_METRICS);
/** One value, or several of one flush. */
const ValueSchema = z.union([z.number().transform((value) => [value]), z.array(z.number())]);
const LineSchema = z.looseObject({ _aws: z.looseObject({}) });

/** Sums of what functions have counted, taken from the metrics that they write to their logs. */
export class MetricSums {
  readonly #sums = new Map<CountMetric, number>();

  /** Takes lines of a log; those that are no metrics are passed over. */
  add(text: string): void {
    for (const line of text.split('\n')) {
      // A look at the text first: most lines of a log are no metrics.
      if (line.startsWith('{"_aws"')) this.#addLine(line);
    }
  }

  /** What was counted under a name so far; of processes that were killed, all but their last invocation's. */
  of(name: CountMetric): number {
    return this.#sums.get(name) ?? 0;
  }

  #addLine(line: string): void {
    const parsed = LineSchema.safeParse(parse(line));
    for (const [name, value] of Object.entries(parsed.data ?? {})) {
      const values = COUNTED.has(name) ? (ValueSchema.safeParse(value).data ?? []) : [];
      if (values.length > 0)
        this.#sums.set(
          name as CountMetric,
          values.reduce((sum, each) => sum + each, this.of(name as CountMetric)),
        );
    }
  }
}

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

import { MetricUnit, Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics';

import type { CountMetric, DurationMetric, Metrics } from '#ports/telemetry.ts';

type Unit = typeof MetricUnit.Count | typeof MetricUnit.Milliseconds;

/** Metrics that are kept until the invocation ends, and then written as one line of CloudWatch's embedded format. */
export interface BufferedMetrics extends Metrics {
  flush(): void;
}

/** Metrics of this process. Without a namespace in the environment, such as in a unit test, nothing is written. */
export const metricsOf = (): BufferedMetrics =>
  process.env.POWERTOOLS_METRICS_NAMESPACE === undefined ? silentMetrics : overPowertools(new PowertoolsMetrics());

const overPowertools = (metrics: PowertoolsMetrics): BufferedMetrics => {
  // Powertools throws on what is no number, and a figure is never worth a failed request.
  const add = (name: string, unit: Unit, value: number): void => {
    if (Number.isFinite(value)) metrics.addMetric(name, unit, value);
  };
  return {
    count: (name: CountMetric, value = 1) => add(name, MetricUnit.Count, value),
    duration: (name: DurationMetric, milliseconds: number) => add(name, MetricUnit.Milliseconds, milliseconds),
    // Powertools warns of an empty buffer, and many invocations have nothing to count.
    flush: () => {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
};

/** Metrics that go nowhere, for tests and for tools. */
export const silentMetrics: BufferedMetrics = {
  count: () => {},
  duration: () => {},
  flush: () => {},
};

/** The process's metrics: one buffer, shared by the adapters and the handlers, which flush it. */
export const processMetrics = metricsOf();

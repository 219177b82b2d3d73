import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';

import { metricNamespace } from './service-function.ts';

/** Sums of five minutes, and their highest values. */
export const sum = { statistic: 'Sum', period: Duration.minutes(5) };
export const most = { statistic: 'Maximum', period: Duration.minutes(5) };
/** Shares want a longer look: in a quiet hour five minutes hold too few events to say anything. */
const QUARTER = Duration.minutes(15);

/** One of our own metrics, and the functions that count it. */
export interface Counted {
  readonly metric: string;
  readonly services: readonly string[];
}

/** Our own metrics of one stage, as alarms and the dashboard take them. */
export class Figures {
  readonly #namespace: string;

  constructor(stageName: string) {
    this.#namespace = metricNamespace(stageName);
  }

  /** What one function counts or measures. @param statistic - such as `Sum` or `p99`. */
  one(metricName: string, service: string, { statistic = 'Sum', period = sum.period } = {}): Metric {
    return new Metric({ namespace: this.#namespace, metricName, dimensionsMap: { service }, statistic, period });
  }

  /** What functions count together in five minutes. */
  total({ metric, services }: Counted): Metric | MathExpression {
    const [first, ...others] = services;
    if (first !== undefined && others.length === 0) return this.one(metric, first);
    const usingMetrics = this.#named('m', [{ metric, services }], sum.period);
    return new MathExpression({ expression: totalOf(usingMetrics), usingMetrics, period: sum.period, label: metric });
  }

  /**
   * Per cent that a part is of the whole, in 15 minutes.
   *
   * @param floor - with fewer in the whole the share counts as 0: one bad event at night says nothing.
   */
  share(part: Counted, whole: readonly Counted[], floor: number): MathExpression {
    const [parts, wholes] = [this.#named('p', [part], QUARTER), this.#named('w', whole, QUARTER)];
    const all = totalOf(wholes);
    return new MathExpression({
      expression: `IF(${all} >= ${floor}, 100 * ${totalOf(parts)} / ${all}, 0)`,
      usingMetrics: { ...parts, ...wholes },
      period: QUARTER,
      label: `${part.metric}, per cent`,
    });
  }

  /** 1 for 15 minutes in which at least so many of the one were counted and none of the other, else 0. */
  unanswered(asked: Counted, answered: readonly Counted[], floor: number): MathExpression {
    const [asks, answers] = [this.#named('a', [asked], QUARTER), this.#named('e', answered, QUARTER)];
    return new MathExpression({
      expression: `IF(${totalOf(asks)} >= ${floor} AND ${totalOf(answers)} == 0, 1, 0)`,
      usingMetrics: { ...asks, ...answers },
      period: QUARTER,
      label: `${asked.metric} without an end`,
    });
  }

  /** By ids that are one metric's own, so that several expressions fit one graph. */
  #named(prefix: string, counted: readonly Counted[], period: Duration): Record<string, Metric> {
    return Object.fromEntries(
      counted.flatMap(({ metric, services }) =>
        services.map((service) => [
          `${prefix}_${metric}_${service.replaceAll('-', '_')}`,
          this.one(metric, service, { period }),
        ]),
      ),
    );
  }
}

/** A period without any data counts as none. */
const totalOf = (metrics: Readonly<Record<string, Metric>>): string =>
  `(${Object.keys(metrics)
    .map((name) => `FILL(${name}, 0)`)
    .join(' + ')})`;

/**
 * The highest percentile of an API's latency, or 0 for a period with fewer requests than the percentile needs to mean
 * anything.
 */
export const latencyWithFloor = (latency: Metric, requests: Metric, floor: number): MathExpression =>
  new MathExpression({
    expression: `IF(FILL(requests, 0) >= ${floor}, latency, 0)`,
    usingMetrics: { latency, requests },
    period: sum.period,
    label: `latency ${latency.statistic}`,
  });

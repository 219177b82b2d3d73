import { isCanary } from '#domain/canary.ts';
import type { Metrics } from './telemetry.ts';

const UNCOUNTED: Metrics = { count: () => {}, duration: () => {} };

/** Where figures of events of a type go: nowhere for the canary's, which must not pass for traffic. */
export const metricsFor = (eventType: string, metrics: Metrics): Metrics => (isCanary(eventType) ? UNCOUNTED : metrics);

import type { Detector } from '#domain/catalog/detector.ts';
import type { EventType } from '#domain/catalog/event-type.ts';
import type { Report } from '#domain/catalog/report.ts';
import { createResolver } from '#features/history/definition-resolve.ts';
import { nearestName } from '#rules/suggest.ts';

/** What features may refer to. */
export interface FeatureSurroundings {
  readonly eventTypes: ReadonlyMap<string, EventType>;
  /** By name; of a detector with several documents, all of them. */
  readonly detectors: ReadonlyMap<string, readonly Detector[]>;
}

/** Checks the features of an event type against its variables, roles and labels, other event types, and detectors. */
export const checkFeatures = (
  eventType: EventType,
  { eventTypes, detectors }: FeatureSurroundings,
  report: Report,
): void => {
  const { windows } = createResolver(eventTypes)(eventType, report);
  for (const { name, eventType: source, columns } of windows) {
    for (const { measure } of columns) {
      if (measure.kind === 'outcome') checkOutcome(['features', name, 'rate'], measure, source, detectors, report);
    }
  }
};

const checkOutcome = (
  path: readonly string[],
  { detector, outcome }: { readonly detector: string; readonly outcome: string },
  eventType: string,
  detectors: FeatureSurroundings['detectors'],
  report: Report,
): void => {
  const versions = detectors.get(detector);
  if (!versions) {
    report([...path, 'detector'], `there is no detector '${detector}'`, remedyFor(detector, [...detectors.keys()]));
    return;
  }
  const other = versions.find((version) => version.eventType !== eventType);
  if (other) {
    const problem = `detector '${detector}' judges events of type '${other.eventType}', not '${eventType}'`;
    report([...path, 'detector'], problem, 'use a detector of the same event type');
    return;
  }
  const known = [...new Set(versions.flatMap(outcomesOf))];
  if (known.includes(outcome)) return;
  report([...path, 'outcome'], `'${outcome}' is no outcome of '${detector}'`, remedyFor(outcome, known));
};

const outcomesOf = ({ rules, fallback = [], whenDegraded }: Detector): readonly string[] => [
  ...rules.list.flatMap(({ outcomes }) => outcomes),
  ...rules.otherwise,
  ...fallback,
  ...(whenDegraded?.outcomes ?? []),
];

const remedyFor = (name: string, known: readonly string[]): string => {
  const meant = nearestName(name, known);
  if (meant !== undefined) return `did you mean '${meant}'?`;
  return known.length > 0 ? `use one of ${known.join(', ')}` : 'add it to the catalog';
};

import type { EventType } from '#domain/catalog/event-type.ts';
import type { Feature } from '#domain/catalog/feature.ts';
import type { Report } from '#domain/catalog/report.ts';
import { nearestName } from '#rules/suggest.ts';
import type { MeasureName } from './definition.ts';
import { columnsOf, type FeatureColumns } from './definition-columns.ts';
import { type FeatureRoles, rolesOf } from './definition-roles.ts';
import type { EventScope } from './definition-scope.ts';
import { durationMs, durationName, MAX_WINDOW_MS, MIN_WINDOW_MS, slotMsOf } from './windows.ts';

/** A feature over history with all that its names stand for, before it has a place in a profile. */
export interface WindowDefinition extends FeatureRoles, FeatureColumns {
  readonly name: string;
  /** Event type whose events are the history. */
  readonly eventType: string;
  readonly windowMs: number;
  readonly delayMs: number;
  readonly includesCurrent: boolean;
  readonly hot: boolean;
  /** Longest slot that does for it. */
  readonly slotMs: number;
}

/** The event type of the features, and where to find the others. */
export interface Surroundings {
  readonly eventType: EventType;
  readonly sourceOf: (eventType: string) => EventScope | undefined;
  readonly eventTypes: readonly string[];
}

/** Reads a feature over history; undefined when it cannot be computed, which is reported. */
export const windowDefinitionOf = (
  name: string,
  { kind, feature }: { readonly kind: MeasureName; readonly feature: Feature },
  { eventType, sourceOf, eventTypes }: Surroundings,
  report: Report,
): WindowDefinition | undefined => {
  const of = feature.of ?? eventType.eventType;
  const source = sourceOf(of);
  if (!source) {
    const meant = nearestName(of, eventTypes);
    const remedy = meant ? `did you mean '${meant}'?` : `use one of ${eventTypes.join(', ')}`;
    report(['features', name, 'of'], `there is no event type '${of}'`, remedy);
    return undefined;
  }
  const times = timesOf(name, feature, report);
  const roles = rolesOf(name, feature, { eventType, source: source.eventType }, report);
  const columns = columnsOf(name, kind, feature, source, report);
  const includesCurrent = feature.current === 'included';
  const canInclude = !includesCurrent || mayInclude(name, feature, { eventType, of, roles }, report);
  if (!times || !roles || !columns || !canInclude) return undefined;
  return { name, eventType: of, ...times, ...roles, ...columns, includesCurrent, hot: feature.hot !== undefined };
};

/** Half-lives that a window has at most: what is older weighs nothing, and would only be read. */
const MAX_HALF_LIVES = 32;

const timesOf = (
  name: string,
  { window = '', delay, half_life: halfLife }: Feature,
  report: Report,
): Pick<WindowDefinition, 'windowMs' | 'delayMs' | 'slotMs'> | undefined => {
  const windowMs = durationMs(window);
  const delayMs = delay === undefined ? 0 : durationMs(delay);
  const halfLifeMs = halfLife === undefined ? undefined : durationMs(halfLife);
  const slotMs = slotMsOf(windowMs, halfLifeMs);
  const faults: (readonly [option: string, problem: string, remedy: string])[] = [];
  if (windowMs < MIN_WINDOW_MS || windowMs > MAX_WINDOW_MS) {
    faults.push(['window', 'windows are from 1m to 90d long', 'choose one in between']);
  } else if (windowMs % slotMs !== 0) {
    const [shorter, longer] = [Math.floor, Math.ceil].map((round) => durationName(round(windowMs / slotMs) * slotMs));
    const problem = `a window as long is made of slots of ${durationName(slotMs)}, and ${window} is no whole number of them`;
    faults.push(['window', problem, `choose ${shorter} or ${longer}`]);
  }
  if (delayMs > MAX_WINDOW_MS) faults.push(['delay', 'delays are up to 90d', 'choose a shorter one']);
  if (halfLifeMs !== undefined && windowMs > MAX_HALF_LIVES * halfLifeMs) {
    faults.push(['half_life', `the window is more than ${MAX_HALF_LIVES} half-lives`, 'shorten the window']);
  }
  for (const [option, problem, remedy] of faults) report(['features', name, option], problem, remedy);
  return faults.length === 0 ? { windowMs, delayMs, slotMs } : undefined;
};

/** The current event is of its own type, happens now, and is of the same entity. */
const mayInclude = (
  name: string,
  { delay }: Feature,
  { eventType, of, roles }: { eventType: EventType; of: string; roles: FeatureRoles | undefined },
  report: Report,
): boolean => {
  const refuse = (problem: string): false => {
    report(['features', name, 'current'], problem, "remove 'current'");
    return false;
  };
  if (of !== eventType.eventType) return refuse(`the event is none of '${of}'`);
  if (delay !== undefined) return refuse('the window ends before the event');
  if (roles?.roles.some((role, index) => role !== roles.sourceRoles[index])) {
    return refuse('the event is in the history of another role');
  }
  return true;
};

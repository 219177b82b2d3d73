import { ownOf } from '../own.ts';
import type { RegisteredDetector } from './detector.ts';
import type { CatalogSnapshot } from './snapshot.ts';

/**
 * A snapshot of the catalog with the look-ups that functions need. Immutable: what was looked up stays true
 * for as long as it is held, whatever is registered meanwhile.
 */
export interface Catalog {
  /** SHA-256 of the snapshot: what decisions pin. */
  readonly hash: string;
  readonly snapshot: CatalogSnapshot;
  eventType(name: string): CatalogSnapshot['eventTypes'][string] | undefined;
  /** Active detectors of an event type, by name. */
  detectorsFor(eventType: string): readonly RegisteredDetector[];
  /** A detector's active version, or the version asked for. */
  detector(name: string, version?: number): RegisteredDetector | undefined;
  /** True while the kill switch puts the detector on rules alone. */
  rulesOnly(detector: string): boolean;
}

/** Wraps a snapshot. @param hash - SHA-256 of its bytes as stored. */
export const catalogOf = (snapshot: CatalogSnapshot, hash: string): Catalog => {
  const registered = (name: string, version: number | undefined): RegisteredDetector | undefined => {
    const entry = ownOf(snapshot.detectors, name)?.versions.find((candidate) => candidate.version === version);
    return entry && { ...entry.document, version: entry.version };
  };
  const active = Object.entries(snapshot.detectors)
    .map(([name, { active: version }]) => registered(name, version))
    .filter((detector) => detector !== undefined)
    .sort((left, right) => (left.detector < right.detector ? -1 : 1));
  const rulesOnly = new Set(snapshot.switches.rulesOnly);
  return {
    hash,
    snapshot,
    eventType: (name) => ownOf(snapshot.eventTypes, name),
    detectorsFor: (eventType) => active.filter((detector) => detector.eventType === eventType),
    detector: (name, version) => registered(name, version ?? ownOf(snapshot.detectors, name)?.active),
    rulesOnly: (detector) => rulesOnly.has(detector),
  };
};

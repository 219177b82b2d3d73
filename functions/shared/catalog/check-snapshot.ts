import type { Detector } from '#domain/catalog/detector.ts';
import type { Model } from '#domain/catalog/documents.ts';
import type { EventType } from '#domain/catalog/event-type.ts';
import type { CatalogSnapshot } from '#domain/catalog/snapshot.ts';
import { checkDetector } from './check-detector.ts';
import { checkFeatures } from './check-features.ts';
import { checkModel } from './check-model.ts';
import type { Report } from './report.ts';

/** A document of the catalog, as problems, the audit log and the account of deployments name it. */
export type DocumentKey = `${'event-type' | 'list' | 'model' | 'detector' | 'reference' | 'switch'}#${string}`;

/** One thing wrong with a catalog that is, or would be, active. */
export interface SnapshotProblem {
  readonly document: DocumentKey;
  /** Path within the document, such as `rules.list.0.when`; empty for the document as a whole. */
  readonly path: string;
  readonly problem: string;
  readonly remedy: string;
}

/**
 * All that is wrong with what decides, documents taken together: features against what they are derived from, active
 * detectors against their event type, models and lists, and the switches. What stands beside them unused is no reason to refuse anything.
 *
 * @param versions - version of a detector that is to be checked as if it were active, by name.
 */
export const problemsIn = (
  snapshot: CatalogSnapshot,
  versions: Readonly<Record<string, number>> = {},
): readonly SnapshotProblem[] => {
  const problems: SnapshotProblem[] = [];
  const into =
    (document: DocumentKey): Report =>
    (path, problem, remedy) => {
      problems.push({ document, path: path.join('.'), problem, remedy });
    };
  const eventTypes = new Map(Object.entries(snapshot.eventTypes).map(([name, { document }]) => [name, document]));
  const lists = new Map(Object.entries(snapshot.lists).map(([name, { document }]) => [name, document]));
  const models = Map.groupBy(
    Object.values(snapshot.models).map(({ document }) => document),
    ({ model }) => model,
  );
  const detectors = new Map(
    Object.entries(snapshot.detectors).map(([name, { versions: known }]) => [
      name,
      known.map(({ document }) => document),
    ]),
  );
  for (const [name, eventType] of eventTypes) {
    checkFeatures(eventType, { eventTypes, detectors }, into(`event-type#${name}`));
  }
  for (const [name, { active, versions: known }] of Object.entries(snapshot.detectors)) {
    const wanted = versions[name] ?? active;
    const detector = known.find(({ version }) => version === wanted)?.document;
    if (!detector) continue;
    checkDetector(detector, { eventTypes, models, lists }, into(`detector#${name}`));
    checkModelsOf(detector, snapshot.models, eventTypes, into);
  }
  for (const name of snapshot.switches.rulesOnly) {
    if (Object.hasOwn(snapshot.detectors, name)) continue;
    into(`switch#${name}`)([], `there is no detector '${name}'`, 'correct the name or remove it');
  }
  return problems;
};

const checkModelsOf = (
  { members }: Detector,
  models: CatalogSnapshot['models'],
  eventTypes: ReadonlyMap<string, EventType>,
  into: (document: DocumentKey) => Report,
): void => {
  for (const member of members) {
    if (member.kind !== 'embedded') continue;
    const document: Model | undefined = models[`${member.model}@${member.version}`]?.document;
    if (document) checkModel(document, eventTypes, into(`model#${member.model}`));
  }
};

/** The problems that a change brings: what was wrong before is no reason to refuse it. */
export const newProblems = (
  before: readonly SnapshotProblem[],
  after: readonly SnapshotProblem[],
): readonly SnapshotProblem[] => {
  const known = new Set(before.map((problem) => JSON.stringify(problem)));
  return after.filter((problem) => !known.has(JSON.stringify(problem)));
};

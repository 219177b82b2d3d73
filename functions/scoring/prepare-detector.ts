import type { Catalog } from '#domain/catalog/catalog.ts';
import type { Member, RegisteredDetector } from '#domain/catalog/detector.ts';
import type { Degradation } from '#domain/decision.ts';
import { ServiceError } from '#domain/errors.ts';
import { featuresIn } from '#features/history/definition-resolve.ts';
import { ruleScopeOf } from '#features/rule-scope.ts';
import { checkInputs } from '#model/inputs.ts';
import { checkReference, type Reference, ReferenceSchema } from '#model/reference.ts';
import type { TreeModel } from '#model/tree-model.ts';
import { readXgboost } from '#model/xgboost-read.ts';
import type { CatalogSource } from '#ports/catalog-source.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { Logger, Metrics } from '#ports/telemetry.ts';
import { compileCondition, type RuleScope } from '#rules/compile.ts';
import type { CompiledRule } from '#rules/run-rules.ts';
import { ListShelf, type LoadedList } from './list-shelf.ts';
import type { PreparedDetector, PreparedMember } from './prepared-detector.ts';

/** Makes a detector of a catalog ready to judge; the second time it is at hand. */
export type PrepareDetector = (
  catalog: Catalog,
  detector: RegisteredDetector,
  deadline: Deadline,
  logger: Logger,
) => Promise<PreparedDetector>;

/** What preparing needs of the world. */
export interface PreparePorts {
  /** For the bytes of models, references and lists. */
  readonly catalog: Pick<CatalogSource, 'bytes'>;
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, 'count'>;
}

/** Milliseconds after which what could not be loaded is tried again. */
const RETRY_AFTER_MS = 10_000;
/** Snapshots whose detectors are kept: a new one comes with every value that is added to a list. */
const SNAPSHOTS_KEPT = 2;

interface Kept {
  readonly prepared: PreparedDetector;
  readonly staleAtMs: number;
}

/**
 * Prepares detectors and keeps them by snapshot, detector and version; models and lists by their hash, since snapshots
 * share them.
 *
 * What cannot be loaded is left out and logged, and judging goes on without it; it is tried again after ten seconds,
 * or at once when it only came too late.
 */
export const createPreparer = ({ catalog: source, clock, metrics }: PreparePorts): PrepareDetector => {
  const kept = new Map<string, Map<string, Kept>>();
  const models = new Map<string, TreeModel>();
  const lists = new ListShelf({ catalog: source, metrics });
  return async (catalog, detector, deadline, logger) => {
    const ofSnapshot = kept.get(catalog.hash) ?? new Map<string, Kept>();
    const key = `${detector.detector}@${detector.version}`;
    const found = ofSnapshot.get(key);
    if (found && clock.nowMs() < found.staleAtMs) return found.prepared;
    if (!kept.has(catalog.hash)) letGo(kept, models, catalog);
    kept.set(catalog.hash, ofSnapshot);
    const prepared = await preparedFrom(catalog, detector, { source, models, lists, deadline, logger });
    ofSnapshot.set(key, { prepared, staleAtMs: clock.nowMs() + keptForMs(prepared) });
    return prepared;
  };
};

/** Makes room for a snapshot that is new: lets go of the oldest, and of models that the new one does not name. */
const letGo = (kept: Map<string, Map<string, Kept>>, models: Map<string, TreeModel>, { snapshot }: Catalog): void => {
  const [oldest] = kept.keys();
  if (kept.size >= SNAPSHOTS_KEPT && oldest !== undefined) kept.delete(oldest);
  const named = new Set(Object.values(snapshot.models).map(({ sha256 }) => sha256));
  for (const sha256 of models.keys()) if (!named.has(sha256)) models.delete(sha256);
};

/** What only came too late for one caller is loading still, and there for the next one. */
const keptForMs = ({ degraded }: PreparedDetector): number => {
  if (degraded.length === 0) return Number.POSITIVE_INFINITY;
  return degraded.some(({ why }) => why === 'timeout') ? 0 : RETRY_AFTER_MS;
};

interface Loading {
  readonly source: PreparePorts['catalog'];
  /** By SHA-256. */
  readonly models: Map<string, TreeModel>;
  readonly lists: ListShelf;
  readonly deadline: Deadline;
  readonly logger: Logger;
}

const preparedFrom = async (
  catalog: Catalog,
  detector: RegisteredDetector,
  loading: Loading,
): Promise<PreparedDetector> => {
  const eventType = catalog.eventType(detector.eventType);
  if (!eventType) {
    throw new ServiceError('not_found', `event type '${detector.eventType}' is not registered; register it first`);
  }
  const degraded: Degradation[] = [];
  const load = <Result>(what: string, work: () => Promise<Result>) => loaded(what, work, degraded, loading);
  const eventTypes = Object.entries(catalog.snapshot.eventTypes).map(
    ([name, { document }]) => [name, document] as const,
  );
  const features = featuresIn(new Map(eventTypes), eventType.document).variables;
  const scope = ruleScopeOf(eventType.document, detector, Object.keys(catalog.snapshot.lists), features);
  const known = detector.members.map((member) => knownOf(member, catalog));
  const rules = await load('rules', async () => rulesOf(detector, scope));
  const consulted = [...new Set(rules?.flatMap(({ condition }) => condition.lists))];
  // Side by side, since whoever asks first waits for them.
  const [reference, members, found] = await Promise.all([
    load('reference', () => referenceOf(catalog, detector, known, loading)),
    Promise.all(
      known.map(
        async (each) => (await load(`member:${each.member.name}`, () => withModel(each, catalog, loading))) ?? each,
      ),
    ),
    Promise.all(
      consulted.map(async (name) => {
        const list = await load(`list:${name}`, () => listOf(name, catalog, degraded, loading));
        return list ? [[name, list] as const] : [];
      }),
    ),
  ]);
  const lists = new Map(found.flat());
  return {
    detector,
    eventType: eventType.document,
    eventTypeVersion: eventType.version,
    snapshot: catalog.hash,
    rulesOnly: catalog.rulesOnly(detector.detector),
    members,
    ...(reference && { reference }),
    scope,
    ...(rules && { rules }),
    lists: new Map([...lists].map(([name, { values }]) => [name, values])),
    listVersions: Object.fromEntries([...lists].map(([name, { version }]) => [name, version])),
    degraded,
  };
};

/** Loads a part, or notes that it is missing: a detector without it still decides. */
const loaded = async <Result>(
  what: string,
  work: () => Promise<Result>,
  degraded: Degradation[],
  { deadline, logger }: Loading,
): Promise<Result | undefined> => {
  const startedWithMs = deadline.remainingMs();
  try {
    return await work();
  } catch (error) {
    const left = deadline.remainingMs();
    logger.error('a part of a detector could not be loaded', error, { part: what });
    degraded.push({ what, why: left === 0 ? 'timeout' : 'not_loaded', spentMs: Math.round(startedWithMs - left) });
    return undefined;
  }
};

const knownOf = (member: Member, catalog: Catalog): PreparedMember => {
  if (member.kind === 'sagemaker') return { member, model: member.endpoint };
  const model = `${member.model}@${member.version}`;
  const registered = catalog.snapshot.models[model];
  return { member, model, ...(registered && { modelHash: registered.sha256 }) };
};

const withModel = async (
  known: PreparedMember,
  catalog: Catalog,
  { source, models, deadline }: Loading,
): Promise<PreparedMember> => {
  if (known.member.kind !== 'embedded') return known;
  const registered = catalog.snapshot.models[known.model];
  if (!registered) throw new ServiceError('model_unavailable', `model '${known.model}' is not registered`);
  const model = models.get(registered.sha256) ?? readXgboost(await source.bytes(registered, deadline));
  models.set(registered.sha256, model);
  checkInputs(model, registered.document.inputs);
  return { ...known, embedded: { model, inputs: registered.document.inputs } };
};

const referenceOf = async (
  catalog: Catalog,
  detector: RegisteredDetector,
  members: readonly PreparedMember[],
  { source, deadline }: Loading,
): Promise<Reference | undefined> => {
  const pointer = catalog.snapshot.references[detector.detector];
  if (!pointer) return undefined;
  const reference = ReferenceSchema.parse(JSON.parse(new TextDecoder().decode(await source.bytes(pointer, deadline))));
  checkReference(reference, referenceSubjectOf(detector, members));
  return reference;
};

/** What a reference for this detector must have been made with. */
export const referenceSubjectOf = (detector: RegisteredDetector, members: readonly PreparedMember[]) => ({
  detector: detector.detector,
  combine: detector.ensemble.combine,
  members: members.map(({ member, modelHash }) => ({
    name: member.name,
    weight: member.weight,
    ...(modelHash !== undefined && { modelHash }),
  })),
});

const rulesOf = ({ rules }: RegisteredDetector, scope: RuleScope): readonly CompiledRule[] =>
  rules.list.map(({ id, when, outcomes }) => ({ id, condition: compileCondition(when, scope), outcomes }));

/** A list that rules consult, or the version of it that was read last. */
const listOf = async (
  name: string,
  { snapshot }: Catalog,
  degraded: Degradation[],
  { lists, deadline }: Loading,
): Promise<LoadedList> => {
  const entry = snapshot.lists[name];
  if (!entry) throw new ServiceError('not_found', `list '${name}' is not registered`);
  const startedWithMs = deadline.remainingMs();
  const { version, values, stale } = await lists.find(name, entry, deadline);
  const spentMs = Math.round(startedWithMs - deadline.remainingMs());
  if (stale) degraded.push({ what: `list:${name}`, why: stale, spentMs });
  return { version, values };
};

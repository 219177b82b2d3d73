import { MemoryDecisionStore } from '#adapters/memory-decision-store.ts';
import { MemoryProfileStore } from '#adapters/memory-profile-store.ts';
import { type Catalog, catalogOf } from '#domain/catalog/catalog.ts';
import { type Detector, DetectorSchema, type RegisteredDetector } from '#domain/catalog/detector.ts';
import { type EventType, EventTypeSchema } from '#domain/catalog/event-type.ts';
import type { CatalogSnapshot } from '#domain/catalog/snapshot.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import { ServiceError } from '#domain/errors.ts';
import type { CatalogSource } from '#ports/catalog-source.ts';
import type { RemoteAnswer, RemoteMembers } from '#ports/remote-members.ts';
import type { CountMetric, Metrics } from '#ports/telemetry.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { createPlanner } from '../../functions/scoring/plan-features.ts';
import { createPreparer } from '../../functions/scoring/prepare-detector.ts';
import type { PreparedDetector } from '../../functions/scoring/prepared-detector.ts';

/** The instant at which these tests decide. */
export const NOW_MS = Date.parse('2026-11-01T10:00:05.000Z');
export const fixedClock = { nowMs: () => NOW_MS };

/** Payments as most tests have them. */
export const cardPayment = (overrides: Partial<Record<keyof EventType, unknown>> = {}): EventType =>
  EventTypeSchema.parse({
    format: 1,
    eventType: 'card_payment',
    purpose: 'fraud-detection',
    entities: { customer: 'person', terminal: 'terminal' },
    variables: {
      amount: { type: 'money', min: 0 },
      currency: { type: 'string', default: 'EUR' },
      first_order: { type: 'boolean' },
      country: { type: 'category' },
      signed_up_at: { type: 'datetime' },
      email: { type: 'email', personal: true },
    },
    ...overrides,
  });

/** A detector of payments without members that reviews large amounts. */
export const aDetector = (overrides: Partial<Record<keyof Detector, unknown>> = {}): Detector =>
  DetectorSchema.parse({
    format: 1,
    detector: 'card-payments',
    eventType: 'card_payment',
    rules: {
      list: [{ id: 'large', when: '$amount > 100', outcomes: ['review'] }],
      otherwise: ['approve'],
    },
    ...overrides,
  });

/** A member that the function runs itself, over {@link stump}. */
export const trees = { name: 'trees', kind: 'embedded', model: 'card-payments-trees', version: 1 } as const;
/** A member behind an endpoint. */
export const remote = { name: 'remote', kind: 'sagemaker', endpoint: 'fraud-xgb', inputs: ['amount'] } as const;

/** One tree of one split, as XGBoost writes it: log-odds below the threshold (or without a value), and from it on. */
export const stump = ({ at = 50, below = -3, above = 2 } = {}): Uint8Array => {
  const tree = {
    base_weights: [0, below, above],
    categories: [],
    categories_nodes: [],
    categories_segments: [],
    categories_sizes: [],
    default_left: [1, 0, 0],
    id: 0,
    left_children: [1, -1, -1],
    loss_changes: [1, 0, 0],
    parents: [2147483647, 0, 0],
    right_children: [2, -1, -1],
    split_conditions: [at, below, above],
    split_indices: [0, 0, 0],
    split_type: [0, 0, 0],
    sum_hessian: [1, 1, 1],
    tree_param: { num_deleted: '0', num_feature: '1', num_nodes: '3', size_leaf_vector: '1' },
  };
  const model = {
    gbtree_model_param: { num_parallel_tree: '1', num_trees: '1' },
    iteration_indptr: [0, 1],
    tree_info: [0],
    trees: [tree],
  };
  const learner = {
    attributes: {},
    feature_names: ['amount'],
    feature_types: ['float'],
    gradient_booster: { name: 'gbtree', model },
    learner_model_param: { base_score: '5E-1', num_class: '0', num_feature: '1', num_target: '1' },
    objective: { name: 'binary:logistic', reg_loss_param: { scale_pos_weight: '1' } },
  };
  return new TextEncoder().encode(JSON.stringify({ version: [2, 0, 3], learner }));
};

/** What a catalog for a test holds. */
export interface CatalogParts {
  readonly eventType?: EventType;
  readonly detectors?: readonly Detector[];
  /** Bytes of `card-payments-trees@1`; absent: {@link stump}. */
  readonly model?: Uint8Array;
  readonly lists?: CatalogSnapshot['lists'];
  /** References by detector. */
  readonly references?: Readonly<Record<string, unknown>>;
  readonly rulesOnly?: readonly string[];
}

/** A catalog whose objects are in memory. */
export const aCatalog = (parts: CatalogParts = {}): { catalog: Catalog; source: CatalogSource } => {
  const { eventType = cardPayment(), detectors = [aDetector()], model = stump(), references = {} } = parts;
  const objects = new Map<string, Uint8Array>();
  const keep = (bytes: Uint8Array) => {
    const sha256 = sha256Hex(bytes);
    objects.set(sha256, bytes);
    return { key: `objects/${sha256}`, sha256 };
  };
  const snapshot: CatalogSnapshot = {
    format: 1,
    eventTypes: { [eventType.eventType]: { version: 1, hash: 'event-type', document: eventType } },
    detectors: Object.fromEntries(
      detectors.map((document) => [
        document.detector,
        {
          ...(document.status === 'active' && { active: document.version ?? 1 }),
          versions: [{ version: document.version ?? 1, hash: 'detector', document }],
        },
      ]),
    ),
    lists: parts.lists ?? {},
    models: {
      'card-payments-trees@1': {
        version: 1,
        hash: 'model',
        document: {
          format: 1,
          model: 'card-payments-trees',
          version: 1,
          eventType: eventType.eventType,
          kind: 'xgboost',
          file: 'trees.json',
          inputs: [{ name: 'amount', kind: 'number' }],
        },
        ...keep(model),
      },
    },
    references: Object.fromEntries(
      Object.entries(references).map(([name, reference]) => [name, keep(Buffer.from(JSON.stringify(reference)))]),
    ),
    switches: { format: 1, rulesOnly: [...(parts.rulesOnly ?? [])] },
  };
  const catalog = catalogOf(snapshot, `snapshot-${sha256Hex(JSON.stringify(snapshot)).slice(0, 8)}`);
  const bytes = async ({ sha256 }: { readonly sha256: string }): Promise<Uint8Array> => {
    const found = objects.get(sha256);
    if (!found) throw new ServiceError('model_unavailable', 'the object is not there');
    return found;
  };
  return { catalog, source: { current: async () => catalog, newest: async () => catalog, bytes } };
};

/** The first detector of a catalog, ready to judge. */
export const prepared = async (parts: CatalogParts = {}): Promise<PreparedDetector> => {
  const { catalog, source } = aCatalog(parts);
  const [detector] = catalog.detectorsFor('card_payment');
  const prepare = createPreparer({ catalog: source, clock: fixedClock, metrics: { count: () => {} } });
  return prepare(catalog, detector as RegisteredDetector, deadlineIn(1_000), silentLogger);
};

/** History in memory, with decisions that move it. */
export const memoryHistory = () => {
  const profiles = new MemoryProfileStore();
  return { profiles, planFeatures: createPlanner(), decisions: new MemoryDecisionStore(profiles) };
};

/** What is known of an event whose type has no features, while nothing is missing. */
export const NOTHING_KNOWN = { features: {}, degraded: [] };

/** Remote members that all answer alike. */
export const remoteSaying = (answer: RemoteAnswer): RemoteMembers => ({ ask: async () => answer });

/** Metrics that a test reads: sums by name. */
export const countingMetrics = (): Metrics & { readonly counts: Map<CountMetric, number> } => {
  const counts = new Map<CountMetric, number>();
  return {
    counts,
    count: (name, value = 1) => void counts.set(name, (counts.get(name) ?? 0) + value),
    duration: () => {},
  };
};

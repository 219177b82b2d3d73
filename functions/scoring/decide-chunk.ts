import type { Catalog } from '#domain/catalog/catalog.ts';
import type { Decision } from '#domain/decision.ts';
import { ContendedError, ServiceError } from '#domain/errors.ts';
import { type Event, originKey } from '#domain/event.ts';
import type { EventChunk } from '#domain/messages.ts';
import { endedChunkOf, endOfRow } from '#domain/row-ends.ts';
import { degradedBy, sealingOf } from '#domain/sealed.ts';
import { mapSideBySide } from '#domain/side-by-side.ts';
import type { Features } from '#features/values.ts';
import type { CatalogSource } from '#ports/catalog-source.ts';
import type { Deadline } from '#ports/clock.ts';
import type { DecisionStore, EventCommit, RecordedEvent } from '#ports/decision-store.ts';
import type { FileLedger } from '#ports/file-ledger.ts';
import type { ProfileStore } from '#ports/profile-store.ts';
import type { ResultStore } from '#ports/results.ts';
import type { Logger } from '#ports/telemetry.ts';
import { mostEventsWith, takeGroup } from './commit-groups.ts';
import { countDecisions } from './count-decisions.ts';
import { type Arrival, type MakePorts, makeDecision } from './make-decision.ts';
import type { PlanFeatures } from './plan-features.ts';
import type { PrepareDetector } from './prepare-detector.ts';
import type { PreparedDetector } from './prepared-detector.ts';
import { type Counted, freshnessFor, type RecalledHistory, recallHistory } from './recall-history.ts';

/** What deciding from the queue needs of the world. */
export interface ChunkPorts extends MakePorts {
  readonly catalog: CatalogSource;
  readonly decisions: DecisionStore;
  readonly profiles: ProfileStore;
  readonly planFeatures: PlanFeatures;
  readonly ledger: Pick<FileLedger, 'findChunk' | 'settleChunk'>;
  readonly results: ResultStore;
  readonly prepare: PrepareDetector;
  readonly logger: Logger;
}

/** Events of a chunk whose members are asked at the same time. */
const SIDE_BY_SIDE = 16;
/** Share of the time left that reading history may take. */
const HISTORY_SHARE = 0.2;
/** Share of the time left that members may take; the rest is for recording. */
const MEMBERS_SHARE = 0.5;
/** Times that the store may refuse an event which then is not on record. */
const MOST_VAIN_ROUNDS = 3;

/**
 * Decides the events of a chunk, writes how each row ended, and settles the chunk. May be repeated at any point: how a
 * row ended is derived from the store, where its own origin makes it decided, another one a duplicate, and other
 * content under the same id a conflict. A settled chunk is left alone.
 *
 * Detectors that became active after an event was recorded do not judge it again from here.
 *
 * @returns once every event is on record, with the rest: how each row ended is written, and the chunk settled.
 * @throws {ServiceError} when the chunk is to be delivered again.
 */
export const decideChunk = async (
  chunk: EventChunk,
  deadline: Deadline,
  ports: ChunkPorts,
): Promise<{ readonly rest: Promise<void> }> => {
  const known = await ports.ledger.findChunk(chunk.fileId, chunk.sequence);
  if (known?.status === 'settled') return { rest: Promise.resolve() };

  const catalog = await ports.catalog.current(deadline);
  const recorded = await recordAll(await openChunk(chunk, catalog, deadline, ports), deadline, ports);
  return { rest: settle(chunk, recorded, ports) };
};

const settle = async (
  chunk: EventChunk,
  recorded: ReadonlyMap<string, RecordedEvent>,
  { ledger, results, metrics }: ChunkPorts,
): Promise<void> => {
  const { fileId, sequence } = chunk;
  const rows = chunk.rows.map((row) => endOfRow(fileId, row, recorded.get(row.event.eventId)));
  await results.writeChunk(fileId, sequence, rows);

  const settled = endedChunkOf(chunk, rows);
  await ledger.settleChunk(settled);
  metrics.count('EventsDecided', settled.counts.decided);
  metrics.count('EventsDuplicate', settled.counts.duplicate);
  metrics.count('EventsConflict', settled.counts.conflict);
  countDecisions(
    rows.filter(({ disposition }) => disposition === 'decided').flatMap((row) => row.decisions),
    metrics,
  );
};

/** What a chunk asks for, and what is there already. */
interface OpenChunk {
  readonly arrivals: readonly Arrival[];
  readonly detectors: readonly PreparedDetector[];
  /** What is on record of events, by id. */
  readonly find: (ids: readonly string[]) => Promise<ReadonlyMap<string, RecordedEvent>>;
  /** What was on record before. */
  readonly recorded: ReadonlyMap<string, RecordedEvent>;
  /** What history was before; absent for an event type without features. */
  readonly history: RecalledHistory | undefined;
}

const openChunk = async (
  chunk: EventChunk,
  catalog: Catalog,
  deadline: Deadline,
  ports: ChunkPorts,
): Promise<OpenChunk> => {
  const arrivals = arrivalsOf(chunk);
  const detectors = await preparedFor(chunk.eventType, catalog, deadline, ports);
  const names = detectors.map(({ detector }) => detector.detector);
  const find: OpenChunk['find'] = (ids) => ports.decisions.find(chunk.eventType, ids, names, deadline);
  const events = arrivals.map(({ event }) => event);
  // One round trip for both.
  const [recorded, history] = await Promise.all([
    find(events.map(({ eventId }) => eventId)),
    recall(events, chunk.eventType, catalog, deadline.within(deadline.remainingMs() * HISTORY_SHARE), ports),
  ]);
  return { arrivals, detectors, find, recorded, history };
};

const recall = (
  events: readonly Event[],
  eventType: string,
  catalog: Catalog,
  deadline: Deadline,
  ports: ChunkPorts,
): Promise<RecalledHistory | undefined> => {
  const freshness = freshnessFor(catalog.eventType(eventType)!.document);
  return recallHistory(ports.planFeatures(catalog, eventType), events, freshness, deadline, ports);
};

const arrivalsOf = ({ fileId, rows }: EventChunk): readonly Arrival[] =>
  rows.map(({ row, event, contentHash, ...sealing }) => ({
    event,
    contentHash,
    origin: { kind: 'file', fileId, row },
    ...sealingOf(sealing),
  }));

const preparedFor = async (
  eventType: string,
  catalog: Catalog,
  deadline: Deadline,
  { prepare, logger }: ChunkPorts,
): Promise<readonly PreparedDetector[]> => {
  if (!catalog.eventType(eventType)) {
    throw new ServiceError('not_found', `event type '${eventType}' is not registered any more; register it again`);
  }
  const detectors = catalog.detectorsFor(eventType);
  if (detectors.length === 0 && hasDetectors(eventType, catalog)) {
    throw new ServiceError('not_found', `no detector of event type '${eventType}' is active; activate one`);
  }
  return Promise.all(detectors.map((detector) => prepare(catalog, detector, deadline, logger)));
};

/** Whether events of a type are meant to be judged. Those of a type without any detector are recorded, no more. */
const hasDetectors = (eventType: string, { snapshot }: Catalog): boolean =>
  Object.values(snapshot.detectors).some(({ versions }) =>
    versions.some(({ document }) => document.eventType === eventType),
  );

/**
 * Records what is not on record yet, a transaction's worth at a time: while the store takes one, the next is decided.
 *
 * @returns what then is on record of each event, by id.
 */
const recordAll = async (
  { arrivals, detectors, find, recorded: before, history }: OpenChunk,
  deadline: Deadline,
  ports: ChunkPorts,
): Promise<ReadonlyMap<string, RecordedEvent>> => {
  const recorded = new Map(before);
  const firsts = firstsOf(arrivals, recorded);
  const forMembers = deadline.within(deadline.remainingMs() * MEMBERS_SHARE);
  const most = mostEventsWith(detectors.length + (history?.mostPages ?? 0));
  const make = (from: number) => commitsOf(firsts.slice(from, from + most), detectors, history, forMembers, ports);
  let commits = await make(0);
  for (let from = 0; from < firsts.length; from += most) {
    const recording = recordLot(commits, recorded, find, (group) => ports.decisions.commit(group, deadline));
    const making = sent().then(() => make(from + most));
    [commits] = await Promise.all([making, recording]);
  }
  return recorded;
};

/** Lets what was begun get to the point where it waits for the network. */
const sent = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Records these commits, or finds what others recorded of their events; adds to `recorded` either way. */
const recordLot = async (
  commits: readonly EventCommit[],
  recorded: Map<string, RecordedEvent>,
  find: (ids: readonly string[]) => Promise<ReadonlyMap<string, RecordedEvent>>,
  commit: (group: readonly EventCommit[]) => Promise<ReadonlySet<string>>,
): Promise<void> => {
  let open = commits;
  let most = commits.length;
  let vainRounds = 0;
  while (open.length > 0) {
    const group = takeGroup(open, most);
    const refused = await commit(group).catch(contended);
    if (!refused) {
      most = Math.ceil(group.length / 2);
      continue;
    }
    if (refused.size === 0) {
      for (const each of group) recorded.set(each.event.eventId, each);
    } else {
      const others = await find([...refused]);
      for (const [id, event] of others) recorded.set(id, event);
      if (others.size === 0 && ++vainRounds === MOST_VAIN_ROUNDS) throw refusedInVain();
    }
    open = open.filter(({ event }) => !recorded.has(event.eventId));
  }
};

/** @returns undefined for a group whose pages others move all the time: a smaller one meets fewer of them. */
const contended = (error: unknown): undefined => {
  if (!(error instanceof ContendedError)) throw error;
};

const refusedInVain = (): ServiceError =>
  new ServiceError(
    'store_unavailable',
    'the event table refuses events that are not on record; deliver the chunk again',
  );

/** The first row of each event that is not on record: later rows with its id are its repeats. */
const firstsOf = (arrivals: readonly Arrival[], recorded: ReadonlyMap<string, RecordedEvent>): readonly Arrival[] => {
  const seen = new Set(recorded.keys());
  return arrivals.filter(({ event }) => {
    if (seen.has(event.eventId)) return false;
    seen.add(event.eventId);
    return true;
  });
};

/**
 * Decides a lot. Each event sees what those before it in the lot, and in the lots before, did to history: they are
 * taken one after another, and where what they do depends on what is decided of them, decided one after another too.
 */
const commitsOf = (
  arrivals: readonly Arrival[],
  detectors: readonly PreparedDetector[],
  history: RecalledHistory | undefined,
  forMembers: Deadline,
  ports: ChunkPorts,
): Promise<EventCommit[]> => {
  const decide = (arrival: Arrival, features: Features): Promise<Decision[]> => {
    const known = { features, degraded: [...degradedBy(arrival), ...(history?.degraded ?? [])] };
    return Promise.all(detectors.map((prepared) => makeDecision(arrival, prepared, forMembers, known, ports)));
  };
  if (!history?.needsDecisions) {
    const seen = arrivals.map((arrival) => ({ arrival, ...passing(arrival.event, history) }));
    return mapSideBySide(seen, SIDE_BY_SIDE, async ({ arrival, features, counted }) =>
      commitOf(arrival, await decide(arrival, features), counted),
    );
  }
  return mapSideBySide(arrivals, 1, async (arrival) => {
    const decisions = await decide(arrival, history.featuresOf(arrival.event));
    return commitOf(arrival, decisions, history.count(arrival.event, decisions));
  });
};

const passing = (
  event: Event,
  history: RecalledHistory | undefined,
): { readonly features: Features; readonly counted?: Counted } =>
  history ? { features: history.featuresOf(event), counted: history.count(event) } : { features: {} };

const commitOf = (arrival: Arrival, decisions: readonly Decision[], counted: Counted = {}): EventCommit => ({
  event: arrival.event,
  contentHash: arrival.contentHash,
  origin: originKey(arrival.origin),
  decisions,
  sealed: arrival.sealed,
  eventRecorded: false,
  ...counted,
});

import { sha256Hex } from '#domain/content-hash.ts';
import type { Decision, Disposition } from '#domain/decision.ts';
import type { Event } from '#domain/event.ts';
import type { Counts, Tally } from '#domain/file-record.ts';
import { NO_COUNTS } from '#domain/file-sums.ts';
import type { ResultRow } from '#domain/results-csv.ts';
import type { BadRow } from '#domain/row-problem.ts';
import type { RemoteMembers } from '#ports/remote-members.ts';
import { deadlineIn, systemClock } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { reasonsOf } from '../../functions/ingestion/send-slices.ts';
import { makeDecision } from '../../functions/scoring/make-decision.ts';
import type { Progress } from '../system/progress.ts';
import { rowsOf } from './file-events.ts';
import type { OpenDetector } from './open-catalog.ts';

/** How a file's rows ended. */
export interface Sums {
  readonly rows: number;
  readonly counts: Counts;
  readonly outcomes: Tally;
  readonly rules: Tally;
  readonly quarantineReasons: Tally;
  readonly degraded: number;
}

/** A row that ended, or one that was refused. */
export type ScoredRow = ResultRow | BadRow;

/** Endpoints are no part of this machine: members that live there are missing, and decisions say so. */
export const noEndpoints: RemoteMembers = { ask: async () => ({ failed: 'unavailable' }) };

/** Files are scored one by one, without what came before: features are missing. */
const NO_HISTORY = { features: {}, degraded: [] };
const NO_TIME_LIMIT_MS = 7 * 86_400_000;

/** Decides the events of a file one by one. Remembers the id and content hash of each, nothing else. */
export async function* scoreFile(
  path: string,
  { prepared, tokeniser }: OpenDetector,
  progress: Progress,
): AsyncGenerator<ScoredRow> {
  const seen = new Map<string, string>();
  const deadline = deadlineIn(NO_TIME_LIMIT_MS);
  const fileId = sha256Hex(path).slice(0, 24);
  const file = { path, purpose: 'events', eventType: prepared.eventType, tokeniser } as const;
  for await (const row of rowsOf(file, progress)) {
    if (!('content' in row)) yield row;
    else if ('event' in row.content) {
      const { event, contentHash } = row.content;
      const disposition = dispositionOf(event, contentHash, seen);
      const arrival = { event, contentHash, origin: { kind: 'file', fileId, row: row.row } } as const;
      const ports = { clock: systemClock, remote: noEndpoints, metrics: silentMetrics };
      const decisions =
        disposition === 'decided' ? [await makeDecision(arrival, prepared, deadline, NO_HISTORY, ports)] : [];
      yield { row: row.row, eventId: event.eventId, disposition, decisions };
    }
  }
}

const dispositionOf = ({ eventId }: Event, contentHash: string, seen: Map<string, string>): Disposition => {
  const first = seen.get(eventId);
  if (first === undefined) seen.set(eventId, contentHash);
  if (first === undefined) return 'decided';
  return first === contentHash ? 'duplicate' : 'conflict';
};

/** Adds up rows as they pass by. */
export class Adder {
  #rows = 0;
  #degraded = 0;
  readonly #counts = new Map<string, number>(Object.entries(NO_COUNTS));
  readonly #outcomes = new Map<string, number>();
  readonly #rules = new Map<string, number>();
  readonly #reasons = new Map<string, number>();

  add(row: ScoredRow): void {
    this.#rows += 1;
    if ('problems' in row) {
      raise(this.#counts, 'quarantined');
      for (const reason of Object.keys(reasonsOf([row]))) raise(this.#reasons, reason);
      return;
    }
    raise(this.#counts, row.disposition);
    for (const decision of row.decisions) this.#addDecision(decision);
  }

  #addDecision({ outcomes, rules, degraded }: Decision): void {
    for (const outcome of outcomes) raise(this.#outcomes, outcome);
    for (const { id, matched } of rules) if (matched) raise(this.#rules, id);
    if (degraded.length > 0) this.#degraded += 1;
  }

  get sums(): Sums {
    return {
      rows: this.#rows,
      counts: { ...NO_COUNTS, ...Object.fromEntries(this.#counts) },
      outcomes: Object.fromEntries(this.#outcomes),
      rules: Object.fromEntries(this.#rules),
      quarantineReasons: Object.fromEntries(this.#reasons),
      degraded: this.#degraded,
    };
  }
}

const raise = (tally: Map<string, number>, name: string): void => {
  tally.set(name, (tally.get(name) ?? 0) + 1);
};

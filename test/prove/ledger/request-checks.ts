import type { Findings } from './findings.ts';
import type { StoredEvent } from './records.ts';
import { contentOf } from './samples.ts';
import { keyOf, type SentRequest } from './truth.ts';

interface Answer {
  readonly decisions?: readonly {
    readonly detector: string;
    readonly recorded: string;
    readonly decidedAt: string;
    readonly outcomes: unknown;
    readonly probability?: number;
    readonly score?: number;
  }[];
}

/** Statuses with which a caller knows that nothing was promised. */
const NO_PROMISE: ReadonlySet<number | undefined> = new Set([undefined, 429, 503, 504]);

/** What callers were told must be true: an answer of 200 is on record, or beside it as a rival; a 409 is a conflict. */
export const requestProblems = (
  requests: readonly SentRequest[],
  events: ReadonlyMap<string, StoredEvent>,
  findings: Findings,
): void => {
  const contents = Map.groupBy(requests, ({ sample }) => keyOf(sample));
  for (const request of requests) {
    const { sample, status, answer } = request;
    const key = keyOf(sample);
    if (NO_PROMISE.has(status)) continue;
    if (sample.defect !== undefined) {
      if (status !== 400 && status !== 422) findings.add('answers are true', `${key} (${sample.defect}) got ${status}`);
    } else if (status === 200) {
      for (const decision of (answer as Answer).decisions ?? [])
        checkDecision(key, decision, events.get(key), findings);
      if (!(answer as Answer).decisions?.length) findings.add('answers are true', `${key} got no decision`);
    } else if (status === 409) {
      const others = contents.get(key)?.some((other) => contentOf(other.sample) !== contentOf(sample));
      const stored = events.get(key);
      if (!others && (!stored || stored.origin.startsWith('api/')))
        findings.add('answers are true', `${key} is no conflict`);
    } else findings.add('answers are true', `${key} got ${status}: ${JSON.stringify(answer)?.slice(0, 200)}`);
  }
};

const checkDecision = (
  key: string,
  { detector, recorded, ...answered }: NonNullable<Answer['decisions']>[number],
  stored: StoredEvent | undefined,
  findings: Findings,
): void => {
  const same = (decision: { detector: string; decidedAt: string; outcomes?: unknown; score?: unknown }): boolean =>
    decision.detector === detector &&
    decision.decidedAt === answered.decidedAt &&
    decision.score === answered.score &&
    JSON.stringify(decision.outcomes) === JSON.stringify(answered.outcomes);
  if (stored?.decisions.some(same)) return;
  const isRival = stored?.rivals.some(same) ?? false;
  // What was answered as pending may have come second; then it is kept beside the one on record.
  if (recorded === 'pending' && isRival) return;
  findings.add('answers are true', `${key} was answered ${recorded} by ${detector} with what is not on record`);
};

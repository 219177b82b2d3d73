import type { Findings } from './findings.ts';
import type { StoredDecision, StoredEvent } from './records.ts';
import { DETECTORS, type SampleType } from './samples.ts';

const isProbability = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 1;

const isScore = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 1_000;

/** Types whose detectors have a reference, so that a decision with a probability has a score or says why it has none. */
const SCORED: ReadonlySet<string> = new Set(['card_payment']);

/** Every event has one decision of each detector, and every figure of it is one. */
export const decisionProblems = (events: ReadonlyMap<string, StoredEvent>, findings: Findings): void => {
  for (const [key, { decisions, rivals, origin }] of events) {
    const eventType = key.slice(0, key.indexOf(' ')) as SampleType;
    const expected = DETECTORS[eventType] ?? [];
    const found = decisions.map(({ detector }) => detector).sort();
    if (JSON.stringify(found) !== JSON.stringify([...expected].sort())) {
      findings.add('one decision of each detector', `${key} has [${found}]`);
    }
    for (const decision of [...decisions, ...rivals]) checkFigures(key, decision, SCORED.has(eventType), findings);
    for (const { detector, origin: rival } of rivals) {
      const recorded = decisions.find((decision) => decision.detector === detector);
      if (recorded?.origin === rival) findings.add('no decision is its own rival', `${key} by ${detector}`);
    }
    if (decisions.some((decision) => decision.origin !== origin)) {
      findings.add('one decision of each detector', `${key} was recorded and decided by different deliveries`);
    }
  }
};

const checkFigures = (key: string, decision: StoredDecision, scored: boolean, findings: Findings): void => {
  const { probability, score, members, outcomes, degraded } = decision;
  if (probability !== undefined && !isProbability(probability)) {
    findings.add('figures are in range', `${key} has probability ${String(probability)}`);
  }
  if (score !== undefined && !isScore(score)) findings.add('figures are in range', `${key} has score ${String(score)}`);
  if (scored && probability !== undefined && score === undefined && !degraded.some(({ what }) => what === 'reference'))
    findings.add('silence is explained', `${key} has no score`);
  if (!Array.isArray(outcomes) || outcomes.length === 0) findings.add('every decision has an outcome', key);
  for (const { member, kind, model, modelHash, probability: said } of members) {
    if (!model || (kind === 'embedded' && !modelHash))
      findings.add('scores name their model', `${key} member ${member}`);
    if (said !== undefined && !isProbability(said))
      findings.add('figures are in range', `${key} member ${member}: ${String(said)}`);
    const excused = degraded.some(({ what }) => what === `member:${member}` || what === 'models');
    if (said === undefined && !excused) findings.add('silence is explained', `${key} member ${member}`);
  }
};

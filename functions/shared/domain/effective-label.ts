import type { EventType } from './catalog/event-type.ts';
import type { Feedback } from './feedback.ts';

/** What an event turned out to be, by whose word, and when that was said. */
export interface EffectiveLabel {
  readonly label: string;
  readonly source: string;
  readonly saidAt: string;
}

/**
 * What is known of how an event turned out. `censored`: it was stopped, so silence does not make it legitimate.
 * `unlabelled`: it went through and nobody has said anything yet.
 */
export type Standing =
  | ({ readonly kind: 'labelled' } & EffectiveLabel)
  | { readonly kind: 'censored' }
  | { readonly kind: 'unlabelled' };

/** Outcomes and actions that stop an event. */
export const STOPPING: ReadonlySet<string> = new Set(['block', 'blocked', 'decline', 'declined', 'reject', 'rejected']);

export interface LabelQuestion {
  /** All entries about one event, in any order, repeats included. */
  readonly feedback: readonly Feedback[];
  readonly labelSources: EventType['labelSources'];
  /** Only what was said by then counts, as ISO 8601 in UTC. @default all */
  readonly asOf?: string;
}

/**
 * The label that counts when sources disagree.
 *
 * 1. Of one source, its latest word counts: a correction replaces what the source said before.
 * 2. Of several sources, the strongest by the event type's `labelSources`; all that are not named there rank equal,
 *    below those that are.
 * 3. Among equals, the latest word; of the same instant, the one received later, then the greater id.
 *
 * @returns undefined when nobody has said anything.
 */
export const effectiveLabelOf = ({ feedback, labelSources, asOf }: LabelQuestion): EffectiveLabel | undefined => {
  const rankOf = ({ source }: Feedback): number => {
    const index = labelSources.indexOf(source);
    return index < 0 ? labelSources.length : index;
  };
  const best = saidBy(feedback, 'label', asOf).reduce<Feedback | undefined>((chosen, entry) => {
    if (!chosen) return entry;
    const stronger = rankOf(entry) - rankOf(chosen);
    return stronger < 0 || (stronger === 0 && isLater(entry, chosen)) ? entry : chosen;
  }, undefined);
  return best && { label: best.value, source: best.source, saidAt: best.saidAt };
};

/**
 * How an event stands: by its label if anyone has given one; else `censored` if it was stopped, else `unlabelled`.
 * The latest action reported is what was really done; without any, the decision's outcomes are.
 */
export const standingOf = (question: LabelQuestion & { readonly outcomes: readonly string[] }): Standing => {
  const label = effectiveLabelOf(question);
  if (label) return { kind: 'labelled', ...label };
  const action = saidBy(question.feedback, 'action', question.asOf).reduce<Feedback | undefined>(
    (latest, entry) => (latest && !isLater(entry, latest) ? latest : entry),
    undefined,
  );
  const done = action ? [action.value] : question.outcomes;
  return done.some((name) => STOPPING.has(name)) ? { kind: 'censored' } : { kind: 'unlabelled' };
};

const saidBy = (feedback: readonly Feedback[], kind: Feedback['kind'], asOf: string | undefined): Feedback[] =>
  feedback.filter((entry) => entry.kind === kind && (asOf === undefined || entry.saidAt <= asOf));

/** Times are UTC with milliseconds, so text order is time order. */
const isLater = (entry: Feedback, other: Feedback): boolean => orderOf(entry) > orderOf(other);

const orderOf = ({ saidAt, receivedAt, feedbackId }: Feedback): string => `${saidAt}/${receivedAt}/${feedbackId}`;

import type { HistoryPlan } from '#features/history/plan.ts';

/**
 * The features of a plan that a history without decisions, and with labels of some event types alone, says nothing of:
 * rates of outcomes, and of labels that nobody was asked for. They are missing, not zero.
 *
 * @param toldOf - event types whose labels are known.
 */
export const untoldFeatures = ({ reads, features }: HistoryPlan, toldOf: ReadonlySet<string>): readonly string[] => {
  const profiles = new Map(reads.map((profile) => [profile.hash, profile]));
  return features
    .filter(({ profile: hash, reading }) => {
      if (reading.kind !== 'rate') return false;
      const { columns, eventType } = profiles.get(hash)!;
      const part = columns.find(({ key }) => key === reading.part)!.measure;
      return part.kind === 'outcome' || (part.kind === 'labelled' && !toldOf.has(eventType));
    })
    .map(({ name }) => name);
};

/** Labels of an event type that any rate is of: others move nothing. */
export const labelsThatCount = ({ moves }: HistoryPlan): ReadonlySet<string> =>
  new Set(
    moves.flatMap(({ columns }) =>
      columns.flatMap(({ measure }) => (measure.kind === 'labelled' ? [measure.label] : [])),
    ),
  );

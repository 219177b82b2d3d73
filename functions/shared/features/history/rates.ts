import type { HistoryPlan, Measure } from './plan.ts';

/**
 * The rates of a plan whose labels or outcomes nobody tells to its history: what they are a rate of is never counted.
 * They are missing, not zero.
 *
 * @param isTold - whether what a rate is of, over events of a type, is told.
 */
export const untoldRates = (
  { reads, features }: HistoryPlan,
  isTold: (part: Measure, eventType: string) => boolean,
): readonly string[] => {
  const profiles = new Map(reads.map((profile) => [profile.hash, profile]));
  return features
    .filter(({ profile: hash, reading }) => {
      if (reading.kind !== 'rate') return false;
      const { columns, eventType } = profiles.get(hash)!;
      return !isTold(columns.find(({ key }) => key === reading.part)!.measure, eventType);
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

/** Which items of a batch were not worked on: all of them, or those with these ids (perhaps none). */
export type FailedItems = 'all' | ReadonlySet<string>;

const NONE: ReadonlySet<string> = new Set();

/**
 * Reads what a function says of its batch under ReportBatchItemFailures, exactly as Lambda does.
 *
 * Nothing said is success: null, an empty answer or object, a list that is null or empty. Anything that cannot be
 * understood fails the whole batch: another type, an entry without `itemIdentifier`, an empty one, or one that is not
 * in the batch.
 *
 * @see AWS Lambda Developer Guide, "Success and failure conditions" of partial batch responses.
 */
export const failedItems = (payload: string, ids: ReadonlySet<string>): FailedItems => {
  const answer = parsed(payload);
  if (answer === null) return NONE;
  if (!isObject(answer)) return 'all';
  const list = answer.batchItemFailures ?? [];
  if (!Array.isArray(list)) return 'all';
  const failed = list.map((entry: unknown) => (isObject(entry) ? entry.itemIdentifier : undefined));
  const understood = failed.every((id) => typeof id === 'string' && ids.has(id));
  return understood ? new Set(failed as string[]) : 'all';
};

const parsed = (payload: string): unknown => {
  if (payload.trim() === '') return null;
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

import * as z from 'zod';
import { AwsError } from '../errors.ts';

/** Entries of a batch, before each is looked at by itself. */
export const BatchSchema = z.object({
  Entries: z.array(z.looseObject({ Id: z.string() })).nullish(),
});
export type BatchEntry = NonNullable<z.infer<typeof BatchSchema>['Entries']>[number];

const MOST_ENTRIES = 10;

/**
 * Checks what holds for a batch as a whole.
 *
 * @throws {AwsError} EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId or BatchEntryIdsNotDistinct.
 */
export const entriesIn = ({ Entries }: z.infer<typeof BatchSchema>): readonly BatchEntry[] => {
  if (!Entries?.length) throw new AwsError('EmptyBatchRequest', 'The batch request does not contain any entries.');
  if (Entries.length > MOST_ENTRIES) {
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MOST_ENTRIES}. You have sent ${Entries.length}.`,
    );
  }
  if (!Entries.every(({ Id }) => /^[A-Za-z0-9_-]{1,80}$/.test(Id))) {
    throw new AwsError(
      'InvalidBatchEntryId',
      'A batch entry id can only hold letters, digits, - and _, 1 to 80 of them.',
    );
  }
  if (new Set(Entries.map(({ Id }) => Id)).size < Entries.length) {
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
  return Entries;
};

export interface BatchFailure {
  readonly Id: string;
  readonly Code: string;
  readonly Message: string;
  readonly SenderFault: boolean;
}

export interface BatchResult<Success> {
  readonly Successful: readonly (Success & { readonly Id: string })[];
  readonly Failed: readonly BatchFailure[];
}

/** Does each entry by itself: one that is refused does not touch the others. */
export const eachEntry = <Success extends object>(
  entries: readonly BatchEntry[],
  act: (entry: BatchEntry) => Success,
): BatchResult<Success> => {
  const Successful: (Success & { Id: string })[] = [];
  const Failed: BatchFailure[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ ...act(entry), Id: entry.Id });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: error.status < 500 });
    }
  }
  return { Successful, Failed };
};

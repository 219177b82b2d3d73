import type { ChunkRow, Slice } from '#domain/chunking.ts';
import type { Sealing } from '#domain/sealed.ts';
import type { Deadline } from '#ports/clock.ts';
import type { Sealer } from '#ports/sealer.ts';
import type { Logger } from '#ports/telemetry.ts';
import type { RowContent } from './file-rows.ts';

/** Milliseconds that rows of a file, or events of a batch, wait for people's keys at most; then they go without. */
const SEALING_MS = 3_000;

/** Seals what is personal in the rows of slices, all together. @returns how each row fared that had anything. */
export const sealRows = async (
  slices: readonly Slice<RowContent>[],
  { deadline, logger }: { readonly deadline: Deadline; readonly logger: Logger },
  { sealer }: { readonly sealer: Sealer },
): Promise<ReadonlyMap<number, Sealing>> => {
  const personal = slices.flatMap(({ rows }) => rows.flatMap(personalOf));
  if (personal.length === 0) return new Map();
  const sealings = await sealer.seal(
    personal.map(({ originals }) => originals),
    deadline.within(SEALING_MS),
    logger,
  );
  return new Map(personal.map(({ row }, index) => [row, sealings[index]!]));
};

const personalOf = ({ row, content }: ChunkRow<RowContent>) =>
  'event' in content && content.originals ? [{ row, originals: content.originals }] : [];

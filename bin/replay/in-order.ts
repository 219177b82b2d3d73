/** What has a time, and a place in its file. */
export interface Timed {
  readonly atMs: number;
  readonly row: number;
}

/** A file's order of time is worse than can be mended while it is read. */
export class UnsortedFileError extends Error {
  override readonly name = 'UnsortedFileError';

  constructor(path: string, row: number, held: number) {
    super(
      `'${path}' is not sorted by time: row ${row} is earlier than one ${held} rows before it or more; sort the file ` +
        `by its time and try again (files of up to ${2 * held} rows may be in any order)`,
    );
  }
}

/** Rows that are put in order at a time: of a file of up to twice as many, all. An event takes up to a kilobyte. */
export const HELD_ROWS = 25_000;

/**
 * The items of a file in the order of their times; those of one instant in the order of the file. A file of up to twice
 * the rows held may be in any order; of a longer one, no row may be further from its place than what is held.
 *
 * @throws {UnsortedFileError} when one is.
 */
export async function* inOrderOfTime<Item extends Timed>(
  items: AsyncIterable<Item>,
  path: string,
  heldRows = HELD_ROWS,
): AsyncGenerator<readonly Item[]> {
  let held: Item[] = [];
  let passedMs = Number.NEGATIVE_INFINITY;
  for await (const item of items) {
    if (item.atMs < passedMs) throw new UnsortedFileError(path, item.row, heldRows);
    held.push(item);
    if (held.length < 2 * heldRows) continue;
    held.sort(byTime);
    const first = held.slice(0, heldRows);
    held = held.slice(heldRows);
    passedMs = first.at(-1)!.atMs;
    yield first;
  }
  yield held.sort(byTime);
}

const byTime = (left: Timed, right: Timed): number => left.atMs - right.atMs;

/** A file that is being merged, and how far. */
interface Lane<Item> {
  readonly batches: AsyncGenerator<readonly Item[]>;
  batch: readonly Item[];
  at: number;
}

/**
 * Several streams, each in the order of time, as one; of one instant, the streams in their order. Holds a batch of each.
 * Closes them when it is closed or fails.
 */
export async function* mergedByTime<Item extends Timed>(
  streams: readonly AsyncGenerator<readonly Item[]>[],
): AsyncGenerator<Item> {
  const lanes = streams.map((batches): Lane<Item> => ({ batches, batch: [], at: 0 }));
  try {
    let open: readonly Lane<Item>[] = await keepingUp(lanes);
    while (open.length > 0) {
      const lane = open.reduce((first, other) => (headOf(other).atMs < headOf(first).atMs ? other : first));
      yield headOf(lane);
      lane.at += 1;
      if (lane.at === lane.batch.length) open = await keepingUp(open);
    }
  } finally {
    await Promise.all(lanes.map(({ batches }) => batches.return(undefined)));
  }
}

const headOf = <Item>({ batch, at }: Lane<Item>): Item => batch[at]!;

/** Those that go on, each with something at hand. */
const keepingUp = async <Item>(lanes: readonly Lane<Item>[]): Promise<readonly Lane<Item>[]> => {
  const open: Lane<Item>[] = [];
  for (const lane of lanes) if (await refilled(lane)) open.push(lane);
  return open;
};

const refilled = async <Item>(lane: Lane<Item>): Promise<boolean> => {
  while (lane.at === lane.batch.length) {
    const next = await lane.batches.next();
    if (next.done) return false;
    lane.batch = next.value;
    lane.at = 0;
  }
  return true;
};

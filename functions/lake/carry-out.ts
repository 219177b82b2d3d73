import { mapSideBySide } from '#domain/side-by-side.ts';
import type { Deadline } from '#ports/clock.ts';
import type { LakeStore } from '#ports/lake-store.ts';
import { digestOf, indexKey, indexOf, knownRows } from './known-rows.ts';
import { type Change, changesOf } from './landing.ts';
import { parquetOf } from './parquet.ts';
import type { Plan } from './plan.ts';
import { partitionOfChange, rowOf } from './row-of.ts';
import { folderOf, LAKE_TABLES, type Partition, type Row } from './tables.ts';

const READS_AT_ONCE = 8;

/** What became of the changes of a plan. */
export interface PlanSums {
  readonly rows: number;
  /** Landed more than once. */
  readonly repeated: number;
  /** Changes of no known shape, and batches that cannot be read at all; kept under `rejected/`. */
  readonly rejected: number;
  readonly files: number;
}

export const NO_SUMS: PlanSums = { rows: 0, repeated: 0, rejected: 0, files: 0 };

/** Two sums together. */
export const addSums = (left: PlanSums, right: PlanSums): PlanSums => ({
  rows: left.rows + right.rows,
  repeated: left.repeated + right.repeated,
  rejected: left.rejected + right.rejected,
  files: left.files + right.files,
});

/**
 * Makes rows of what a plan names: at most one file in each partition, under a name that is the plan's.
 *
 * What it writes depends on the plan and on what earlier plans have written, on nothing else: carried out again after a
 * crash, or by two at once, it writes the same bytes under the same keys. So a reader never sees a row twice.
 */
export const carryOut = async (plan: Plan, lake: LakeStore, deadline: Deadline): Promise<PlanSums> => {
  const batches = await mapSideBySide(plan.landing, READS_AT_ONCE, (key) => changesIn(key, lake, deadline));
  const all = batches.flatMap((batch) => batch ?? []);
  const partitions = Map.groupBy(all, (change) => JSON.stringify(partitionOfChange(change)));
  let sums: PlanSums = { ...NO_SUMS, rejected: batches.filter((batch) => batch === undefined).length };
  for (const [partition, changes] of partitions) {
    sums = addSums(sums, await fill(JSON.parse(partition) as Partition, changes, plan, lake, deadline));
  }
  return sums;
};

/**
 * The changes of a landed batch. One that nobody can read is put aside as it is, so that it does not hold up the others.
 *
 * @returns undefined for such a one.
 * @throws {Error} when it is gone: only a person can say whether its changes matter.
 */
const changesIn = async (key: string, lake: LakeStore, deadline: Deadline): Promise<readonly Change[] | undefined> => {
  const found = await lake.get(key, deadline);
  if (!found) throw new Error(`the landed batch '${key}' is gone before it became rows; restore it from its versions`);
  try {
    return changesOf(found.bytes);
  } catch {
    await lake.put(`rejected/${key}`, found.bytes, 'application/gzip', deadline);
    return undefined;
  }
};

const fill = async (
  partition: Partition,
  changes: readonly Change[],
  { id }: Plan,
  lake: LakeStore,
  deadline: Deadline,
): Promise<PlanSums> => {
  const isKnown = await knownRows(partition, id, lake, deadline);
  const fresh = new Map<string, Fresh>();
  for (const change of changes) {
    const digest = digestOf(change);
    const name = digest.toString('latin1');
    if (!fresh.has(name) && !isKnown(digest)) fresh.set(name, { change, digest });
  }
  const { rows, digests, rejected } = rowsOf([...fresh.values()].sort(inOrder));
  const name = String(id).padStart(12, '0');
  if (rows.length > 0) {
    const file = parquetOf(LAKE_TABLES[partition.table], rows);
    await lake.put(`${folderOf(partition)}${name}.parquet`, file, 'application/vnd.apache.parquet', deadline);
    await lake.put(indexKey(partition, id), indexOf(digests), 'application/octet-stream', deadline);
  }
  if (rejected.length > 0) {
    const lines = rejected.map((change) => `${JSON.stringify(change)}\n`).join('');
    const key = `rejected/${folderOf(partition)}${name}.jsonl`;
    await lake.put(key, Buffer.from(lines), 'application/x-ndjson', deadline);
  }
  return {
    rows: rows.length,
    repeated: changes.length - fresh.size,
    rejected: rejected.length,
    files: rows.length > 0 ? 1 : 0,
  };
};

interface Fresh {
  readonly change: Change;
  readonly digest: Buffer;
}

/** By the time of commit, then by what the row is: whatever batch it came in. */
const inOrder = (left: Fresh, right: Fresh): number =>
  left.change.t - right.change.t || left.digest.compare(right.digest);

/** What is rejected is not known by its digest, so that it can be landed again once it can be read. */
const rowsOf = (fresh: readonly Fresh[]) => {
  const rows: Row[] = [];
  const digests: Buffer[] = [];
  const rejected: Change[] = [];
  for (const { change, digest } of fresh) {
    try {
      rows.push(rowOf(change));
      digests.push(digest);
    } catch {
      rejected.push(change);
    }
  }
  return { rows, digests, rejected };
};

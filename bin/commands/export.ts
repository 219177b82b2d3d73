import { S3Client } from '@aws-sdk/client-s3';
import { Command, Option } from 'commander';
import pc from 'picocolors';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { S3LakeStore } from '#adapters/s3-lake-store.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { waitingNow } from '../../functions/lake/compact-lake.ts';
import { LAKE_TABLE_NAMES, type LakeTable } from '../../functions/lake/tables.ts';
import { checkEventType } from '../export/check-event-type.ts';
import { compactNow } from '../export/compact-now.ts';
import { exportRows } from '../export/export-rows.ts';
import type { LakeQuery } from '../export/read-lake.ts';
import { windowOf } from '../export/window.ts';
import { formatOf } from '../export/write-rows.ts';
import { catalogOfSystem } from '../system/catalog.ts';
import { writable } from '../system/output-file.ts';
import { Progress } from '../system/progress.ts';
import type { System } from '../system/system.ts';
import { withSystem } from '../system/target.ts';

interface Flags {
  readonly eventType: string;
  readonly kind: LakeTable;
  readonly from?: string;
  readonly to?: string;
  readonly by: LakeQuery['by'];
  readonly out: string;
  readonly now?: boolean;
  readonly stage?: string;
  readonly dataDir: string;
  readonly json?: boolean;
}

/** Large exports take a while; no single call may. */
const LONGEST_MS = 24 * 3_600_000;
const LONGEST_CALL_MS = 120_000;

/** `export`: reads the lake back into a file, for replay, training and whatever else reads Parquet, CSV or JSON. */
export const exportCommand = (): Command =>
  new Command('export')
    .description('write events, decisions or feedback from the lake into a file, for replay and training')
    .requiredOption('--event-type <name>', 'event type (required)')
    .requiredOption('--out <file>', 'file to write: .parquet, .csv or .jsonl (required)')
    .addOption(new Option('--kind <kind>', 'what to write').choices(LAKE_TABLE_NAMES).default('decisions'))
    .option('--from <date>', 'first day, or time with an offset (default: the beginning)')
    .option('--to <date>', 'last day, or a time that is no longer part of it (default: now)')
    .addOption(
      new Option('--by <time>', 'what --from and --to are about: when it was committed, or when it occurred (was said)')
        .choices(['committed', 'occurred'])
        .default('committed'),
    )
    .option('--now', 'first bring what has landed into the tables')
    .option('--stage <name>', "a stage deployed to AWS, found with your own credentials (default: this machine's)")
    .addOption(new Option('--data-dir <folder>', 'state of the system on this machine').default('.assay'))
    .option('--json', 'print what was written as JSON')
    .action(async (flags: Flags) => {
      formatOf(flags.out);
      const window = windowOf(flags.from, flags.to);
      const out = await writable(flags.out);
      const query: LakeQuery = { table: flags.kind, eventType: flags.eventType, window, by: flags.by };
      await withSystem(flags, (system) => run(query, out, system, flags));
    });

const run = async (query: LakeQuery, out: string, system: System, { now, json }: Flags): Promise<void> => {
  const progress = new Progress({ quiet: json ?? false });
  const { region, endpoint, credentials } = system;
  const s3 = new S3Client({
    region,
    ...(endpoint && { endpoint, forcePathStyle: true }),
    ...(credentials && { credentials }),
  });
  const call = createAwsCaller({ random: Math.random, metrics: silentMetrics });
  const lake = new S3LakeStore(s3, system.lakeBucket, call, LONGEST_CALL_MS);
  const deadline = deadlineIn(LONGEST_MS);
  try {
    if (now) await progress.step('brought what has landed into the tables', () => compactNow(system));
    await checkEventType(query.eventType, { lake, catalog: () => catalogOfSystem(system, deadline) }, deadline);
    const counter = progress.counter('files of the lake');
    const exported = await exportRows(query, out, lake, deadline, counter.update).finally(() => counter.stop());
    const waiting = await waitingNow(lake, deadline);
    const oldestMs = waiting.length === 0 ? undefined : Math.min(...waiting.map(({ writtenMs }) => writtenMs));
    if (json) {
      const landed = { landedBatches: waiting.length, ...(oldestMs && { since: new Date(oldestMs).toISOString() }) };
      console.log(JSON.stringify({ out, kind: query.table, ...exported, notYetRows: landed }, null, 2));
      return;
    }
    console.log(`${exported.rows.toLocaleString('en')} ${query.table} of ${query.eventType} in ${out}`);
    if (oldestMs !== undefined) console.log(pc.yellow(lagInWords(waiting.length, oldestMs)));
    else console.log(pc.dim('What was committed in the last minutes may not have landed in the lake yet.'));
  } finally {
    s3.destroy();
  }
};

const lagInWords = (batches: number, oldestMs: number): string =>
  `${batches} batches that landed since ${new Date(oldestMs).toISOString().slice(0, 16)}Z are not part of it yet; --now brings them in first`;

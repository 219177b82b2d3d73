import { join, resolve } from 'node:path';

import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { Command, Option } from 'commander';

import { forgetPosition, notePosition, positionIn } from '../restore/progress-file.ts';
import { restoreObjects } from '../restore/restore-objects.ts';
import { type RestoreCounts, restoreTable } from '../restore/restore-table.ts';
import { Progress } from '../system/progress.ts';
import type { System } from '../system/system.ts';
import { number } from '../system/tables.ts';
import { onSystem, type TargetFlags, withSystem } from '../system/target.ts';

const TABLES = {
  event: 'eventTable',
  profile: 'profileTable',
  feedback: 'feedbackTable',
  file: 'fileTable',
  people: 'peopleTable',
  registry: 'registryTable',
} as const satisfies Readonly<Record<string, keyof System>>;

const BUCKETS = {
  inbox: 'inboxBucket',
  results: 'resultBucket',
  quarantine: 'quarantineBucket',
  models: 'modelBucket',
  lake: 'lakeBucket',
} as const satisfies Readonly<Record<string, keyof System>>;

interface TableFlags extends TargetFlags {
  readonly from: string;
  readonly to: keyof typeof TABLES;
  readonly dryRun?: boolean;
  readonly replace?: boolean;
  readonly asNew?: boolean;
}

interface ObjectFlags extends TargetFlags {
  readonly bucket: keyof typeof BUCKETS;
  readonly prefix: string;
  readonly since: string;
  readonly dryRun?: boolean;
}

/** `restore table|objects`: brings back what was lost, as docs/runbook.md says under "Restore". */
export const restoreCommand = (): Command =>
  new Command('restore')
    .description('bring back what was lost; docs/runbook.md, "Restore", says what comes from where')
    .addCommand(
      onSystem(new Command('table'))
        .description(
          "copy what is missing from a restored backup into one of the stage's tables; goes on where it stopped",
        )
        .requiredOption('--from <table>', 'name of the table that the backup was restored into (required)')
        .addOption(
          new Option('--to <table>', 'which table it is a backup of (required)')
            .choices(Object.keys(TABLES))
            .makeOptionMandatory(),
        )
        .option('--dry-run', 'count, and change nothing')
        .option('--replace', 'put items of the backup in the place of those that are there, too')
        .option('--as-new', 'publish them and bring them to the lake again: for a stage whose lake does not have them')
        .action(table),
    )
    .addCommand(
      onSystem(new Command('objects'))
        .description("let objects stand again that were deleted from one of the stage's buckets")
        .addOption(
          new Option('--bucket <bucket>', 'where (required)').choices(Object.keys(BUCKETS)).makeOptionMandatory(),
        )
        .requiredOption('--since <time>', 'what was deleted from then on, with an offset (required)')
        .option('--prefix <prefix>', 'keys that begin so', '')
        .option('--dry-run', 'count, and change nothing')
        .action(objects),
    );

const table = async (flags: TableFlags): Promise<void> =>
  withSystem(flags, async (system) => {
    const { from, json, dryRun = false, replace = false, asNew = false } = flags;
    const to = system[TABLES[flags.to]];
    if (from === to)
      throw new Error('--from is the very table that is to be restored; restore the backup into a new one');
    const { region, endpoint, credentials } = system;
    // A copy may wait; it backs off until the table has grown with it.
    const patience = { maxAttempts: 10, retryMode: 'adaptive' };
    const dynamoDb = new DynamoDBClient({
      region,
      ...patience,
      ...(endpoint && { endpoint }),
      ...(credentials && { credentials }),
    });
    const note = join(resolve(flags.dataDir), `restore-${to}-from-${from}.json`);
    const progress = new Progress({ quiet: json ?? false });
    const position = dryRun ? undefined : positionIn(note);
    if (position)
      progress.note(`goes on after ${number.format(position.counts.read)} items; remove ${note} to begin anew`);
    const total = await itemsIn(from, dynamoDb);
    const counter = progress.counter('items');
    try {
      const counts = await restoreTable(dynamoDb, {
        from,
        to,
        dryRun,
        replace,
        asNew,
        nowMs: Date.now(),
        ...(position && { position }),
        onPage: (at) => {
          counter.update(at.counts.read, Math.max(total, at.counts.read));
          if (!dryRun) notePosition(note, at);
        },
      });
      forgetPosition(note);
      console.log(json ? JSON.stringify({ dryRun, ...counts }, undefined, 2) : countsInWords(counts, dryRun));
    } finally {
      counter.stop();
      dynamoDb.destroy();
    }
  });

/** About how many: DynamoDB counts every six hours. @throws {Error} when there is no such table. */
const itemsIn = async (TableName: string, dynamoDb: DynamoDBClient): Promise<number> => {
  const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName })).catch((cause: Error) => {
    throw new Error(`table '${TableName}' cannot be looked at: ${cause.message}; restore the backup into it first`, {
      cause,
    });
  });
  const keys = Table?.KeySchema?.map(({ AttributeName }) => AttributeName).join();
  if (keys !== 'pk,sk')
    throw new Error(`table '${TableName}' has other keys than Assay's tables; name a backup of one`);
  return Table?.ItemCount ?? 0;
};

const countsInWords = (counts: RestoreCounts, dryRun: boolean): string => {
  const { read, restored, present, superseded, erased, expired } = counts;
  const others = [
    `${number.format(present)} were there`,
    superseded > 0 && `${number.format(superseded)} belong to events that have other content by now`,
    erased > 0 && `${number.format(erased)} are keys of people who were erased since`,
    expired > 0 && `${number.format(expired)} had expired`,
  ].filter((part) => part !== false);
  const what = dryRun ? 'would be put back' : 'were put back';
  return `${number.format(restored)} of ${number.format(read)} items ${what}; ${others.join(', ')}`;
};

const objects = async (flags: ObjectFlags): Promise<void> => {
  const since = new Date(flags.since);
  if (Number.isNaN(since.getTime()))
    throw new Error('--since must be a time with an offset, such as 2026-11-22T10:00:00Z');
  await withSystem(flags, async (system) => {
    const { region, endpoint, credentials } = system;
    const s3 = new S3Client({
      region,
      ...(endpoint && { endpoint, forcePathStyle: true }),
      ...(credentials && { credentials }),
    });
    const { prefix, dryRun = false, json } = flags;
    const counter = new Progress({ quiet: json ?? false }).counter('objects');
    const onPage = (done: number): void => counter.update(done, done);
    try {
      const restored = await restoreObjects(s3, {
        bucket: system[BUCKETS[flags.bucket]],
        prefix,
        since,
        dryRun,
        onPage,
      });
      const words = `${number.format(restored)} objects ${dryRun ? 'would stand' : 'stand'} again`;
      console.log(json ? JSON.stringify({ dryRun, restored }, undefined, 2) : words);
    } finally {
      counter.stop();
      s3.destroy();
    }
  });
};

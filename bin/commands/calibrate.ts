import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { Command, Option } from 'commander';
import pc from 'picocolors';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { sageMakerRuntimeClient } from '#adapters/aws-clients.ts';
import { SageMakerMembers } from '#adapters/sagemaker-members.ts';
import { leastRateOf, scoreOfRate } from '#model/score.ts';
import type { RemoteMembers } from '#ports/remote-members.ts';
import { systemClock } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { REFERENCES } from '../catalog/source.ts';
import { type CalibrationCounts, calibrate, UNLABELLED, type Unlabelled } from '../scoring/calibration.ts';
import { type OpenDetector, openDetector } from '../scoring/open-catalog.ts';
import { noEndpoints } from '../scoring/score-file.ts';
import { Progress } from '../system/progress.ts';
import { readable } from './drop.ts';

interface Flags {
  readonly catalog: string;
  readonly detector: string;
  readonly events: string;
  readonly labels: string;
  readonly unlabelled: Unlabelled;
  readonly askEndpoints?: boolean;
  readonly json?: boolean;
}

const STARTER = resolve(import.meta.dirname, '../../catalog');

/** `calibrate`: gives a detector the reference that its score is measured by. */
export const calibrateCommand = (): Command =>
  new Command('calibrate')
    .description("make a detector's score reference from events that turned out legitimate")
    .option('--catalog <folder>', 'folder of the catalog, which the reference is written into', STARTER)
    .requiredOption(
      '--detector <name>',
      'the detector: its active version, or its newest while all stand by (required)',
    )
    .requiredOption(
      '--events <file>',
      'events as in production, none chosen by score, none that a model learned from (required)',
    )
    .requiredOption('--labels <file>', 'what they turned out to be: feedback, as CSV or JSON Lines (required)')
    .addOption(
      new Option('--unlabelled <what>', 'what events without a label are taken for')
        .choices(UNLABELLED)
        .default('legit'),
    )
    .option('--ask-endpoints', 'ask members on SageMaker endpoints, with your own AWS credentials')
    .option('--json', 'print the summary as JSON')
    .action(run);

const run = async (flags: Flags): Promise<void> => {
  const { json = false, unlabelled } = flags;
  const progress = new Progress({ quiet: json });
  const catalog = resolve(flags.catalog);
  const files = { events: readable(flags.events), labels: readable(flags.labels), unlabelled };
  // The reference that is there may be of models that are no more, and is to be replaced.
  const opened = await openDetector(catalog, flags.detector, { withReferences: false });
  checkMembers(opened, flags.askEndpoints ?? false);
  const remote = flags.askEndpoints ? endpointsOf(opened) : noEndpoints;
  const { reference, counts } = await calibrate(files, opened, remote, progress);
  const path = join(catalog, REFERENCES, `${flags.detector}.json`);
  write(path, `${JSON.stringify(reference)}\n`);
  const leastRate = leastRateOf(reference.events);
  const report = { reference: path, leastRate, highestScore: scoreOfRate(leastRate, leastRate), ...counts };
  console.log(json ? JSON.stringify(report, undefined, 2) : inWords(report));
};

const checkMembers = ({ prepared }: OpenDetector, askEndpoints: boolean): void => {
  const { detector, members, degraded, rulesOnly } = prepared;
  if (members.length === 0) throw new Error(`detector '${detector.detector}' has no members, and so no score`);
  if (rulesOnly)
    throw new Error(`the kill switch keeps detector '${detector.detector}' on rules; calibrate without it`);
  const broken = degraded.find(({ what }) => what.startsWith('member:'));
  if (broken) throw new Error(`${broken.what.replace(':', ' ')} could not be loaded; run assay catalog check`);
  const remote = members.find(({ member }) => member.kind === 'sagemaker');
  if (remote && !askEndpoints) {
    throw new Error(`member ${remote.member.name} is an endpoint; add --ask-endpoints to ask it with your credentials`);
  }
};

const endpointsOf = ({ prepared }: OpenDetector): RemoteMembers =>
  new SageMakerMembers({
    sageMaker: sageMakerRuntimeClient(),
    endpoints: prepared.members.flatMap(({ member }) => (member.kind === 'sagemaker' ? [member.endpoint] : [])),
    call: createAwsCaller({ random: Math.random, metrics: silentMetrics }),
    clock: systemClock,
    metrics: silentMetrics,
  });

/** Writes a file as a whole or not at all. */
const write = (path: string, text: string): void => {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(`${path}.part`, text);
  renameSync(`${path}.part`, path);
};

const number = new Intl.NumberFormat('en-GB');

const inWords = (report: CalibrationCounts & { reference: string; leastRate: number; highestScore: number }): string =>
  [
    pc.green(`The score of this detector now rests on ${number.format(report.legitimate)} legitimate events.`),
    `${number.format(report.events)} events: ${number.format(report.labelledOtherwise)} labelled otherwise, ` +
      `${number.format(report.unlabelled)} without a label, ${number.format(report.unanswered)} that a member did not answer; ` +
      `${number.format(report.refused)} rows refused`,
    `the least false-positive rate that it can show is ${(100 * report.leastRate).toFixed(3)} %: a score of ${report.highestScore}`,
    `reference: ${report.reference}`,
  ].join('\n');

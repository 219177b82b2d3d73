import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { Command, InvalidArgumentError, Option } from 'commander';
import pc from 'picocolors';

import { endedOf } from '#domain/file-sums.ts';
import { type Cloud, startCloud } from '#local/cloud.ts';
import { type AskedFault, FaultNotationError, faultsInWords, parseFault } from '#local/faults/notation.ts';
import { readCatalog } from '../catalog/read-catalog.ts';
import { Random } from '../simulation/random.ts';
import { EVENT_TYPE } from '../simulation/simulate.ts';
import { AssayClient } from '../system/client.ts';
import { drop, follow } from '../system/drop-and-follow.ts';
import { withEndpoint } from '../system/example-endpoint.ts';
import { type Example, examplesFor } from '../system/examples.ts';
import { faultSummaryOf } from '../system/fault-summary.ts';
import { beginFaultedRun } from '../system/faulted-run.ts';
import type { FileReport } from '../system/follow.ts';
import { MetricSums } from '../system/metric-sums.ts';
import { Progress } from '../system/progress.ts';
import { publishCatalog } from '../system/publish-catalog.ts';
import { nextSample } from '../system/sample.ts';
import { summaryOf } from '../system/summary.ts';
import { synthesize } from '../system/synthesize.ts';
import { noteSystem, type System, systemOf } from '../system/system.ts';
import { noteFinished, noteUnfinished, type Unfinished, unfinishedIn } from '../system/unfinished.ts';
import { waitForCatalog } from '../system/wait-for-catalog.ts';
import { readable } from './drop.ts';

interface Flags {
  readonly once?: boolean;
  readonly file?: string;
  readonly eventType?: string;
  readonly catalog: string;
  readonly dataDir: string;
  readonly port: string;
  readonly stages?: string;
  readonly fault: readonly AskedFault[];
  readonly faultSeed: string;
  readonly json?: boolean;
}

const ROOT = resolve(import.meta.dirname, '../..');
const SERVICE_STACK = 'Assay-local-Service';

/** `up`: the whole system on this machine, with a sample or the user's own file run through it. */
export const upCommand = (): Command =>
  new Command('up')
    .description('run the whole system on this machine, and a file of events through it')
    .option(
      '--file <path>',
      'your own file of events: CSV or JSON Lines, plain or gzip, or Parquet (default: a simulated sample)',
    )
    .option('--event-type <name>', 'event type of the rows of --file')
    .option('--once', 'stop after the summary')
    .option('--catalog <folder>', 'event types, detectors, lists and models', join(ROOT, 'catalog'))
    .option('--data-dir <folder>', 'where state is kept; the next start goes on from it', '.assay')
    .option('--port <number>', 'first of two ports on 127.0.0.1: the cloud, then the API (0: any free ones)', '4010')
    .option('--stages <file>', 'stage configuration whose stage `local` is run')
    .addOption(
      new Option('--fault <what>', 'make a service fail while the file goes through, as often as wanted: see below')
        .argParser(addFault)
        .default([], 'none'),
    )
    .option('--fault-seed <number>', 'which calls meet a fault that strikes a share of them', '7')
    .option('--json', 'print the end of the file, and how to reach the system, as JSON')
    .addHelpText('after', `\n${faultsInWords()}`)
    .action(async (flags: Flags, command: Command) => {
      if (flags.file && !flags.eventType) command.error('error: --file needs --event-type: what its rows are');
      const port = Number(flags.port);
      if (!Number.isInteger(port) || port < 0 || port > 65_534) {
        command.error('error: --port must be a whole number from 0 to 65534 (0: any free port)');
      }
      if (!/^\d{1,15}$/.test(flags.faultSeed)) command.error('error: --fault-seed must be a whole number from 0 on');
      await up(flags, port);
    });

const addFault = (text: string, before: readonly AskedFault[]): readonly AskedFault[] => {
  try {
    return [...before, parseFault(text)];
  } catch (error) {
    throw error instanceof FaultNotationError ? new InvalidArgumentError(error.message) : error;
  }
};

const up = async (flags: Flags, port: number): Promise<void> => {
  const dataDirectory = resolve(flags.dataDir);
  const progress = new Progress({ quiet: flags.json ?? false });
  if (flags.file) readable(flags.file);
  const hasCardPayments = knowsCardPayments(resolve(flags.catalog));
  if (!flags.file && !hasCardPayments) {
    throw new Error(`the catalog has no ${EVENT_TYPE} to sample; name a file of your own by --file and --event-type`);
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

  const metrics = new MetricSums();
  const { cloud, system } = await bringUp(flags, dataDirectory, port, progress, metrics).catch((error: unknown) => {
    throw stop.signal.aborted ? new Error('stopped before the system was up', { cause: error }) : error;
  });
  const client = new AssayClient(system);
  try {
    const refused = await progress.step('the catalog is registered', async () => {
      await waitForCatalog(system, stop.signal);
      return publishCatalog(system, SERVICE_STACK, stop.signal);
    });
    for (const { kind, name, problem } of refused) progress.note(pc.yellow(`${kind} ${name} was refused: ${problem}`));
    const file = await fileOfThisRun(flags, dataDirectory, progress);
    const faulted =
      flags.fault.length === 0
        ? undefined
        : await beginFaultedRun(cloud, client, {
            asked: flags.fault,
            seed: Number(flags.faultSeed),
            metrics,
            withCaller: hasCardPayments,
          });
    const dropped = 'file' in file ? await dropAndNote(client, file, dataDirectory, progress) : file;
    const watch = { resultsInto: join(dataDirectory, 'results'), signal: stop.signal };
    const report = await follow(client, dropped, { startedMs: dropped.startedMs, ...watch }, progress);
    const successor = faulted && (await followSuccessor(client, dropped, watch, progress));
    noteFinished(dataDirectory);
    const faults = faulted && (await progress.step('looked for every decision that was answered', faulted.report));
    if (flags.json) {
      console.log(
        JSON.stringify({ report, ...(successor && { successor }), ...(faults && { faults }), system }, null, 2),
      );
    } else {
      console.log(summaryOf(report));
      if (successor) console.log(`\nthe version that took its place:\n${summaryOf(successor)}`);
      if (faults) console.log(faultSummaryOf(faults));
    }
    const ended = [report, ...(successor ? [successor] : [])];
    const isWell = isAsAsked(report, flags.fault) && ended.every(addsUp) && (faults?.caller?.lost ?? 0) === 0;
    if (!isWell) process.exitCode = 1;
    if (!flags.once) {
      if (!flags.json) console.log(howToCall(system, examplesFor(system, report.fileId, new Date(), hasCardPayments)));
      await untilAborted(stop.signal);
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    // Whoever waits for the summary must not take its absence for success.
    if (flags.once) process.exitCode = 130;
  } finally {
    client.close();
    await progress.step('stopped', () => cloud.stop());
  }
};

const bringUp = async (
  flags: Flags,
  dataDirectory: string,
  port: number,
  progress: Progress,
  metrics: MetricSums,
): Promise<{ cloud: Cloud; system: System }> => {
  mkdirSync(dataDirectory, { recursive: true });
  const assembly = join(dataDirectory, 'cloud-assembly');
  const catalog = resolve(flags.catalog);
  if (!existsSync(catalog)) throw new Error(`there is no catalog at '${flags.catalog}'; name its folder by --catalog`);
  const asked = { catalog, stages: flags.stages ? readable(flags.stages) : join(ROOT, 'lib', 'stages.yaml') };
  const needsEndpoint = flags.fault.some(({ fault }) => fault.service === 'sagemaker');
  const sources = needsEndpoint
    ? withEndpoint(asked, join(dataDirectory, 'with-endpoint'))
    : { ...asked, added: false };
  if (sources.added) progress.note('no detector asks an endpoint: added card-payments-remote, which does');
  await progress.step('bundled the functions, checked the catalog, synthesized the app', () =>
    synthesize({ root: ROOT, stageName: 'local', output: assembly, catalog: sources.catalog, stages: sources.stages }),
  );
  const chances = new Random(Number(flags.faultSeed), 'faults');
  const cloud = await progress.step('brought the template up on the embedded cloud', () =>
    startCloud({
      assembly,
      directory: join(dataDirectory, 'cloud'),
      port,
      log: (line) => progress.note(pc.dim(line)),
      onLog: (_, text) => metrics.add(text),
      faultChances: () => chances.unit(),
    }),
  );
  try {
    const system = systemOf(cloud.outputs[SERVICE_STACK] ?? {}, {
      region: cloud.region,
      endpoint: cloud.endpoint,
      credentials: cloud.credentials,
    });
    noteSystem(dataDirectory, system);
    return { cloud, system };
  } catch (error) {
    await cloud.stop();
    throw error;
  }
};

/** A file that is still to be dropped. */
interface Source {
  readonly file: string;
  readonly eventType: string;
}

/** The file that an interrupted run has dropped, or else the user's own, or a new sample. */
const fileOfThisRun = async (
  { file, eventType = '' }: Flags,
  dataDirectory: string,
  progress: Progress,
): Promise<Unfinished | Source> => {
  const left = unfinishedIn(dataDirectory);
  if (left && !file) {
    progress.note(`going on with ${left.key}, which the last run left unfinished`);
    return { ...left, startedMs: Date.now() };
  }
  return file
    ? { file: readable(file), eventType }
    : await progress.step('simulated a sample of card payments', () => nextSample(dataDirectory, Date.now()));
};

const dropAndNote = async (
  client: AssayClient,
  source: Source,
  dataDirectory: string,
  progress: Progress,
): Promise<Unfinished> => {
  const startedMs = Date.now();
  const dropped = { ...(await drop(client, { ...source, purpose: 'events' }, progress)), startedMs };
  noteUnfinished(dataDirectory, dropped);
  return dropped;
};

/** How the version ended that took the dropped one's place on the way, if any did. */
const followSuccessor = async (
  client: AssayClient,
  dropped: Unfinished,
  watch: { readonly resultsInto: string; readonly signal: AbortSignal },
  progress: Progress,
): Promise<FileReport | undefined> => {
  const latest = await client.latestOf(dropped);
  if (!latest || latest.versionId === dropped.versionId) return undefined;
  return follow(client, latest, { startedMs: dropped.startedMs, ...watch }, progress);
};

/** Whether each row of a file ended, once. */
const addsUp = ({ rows, counts }: FileReport): boolean => rows === endedOf(counts);

/** Whether a file ended as it should: a version that was taken away on purpose is in quarantine, and says so. */
const isAsAsked = ({ status, reason = '' }: FileReport, asked: readonly AskedFault[]): boolean =>
  status !== 'quarantined' || (reason.startsWith('version_') && asked.some(({ fault }) => fault.service === 's3'));

/** Whether a folder's catalog has the worked example's event type; a catalog with faults is told of at synthesis. */
const knowsCardPayments = (catalog: string): boolean => {
  const read = readCatalog(catalog);
  return !read.ok || read.asset.eventTypes.some(({ eventType }) => eventType === EVENT_TYPE);
};

const howToCall = (system: System, examples: readonly Example[]): string =>
  [
    `\n${pc.bold('The API:')} ${system.apiUrl} ${pc.dim("(the keys below open this machine's system only)")}`,
    ...examples.map(({ title, command }) => `\n${pc.dim(`# ${title}`)}\n${command}`),
    `\n${pc.dim('Ctrl-C stops.')}`,
  ].join('\n');

const untilAborted = async (signal: AbortSignal): Promise<void> => {
  // Timers keep a process alive; a signal alone would not.
  while (!signal.aborted) await pause(60_000, undefined, { signal }).catch(() => {});
};

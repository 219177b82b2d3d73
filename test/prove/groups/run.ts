import { Cloud, type CloudOptions } from '../cloud/cloud.ts';
import { randomOf } from '../cloud/random.ts';
import { audit } from '../ledger/audit.ts';
import type { Truth } from '../ledger/truth.ts';
import { type Load, send } from '../ledger/workload.ts';
import { prepare, ROOT } from '../prepared.ts';

/** Folder whose `functions/` are proved; the planted bugs put their own here. */
const rootOfFunctions = (): string => process.env.ASSAY_PROVE_FUNCTIONS ?? ROOT;

/** A cloud for a seed. */
export const cloudOptions = (seed: number): CloudOptions => ({ ...prepare(), root: rootOfFunctions(), seed });

/** What one run of a cloud is. */
export interface Scenario {
  readonly seed: number;
  readonly load: Load;
  /** Sets the weather, and plans what changes while time passes. */
  readonly weather?: (cloud: Cloud) => void;
  /** More to do after everything has come to rest, such as redriving; then rest is waited for once more. */
  readonly afterwards?: (cloud: Cloud, truth: Truth) => void;
  /** Further things that must hold. @returns what does not. */
  readonly check?: (cloud: Cloud, truth: Truth) => readonly string[];
  /** Deliveries of rows ÷ accepted rows, at most; undefined where an outage or repeats are the point. @default 1.5 */
  readonly mostDeliveries?: number | undefined;
  readonly onProgress?: (done: number) => void;
}

export interface ScenarioResult {
  readonly problems: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Rows that were delivered to be decided, for each that was accepted. */
const DELIVERIES = 1.5;

/** Runs a load through a cloud until everything is at rest, and audits it. */
export const runScenario = async (scenario: Scenario): Promise<ScenarioResult> => {
  const { seed, load, weather, afterwards, onProgress = () => {} } = scenario;
  const cloud = await Cloud.open(cloudOptions(seed));
  const unhandled: string[] = [];
  const onUnhandled = (reason: unknown): void => {
    unhandled.push(`no promise is left behind: ${String(reason)}`);
  };
  process.on('unhandledRejection', onUnhandled);
  try {
    weather?.(cloud);
    const truth = send(cloud, load, randomOf(seed).fork('load'));
    const progress = setInterval(() => onProgress(settledShare(cloud, load)), PROGRESS_MS);
    let rested = await cloud.drain();
    if (rested && afterwards) {
      afterwards(cloud, truth);
      rested = await cloud.drain();
    }
    clearInterval(progress);
    const { problems, counts } = judged(cloud, truth, scenario);
    const found = [...problems, ...unhandled, ...(rested ? [] : ['everything comes to rest: it did not'])];
    return { problems: found.length > 0 ? [...found, ...lastErrors(cloud)] : [], counts };
  } finally {
    process.off('unhandledRejection', onUnhandled);
    cloud.close();
  }
};

const judged = (cloud: Cloud, truth: Truth, scenario: Scenario): ScenarioResult => {
  const { problems, ends } = audit(cloud, truth);
  const accepted = ends.decided + ends.duplicate + ends.conflict + ends.dead;
  const ratio = cloud.tally.rowsDelivered / Math.max(1, accepted);
  const most = 'mostDeliveries' in scenario ? scenario.mostDeliveries : DELIVERIES;
  const often =
    most !== undefined && ratio > most ? [`deliveries ÷ accepted: ${ratio.toFixed(2)} is above ${most}`] : [];
  const { killed } = cloud.fleet.counts;
  return {
    problems: [...problems, ...often, ...(scenario.check?.(cloud, truth) ?? [])],
    counts: {
      events: truth.sent,
      files: truth.files.length,
      feedback: truth.feedback.said,
      ...ends,
      ...(killed > 0 && { kills: killed }),
    },
  };
};

/** What functions logged last: where to begin to look. */
const lastErrors = ({ tally }: Cloud): readonly string[] =>
  tally.logged.slice(-3).map((line) => `logged: ${line.slice(0, 400)}`);

/** Virtual milliseconds between two looks at the progress. */
const PROGRESS_MS = 5_000;

/** Events and decisions on record, of those that there will be about: never quite all. */
const settledShare = (cloud: Cloud, { events }: Load): number =>
  Math.min(0.99, cloud.tableOf('EVENT_TABLE_NAME').size / (2 * events));

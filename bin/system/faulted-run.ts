import type { Cloud } from '#local/cloud.ts';
import type { AskedFault } from '#local/faults/notation.ts';
import { beginFaults, type Struck } from '#local/faults/plan.ts';
import { Caller, type CallerReport } from './caller.ts';
import type { AssayClient } from './client.ts';
import type { MetricSums } from './metric-sums.ts';

/** What was injected while a file went through, and what became of it. */
export interface FaultReport {
  /** Repeats the throws of the dice; which call meets which still depends on the machine. */
  readonly seed: number;
  readonly injected: readonly Struck[];
  /** Second and further tries of calls to AWS, and those that the retry budget forbade. */
  readonly retries: number;
  readonly retriesForbidden: number;
  /** Messages that functions were given not for the first time. */
  readonly redeliveries: number;
  readonly degradedDecisions: number;
  readonly breakersOpened: number;
  /** Decisions answered before they were durable, and those found beside another one. */
  readonly pendingDecisions: number;
  readonly rivalDecisions: number;
  /** Of a caller who asked for decisions all the while; absent where the catalog has nothing to ask for. */
  readonly caller?: CallerReport;
}

/** Faults of this run, as the command line asks for them. */
export interface FaultedRunOptions {
  readonly asked: readonly AskedFault[];
  readonly seed: number;
  readonly metrics: MetricSums;
  /** Whether somebody shall ask for decisions on card payments meanwhile. */
  readonly withCaller: boolean;
}

/** Begins the faults; and a caller, since a file has no answers to be late or degraded. */
export const beginFaultedRun = async (
  { faults }: Pick<Cloud, 'faults'>,
  client: AssayClient,
  { asked, seed, metrics, withCaller }: FaultedRunOptions,
): Promise<{ report(): Promise<FaultReport> }> => {
  const caller = withCaller ? await Caller.begin(client) : undefined;
  const run = beginFaults(faults, asked);
  return {
    async report() {
      run.end();
      const called = await caller?.report();
      return {
        seed,
        injected: run.struck(),
        retries: metrics.of('AwsRetries'),
        retriesForbidden: metrics.of('AwsRetriesForbidden'),
        redeliveries: faults.redeliveries,
        degradedDecisions: metrics.of('DecisionsDegraded'),
        breakersOpened: metrics.of('BreakersOpened'),
        pendingDecisions: metrics.of('DecisionsPending'),
        rivalDecisions: metrics.of('DecisionsRival'),
        ...(called && { caller: called }),
      };
    },
  };
};

import type { APIGatewayProxyEvent, Context } from 'aws-lambda';

import { MemoryDecisionStore } from '#adapters/memory-decision-store.ts';
import { MemoryFeedbackLedger } from '#adapters/memory-feedback-ledger.ts';
import { MemoryPersonKeys } from '#adapters/memory-person-keys.ts';
import { MemoryProfileStore } from '#adapters/memory-profile-store.ts';
import { PersonSealer } from '#adapters/person-sealer.ts';
import { systemClock } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { openCatalog } from '../../bin/scoring/open-catalog.ts';
import { createHandler } from '../../functions/scoring/api/handler.ts';
import { createPlanner } from '../../functions/scoring/plan-features.ts';
import { createPreparer } from '../../functions/scoring/prepare-detector.ts';
import { cpuMs } from '../report.ts';
import { decideRequests } from './requests.ts';

const WARM_UP = 2_000;
const MEASURED = 5_000;

/** What the handler itself takes: everything between the request and the answer but for the calls of AWS. */
export interface HandlerShare {
  /** Of each call, in milliseconds, in the order of the calls. */
  readonly latenciesMs: readonly number[];
  /** CPU time of a call on average, garbage collection included. */
  readonly cpuMsPerCall: number;
}

/** Decides payments with the starter catalog by the API's own handler, in this process, over stores in memory. */
export const measureHandler = async (): Promise<HandlerShare> => {
  const { source, tokeniser } = await openCatalog('catalog');
  const clock = systemClock;
  const profiles = new MemoryProfileStore();
  const handler = createHandler(
    {
      clock,
      catalog: source,
      decisions: new MemoryDecisionStore(profiles),
      profiles,
      planFeatures: createPlanner(),
      feedback: new MemoryFeedbackLedger(),
      pending: { add: async () => {} },
      prepare: createPreparer({ catalog: source, clock, metrics: silentMetrics }),
      remote: { ask: async () => ({ failed: 'unavailable' }) },
      sealer: new PersonSealer({ keys: new MemoryPersonKeys(clock), clock, metrics: silentMetrics }),
      tokeniser: { current: async () => tokeniser },
      defaultBudgetMs: 1_000,
      retentionDays: 540,
    },
    { metrics: silentMetrics },
  );
  const context = { awsRequestId: 'bench', getRemainingTimeInMillis: () => 29_000 } as Context;
  const bodies = (await decideRequests(WARM_UP + MEASURED)).map((request) => JSON.stringify(request));
  const latenciesMs: number[] = [];
  let startedCpuMs = 0;
  for (const [index, body] of bodies.entries()) {
    if (index === WARM_UP) startedCpuMs = cpuMs();
    const startedMs = performance.now();
    const requestContext = { requestId: `bench-${index}` };
    const { statusCode } = await handler(
      { httpMethod: 'POST', headers: {}, body, requestContext } as APIGatewayProxyEvent,
      context,
    );
    if (statusCode !== 200) throw new Error(`the handler answered ${statusCode}: there is nothing to measure`);
    if (index >= WARM_UP) latenciesMs.push(performance.now() - startedMs);
  }
  return { latenciesMs, cpuMsPerCall: (cpuMs() - startedCpuMs) / MEASURED };
};

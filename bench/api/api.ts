import { startMeasured } from '../measured-system.ts';
import { type BenchReport, quantile } from '../report.ts';
import { type HandlerShare, measureHandler } from './handler-share.ts';
import { decideRequests } from './requests.ts';

const WARM_UP = 100;
const CALLS = 1_000;
/** Milliseconds at most: the handler's own share as a median and at its 99th percentile. */
const AIMS = { ownP50: 1, ownP99: 5 };

/** Latency of a decision through the embedded API, one call after another, and the handler's own share. A minute. */
export const benchApi = async (onProgress: (what: string) => void): Promise<BenchReport> => {
  onProgress("the handler's own share");
  const own = await measureHandler();
  onProgress('calls through the embedded API');
  return report(await measureCalls(), own);
};

/** Milliseconds of each call, as its caller sees them. */
const measureCalls = async (): Promise<readonly number[]> => {
  const { client, stop } = await startMeasured();
  try {
    const latenciesMs: number[] = [];
    for (const [index, request] of (await decideRequests(WARM_UP + CALLS)).entries()) {
      const startedMs = performance.now();
      const { status } = await client.call('POST', 'v1/decisions', request);
      if (status !== 200) throw new Error(`the API answered ${status}: there is nothing to measure`);
      if (index >= WARM_UP) latenciesMs.push(performance.now() - startedMs);
    }
    return latenciesMs;
  } finally {
    client.close();
    await stop();
  }
};

const report = (calls: readonly number[], { latenciesMs, cpuMsPerCall }: HandlerShare): BenchReport => {
  const [p50, p99] = [quantile(calls, 0.5), quantile(calls, 0.99)];
  const [ownP50, ownP99] = [quantile(latenciesMs, 0.5), quantile(latenciesMs, 0.99)];
  const ms = (value: number): string => `${value.toFixed(2)} ms`;
  return {
    bench: 'api',
    figures: { p50Ms: p50, p99Ms: p99, ownP50Ms: ownP50, ownP99Ms: ownP99, ownCpuMs: cpuMsPerCall },
    columns: ['POST /v1/decisions, warm', 'p50', 'p99'],
    rows: [
      ['through the embedded API', ms(p50), ms(p99)],
      ["the handler's own share", ms(ownP50), ms(ownP99)],
    ],
    notes: [
      `${CALLS} calls one after the other, each another payment, starter catalog: two detectors, two tree models`,
      'through the API: signing, gateway, Runtime API and all calls of the embedded AWS, on one machine with the caller',
      `own share: the real handler over stores in memory, ${latenciesMs.length} calls; ${cpuMsPerCall.toFixed(2)} ms of CPU each`,
    ],
    missed: [
      ...(ownP50 > AIMS.ownP50 ? [`at most ${AIMS.ownP50} ms of the handler's own (p50)`] : []),
      ...(ownP99 > AIMS.ownP99 ? [`at most ${AIMS.ownP99} ms of the handler's own (p99)`] : []),
    ],
  };
};

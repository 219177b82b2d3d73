import { Cloud } from '../cloud/cloud.ts';
import { type Group, resultOf } from '../group.ts';
import { audit } from '../ledger/audit.ts';
import { type SampleType, sampleOf } from '../ledger/samples.ts';
import { Truth } from '../ledger/truth.ts';
import { dropFile, sendRequest } from '../ledger/workload.ts';
import { redriveAll } from './faults.ts';
import { cloudOptions, runScenario, type Scenario } from './run.ts';
import { scenarioGroup, sized } from './scenarios.ts';

type Side = 'before' | 'behind';

/** What is sent while somebody is killed at one of its calls: a file in order, one that is not, one of which history tells, or a request. */
const SUBJECTS: readonly (SampleType | 'request')[] = ['transfer', 'order', 'deposit', 'request'];
/** Two chunks of what is decided alone; few of what asks an endpoint, since each row is a call to be killed at. */
const ROWS: Readonly<Record<SampleType, number>> = { transfer: 120, order: 10, card_payment: 10, deposit: 6 };
const BAD_ROWS = 3;

/** Kills whoever makes the n-th call of a service from now on. @returns how to know whether it came so far. */
const killAtCall = (cloud: Cloud, number: number, side: Side): { readonly done: () => boolean } => {
  let calls = 0;
  cloud.onCall = ({ invocation }) => {
    if (!invocation || invocation.ended) return;
    calls += 1;
    if (calls === number) invocation.dies = { atCall: invocation.calls + 1, side };
  };
  return { done: () => calls >= number };
};

/** Sends one subject. A client whose request was not answered sends it again. */
const sendOne = async (cloud: Cloud, truth: Truth, subject: SampleType | 'request', name: string): Promise<void> => {
  const random = cloud.random;
  if (subject !== 'request') {
    const samples = Array.from({ length: ROWS[subject] }, (_, row) => {
      const sample = sampleOf(subject, `${name}-${row}`, random);
      return row < BAD_ROWS
        ? { ...sample, cells: { ...sample.cells, amount: 'none' }, defect: 'not_a_number' as const }
        : sample;
    });
    dropFile(cloud, truth, subject, samples, `${name}.csv`);
    return;
  }
  const sample = sampleOf('order', name, random);
  for (let status: number | undefined; status !== 200; status = truth.requests.at(-1)?.status) {
    await sendRequest(cloud, truth, sample);
  }
};

/** Once at every call of a service, before it and behind it: an environment dies, and nothing is lost or doubled. */
const killedEverywhere = async (seed: number, subjects: typeof SUBJECTS, onProgress: (done: number) => void) => {
  const cloud = await Cloud.open(cloudOptions(seed));
  const truth = new Truth();
  let kills = 0;
  try {
    for (const [index, subject] of subjects.entries()) {
      for (const side of ['before', 'behind'] as const) {
        for (let number = 1; ; number += 1) {
          const killing = killAtCall(cloud, number, side);
          cloud.fleet.recycle();
          await cloud.wait(sendOne(cloud, truth, subject, `${subject}-${side}-${number}`));
          if (!(await cloud.drain())) {
            const { problems } = audit(cloud, truth);
            return { problems: [...problems, 'everything comes to rest: it did not'], counts: { kills } };
          }
          if (!killing.done()) break;
          kills += 1;
        }
        onProgress((index + (side === 'behind' ? 1 : 0.5)) / subjects.length);
      }
    }
    cloud.onCall = () => {};
    redriveAll(cloud);
    await cloud.drain();
    const { problems, ends } = audit(cloud, truth);
    return { problems, counts: { kills, events: truth.sent, ...ends } };
  } finally {
    cloud.close();
  }
};

/** Environments die: once at every call, then at 3 % of all invocations. */
export const kills: Group = {
  name: 'kills',
  quick: 'once at every await, then 3 %',
  nightly: '× 3',
  run: async ({ scale, seed, onProgress }) => {
    const times = scale === 'nightly' ? 3 : 1;
    const everywhere = await killedEverywhere(seed, scale === 'small' ? ['transfer'] : SUBJECTS, (done) =>
      onProgress(done / 2),
    );
    const scenario: Scenario = {
      seed: seed + 1,
      load: { events: sized(scale, 2_000, 5_000, 50_000), files: 20, requests: 100, batches: 2 },
      weather: ({ weather }) => {
        Object.assign(weather.lambda, { kill: 0.03 * times, reap: 0.05 });
      },
      afterwards: redriveAll,
      onProgress: (done) => onProgress(0.5 + done / 2),
    };
    const random = await runScenario(scenario);
    const counts = { ...random.counts, kills: everywhere.counts.kills + (random.counts.kills ?? 0) };
    return resultOf({ counts, seeds: [seed, seed + 1] }, 'whoever died, its work ended once', [
      ...everywhere.problems.map((problem) => `once at every call: ${problem}`),
      ...random.problems.map((problem) => `3 %: ${problem}`),
    ]);
  },
};

/** Work that goes on behind an answer is frozen with its environment, and often never thawed. */
export const latePromises = scenarioGroup({
  name: 'late-promises',
  quick: '200 files: every environment gone after its answer, clocks ± 10 min',
  nightly: '2,000',
  held: 'nothing rested on work behind the answer, or on clocks that agree',
  runs: (scale, seed) => {
    const files = sized(scale, 20, 100, 1_000);
    const load = { events: files * 15, files, requests: 50, withinMs: 300_000 };
    return [
      { seed, load, weather: ({ weather }) => void Object.assign(weather.lambda, { reap: 1 }) },
      {
        seed: seed + 1,
        load,
        weather: ({ weather }) => void Object.assign(weather.lambda, { skewMs: 600_000, reap: 0.2 }),
      },
    ];
  },
});

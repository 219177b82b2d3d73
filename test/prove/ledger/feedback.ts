import type { Cloud } from '../cloud/cloud.ts';
import type { Random } from '../cloud/random.ts';
import type { Findings } from './findings.ts';
import { rejectsOf, resultsOf, type StoredFile } from './records.ts';

/** One thing said of an event, and whether it can be taken. */
export interface Said {
  readonly eventId: string;
  readonly label: string;
  readonly source: string;
  readonly saidAt: string;
  readonly bad: boolean;
}

export interface SentFeedback {
  readonly key: string;
  readonly versionId: string;
  readonly said: readonly Said[];
}

/** A request with things said, and what became of each; no answer when there was none. */
export interface ToldFeedback {
  readonly said: readonly Said[];
  readonly statuses?: readonly string[];
}

/** What makes two sayings the same. */
const identityOf = ({ eventId, label, source, saidAt }: Said): string => [eventId, label, source, saidAt].join('|');

const HEADER = 'event_id,label,source,said_at';
const ROWS = 110;
const PER_REQUEST = 5;

/** Makes sayings, some of them again, some that nobody can take. */
const sayingsOf = (random: Random, count: number, known: Said[]): readonly Said[] =>
  Array.from({ length: count }, () => {
    if (known.length > 0 && random.chance(0.1)) return random.pick(known);
    const said: Said = {
      eventId: `event-${random.between(1, 5_000)}`,
      label: random.pick(['fraud', 'legit']),
      source: random.pick(['analyst', 'chargeback']),
      saidAt: new Date(Date.UTC(2026, 9, 31, 0, 0, random.between(0, 3_600))).toISOString(),
      bad: false,
    };
    if (random.chance(0.02)) return { ...said, label: 'perhaps', bad: true };
    known.push(said);
    return said;
  });

/** What was said, in files and by API. */
export class FeedbackTruth {
  readonly files: SentFeedback[] = [];
  readonly requests: ToldFeedback[] = [];

  /** Things said, however they ended. */
  get said(): number {
    return [...this.files, ...this.requests].reduce((sum, { said }) => sum + said.length, 0);
  }

  /** Sends files and requests, spread over time. */
  send(
    cloud: Cloud,
    { files, requests, withinMs }: { files: number; requests: number; withinMs: number },
    random: Random,
  ): void {
    const known: Said[] = [];
    for (let file = 1; file <= files; file += 1) {
      const said = sayingsOf(random, ROWS, known);
      cloud.later(random.next() * withinMs, () => {
        const key = `feedback/transfer/said ${file}.csv`;
        const lines = said.map(({ eventId, label, source, saidAt }) => [eventId, label, source, saidAt].join(','));
        const { versionId } = cloud.drop(key, `${[HEADER, ...lines].join('\n')}\n`);
        this.files.push({ key, versionId, said });
      });
    }
    for (let request = 0; request < requests; request += 1) {
      const said = sayingsOf(random, PER_REQUEST, known).filter(({ bad }) => !bad);
      if (said.length > 0) cloud.later(random.next() * withinMs, () => void this.#tell(cloud, said));
    }
  }

  async #tell(cloud: Cloud, said: readonly Said[]): Promise<void> {
    const feedback = said.map(({ eventId, label, source, saidAt }) => ({ eventId, label, source, saidAt }));
    const answer = await cloud.request('feedback/api', { body: { eventType: 'transfer', feedback } });
    const { results } = (answer?.body ?? {}) as { results?: readonly { readonly status: string }[] };
    this.requests.push({ said, ...(answer?.status === 200 && { statuses: results!.map(({ status }) => status) }) });
  }
}

/** Everything that was said is on record once, and each row and answer is called what it is. */
export const feedbackProblems = (
  cloud: Cloud,
  truth: FeedbackTruth,
  files: readonly StoredFile[],
  findings: Findings,
): void => {
  const taken = new Map<string, number>();
  const wanted = new Set<string>();
  const take = (said: Said, ended: string | undefined, name: string): void => {
    const recorded = ended === 'decided' || ended === 'recorded';
    if (recorded || ended === 'duplicate') wanted.add(identityOf(said));
    if (recorded) taken.set(identityOf(said), (taken.get(identityOf(said)) ?? 0) + 1);
    if (said.bad !== (ended === 'quarantined')) findings.add('feedback is told apart', `${name} is ${ended}`);
  };
  for (const { key, versionId, said } of truth.files) {
    const file = files.find(({ source }) => source.versionId === versionId);
    if (file?.status !== 'complete') {
      findings.add('every file complete', `${key} is ${file?.status ?? 'unknown'}`);
      continue;
    }
    const ended = new Map(resultsOf(cloud, file).map(({ row, disposition }) => [row, disposition]));
    for (const row of rejectsOf(cloud, file)) ended.set(row, 'quarantined');
    for (const [index, each] of said.entries()) take(each, ended.get(index + 1), `row ${index + 1} of ${key}`);
  }
  for (const { said, statuses } of truth.requests) {
    for (const [index, each] of said.entries()) if (statuses) take(each, statuses[index], 'an answer');
  }
  for (const [identity, times] of taken) {
    if (times > 1) findings.add('feedback recorded once', `${identity} is recorded ${times} times`);
  }
  const stored = cloud.tableOf('FEEDBACK_TABLE_NAME').size;
  // What a request said that got no answer may be on record, too.
  const doubtful = truth.requests.filter(({ statuses }) => !statuses).flatMap(({ said }) => said.map(identityOf));
  const most = new Set([...wanted, ...doubtful]).size;
  if (stored < wanted.size || stored > most) {
    findings.add('feedback recorded once', `${stored} entries are on record, of ${wanted.size} to ${most}`);
  }
};

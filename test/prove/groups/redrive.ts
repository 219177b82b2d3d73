import { serviceFault } from '#local/dynamodb/errors.ts';
import { dynamoDbError } from '../cloud/aws-errors.ts';
import { Cloud } from '../cloud/cloud.ts';
import { type Group, resultOf } from '../group.ts';
import { audit } from '../ledger/audit.ts';
import { storedFiles } from '../ledger/records.ts';
import { type SampleType, sampleOf } from '../ledger/samples.ts';
import { Truth } from '../ledger/truth.ts';
import { dropFile } from '../ledger/workload.ts';
import { cloudOptions } from './run.ts';
import { sized } from './scenarios.ts';

const ROWS = 130;
/** How often a chunk may come back. */
const MOST_REDRIVES = 3;
const TYPES: readonly SampleType[] = ['transfer', 'order'];

interface KeptChunk {
  readonly fileId: string;
  readonly sequence: number;
  redrives: number;
}

/** What an operator does with dead chunks, as the runbook says. */
class Operator {
  readonly #cloud: Cloud;
  redriven = 0;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** Sends the kept body of every dead chunk to the chunks queue again, counted one higher. */
  redriveDead(): void {
    const { chunks } = storedFiles(this.#cloud);
    const bucket = this.#cloud.bucketOf('QUARANTINE_BUCKET_NAME');
    const dead = new Set(
      chunks.filter(({ status }) => status === 'dead').map(({ fileId, sequence }) => `${fileId}/${sequence}`),
    );
    for (const key of this.#cloud.s3.keys(bucket, 'dead/')) {
      if (key.startsWith('dead/unreadable/')) continue;
      const chunk = JSON.parse(this.#cloud.s3.bytesOf(bucket, key)!.toString('utf8')) as KeptChunk;
      if (!dead.has(`${chunk.fileId}/${chunk.sequence}`)) continue;
      chunk.redrives += 1;
      this.#cloud.queueOf('CHUNK_QUEUE_URL').send({
        body: JSON.stringify(chunk),
        groupId: chunk.fileId,
        deduplicationId: `${chunk.fileId}-${chunk.sequence}-${chunk.redrives}`,
      });
      this.redriven += 1;
    }
  }

  /** Has every complete file summed up afresh. */
  settleAgain(): void {
    for (const { fileId, status } of storedFiles(this.#cloud).files) {
      if (status !== 'complete') continue;
      const body = JSON.stringify({ v: 1, kind: 'settle', fileId, sinceMs: Math.floor(this.#cloud.time.nowMs) });
      this.#cloud.queueOf('FILE_QUEUE_URL').send({ body });
    }
  }
}

/** The table takes nothing from here, which no retry changes. */
const closed = (): Error => dynamoDbError(serviceFault('AccessDeniedException', 'not authorized to perform this'));

/** Ids of events that no function can decide, until they are cured. */
class Illness {
  #incurableFrom = 0;
  #healed = new Set<number>();

  /** Lets scoring fail for every chunk of a file that is ill. */
  infect(cloud: Cloud, files: number): void {
    this.#incurableFrom = files / 2;
    cloud.fate = ({ invocation, operation, input }) => {
      if (invocation?.entry !== 'scoring/queue' || operation !== 'TransactWriteItems') return undefined;
      const [, file = '0'] = /ill-(\d+)-/.exec(JSON.stringify(input).slice(0, 400)) ?? [];
      const ill = Number(file) >= this.#incurableFrom || !this.#healed.has(Number(file));
      return ill ? { kind: 'refused', error: closed } : undefined;
    };
  }

  /** Cures a third of those that can be cured. */
  cure(round: number): void {
    for (let file = round - 1; file < this.#incurableFrom; file += MOST_REDRIVES) this.#healed.add(file);
  }
}

/** Chunks that died come back three times; then no more. */
export const redrive: Group = {
  name: 'redrive',
  quick: 'three times, then stop',
  run: async ({ scale, seed, onProgress }) => {
    const cloud = await Cloud.open(cloudOptions(seed));
    try {
      const truth = new Truth();
      const files = sized(scale, 6, 8, 60);
      const illness = new Illness();
      illness.infect(cloud, files);
      for (let file = 0; file < files; file += 1) {
        const type = TYPES[file % TYPES.length]!;
        const samples = Array.from({ length: ROWS }, (_, row) => sampleOf(type, `ill-${file}-${row}`, cloud.random));
        dropFile(cloud, truth, type, samples, `ill ${file}.csv`);
      }
      const problems: string[] = [];
      const operator = new Operator(cloud);
      await cloud.drain();
      const first = audit(cloud, truth);
      problems.push(...first.problems.map((problem) => `before: ${problem}`));
      if (first.ends.dead !== files * ROWS)
        problems.push(`what cannot be decided is dead: ${JSON.stringify(first.ends)}`);
      for (let round = 1; round <= MOST_REDRIVES + 1; round += 1) {
        illness.cure(round);
        operator.redriveDead();
        await cloud.drain();
        operator.settleAgain();
        await cloud.drain();
        onProgress(round / (MOST_REDRIVES + 2));
      }
      problems.push(...(await afterTheLast(cloud, truth, files)));
      const { ends } = audit(cloud, truth);
      return resultOf({ counts: { files, redriven: operator.redriven, ...ends }, seeds: [seed] }, HELD, problems);
    } finally {
      cloud.close();
    }
  },
};

const HELD = 'what was cured within three was decided, and what came a fourth time was kept unread';

/** Half of the files were cured; of the others, the fourth redrive must have been refused, and its body kept. */
const afterTheLast = async (cloud: Cloud, truth: Truth, files: number): Promise<readonly string[]> => {
  const { problems, ends } = audit(cloud, truth);
  const expected = (files / 2) * ROWS;
  const kept = cloud.s3.keys(cloud.bucketOf('QUARANTINE_BUCKET_NAME'), 'dead/unreadable/').length;
  const chunks = (files / 2) * Math.ceil(ROWS / 100);
  return [
    ...problems,
    ...(ends.decided === expected && ends.dead === expected ? [] : [`cured rows are decided: ${JSON.stringify(ends)}`]),
    ...(kept === chunks ? [] : [`the fourth redrive stops: ${kept} of ${chunks} bodies are kept`]),
  ];
};

import type { Cloud } from '../cloud/cloud.ts';
import type { Random } from '../cloud/random.ts';
import { bodyOf, csvOf, defective, otherContent, type Sample, type SampleType, sampleOf } from './samples.ts';
import { Truth } from './truth.ts';

/** What is sent to a cloud. */
export interface Load {
  /** Events in all, well-formed or not, repeats included. */
  readonly events: number;
  readonly files: number;
  /** Of the events, how many are sent by API, one by one. @default 0 */
  readonly requests?: number;
  /** Batches sent by API, of 100 events each. @default 0 */
  readonly batches?: number;
  readonly types?: readonly SampleType[];
  /** Files of feedback; as many requests with feedback come by API. @default 2 */
  readonly feedback?: number;
  /** Shares of the rows. @default 0.01 each */
  readonly bad?: number;
  readonly repeated?: number;
  readonly conflicting?: number;
  /** Milliseconds within which everything is sent. @default one minute */
  readonly withinMs?: number;
}

const BATCH_EVENTS = 100;

/** Mostly what costs least to decide, so that the number of events can be large; of everything enough. */
const MIX: readonly SampleType[] = [
  'transfer',
  'transfer',
  'order',
  'transfer',
  'transfer',
  'card_payment',
  'transfer',
];

/** Makes what is sent, with repeats and conflicts across files and doors. */
class Maker {
  readonly #random: Random;
  readonly #load: Load;
  readonly #made = new Map<SampleType, Sample[]>();
  #ids = 0;

  constructor(random: Random, load: Load) {
    this.#random = random;
    this.#load = load;
  }

  next(eventType: SampleType): Sample {
    const { bad = 0.01, repeated = 0.01, conflicting = 0.01 } = this.#load;
    const random = this.#random;
    const made = this.#made.get(eventType) ?? [];
    this.#made.set(eventType, made);
    if (made.length > 0 && random.chance(repeated)) return random.pick(made);
    if (made.length > 0 && random.chance(conflicting)) return otherContent(random.pick(made));
    const sample = sampleOf(eventType, `event-${++this.#ids}`, random);
    if (random.chance(bad)) return defective(sample, random);
    made.push(sample);
    return sample;
  }
}

/** Sends a load to a cloud, spread over time, and keeps what was sent. Waits for nothing: see `Cloud.drain`. */
export const send = (cloud: Cloud, load: Load, random: Random): Truth => {
  const { events, files, requests = 0, batches = 0, feedback = 2, types = MIX, withinMs = 60_000 } = load;
  const truth = new Truth();
  const maker = new Maker(random, load);
  const inFiles = events - requests - batches * BATCH_EVENTS;
  for (let file = 0; file < files; file += 1) {
    const eventType = types[file % types.length]!;
    const rows = Math.floor((inFiles * (file + 1)) / files) - Math.floor((inFiles * file) / files);
    const samples = Array.from({ length: rows }, () => maker.next(eventType));
    cloud.later(random.next() * withinMs, () => dropFile(cloud, truth, eventType, samples, `file ${file + 1}.csv`));
  }
  for (let batch = 0; batch < batches; batch += 1) {
    const eventType = types[batch % types.length]!;
    const samples = Array.from({ length: BATCH_EVENTS }, () => maker.next(eventType));
    cloud.later(random.next() * withinMs, () => void sendBatch(cloud, truth, eventType, samples, `batch-${batch + 1}`));
  }
  for (let request = 0; request < requests; request += 1) {
    const sample = maker.next(types[request % types.length]!);
    cloud.later(random.next() * withinMs, () => void sendRequest(cloud, truth, sample));
  }
  truth.feedback.send(cloud, { files: feedback, requests: feedback * 5, withinMs }, random.fork('feedback'));
  return truth;
};

/** Drops a file of samples. */
export const dropFile = (
  cloud: Cloud,
  truth: Truth,
  eventType: SampleType,
  samples: readonly Sample[],
  name: string,
): void => {
  const key = `events/${eventType}/${name}`;
  const { versionId } = cloud.drop(key, csvOf(eventType, samples));
  truth.files.push({ key, versionId, eventType, samples });
};

/** Asks for one decision. */
export const sendRequest = async (cloud: Cloud, truth: Truth, sample: Sample): Promise<void> => {
  const answer = await cloud.request('scoring/api', { body: { event: bodyOf(sample) } });
  truth.requests.push({ sample, status: answer?.status, answer: answer?.body });
};

/** Tries of a batch, with the same idempotency key: a client does not know what became of the first. */
const MOST_TRIES = 30;
const RETRY_MS = 5_000;

interface BatchAnswer {
  readonly fileId: string;
  readonly results: readonly { readonly index: number; readonly status: string }[];
}

/** Sends a batch until it is taken, as a client does that must not lose it. */
const sendBatch = async (
  cloud: Cloud,
  truth: Truth,
  eventType: SampleType,
  samples: readonly Sample[],
  key: string,
): Promise<void> => {
  for (let round = 0; round < MOST_TRIES; round += 1) {
    const answer = await cloud.request('ingestion/api', {
      body: { eventType, events: samples.map(bodyOf) },
      headers: { 'idempotency-key': key },
    });
    if (answer?.status === 202) {
      const { fileId, results } = answer.body as BatchAnswer;
      const open = results.filter(({ status }) => status === 'unavailable').map(({ index }) => index + 1);
      if (open.length === 0) {
        truth.batches.push({ fileId, eventType, samples, unavailable: new Set() });
        return;
      }
    }
    await new Promise<void>((resolve) => cloud.later(RETRY_MS, resolve));
  }
};

import { Cloud } from '../cloud/cloud.ts';
import { notificationOf } from '../cloud/notification.ts';
import type { ObjectVersion } from '../cloud/s3.ts';
import { type Group, resultOf } from '../group.ts';
import { audit } from '../ledger/audit.ts';
import { storedFiles } from '../ledger/records.ts';
import { csvOf, otherContent, type Sample, sampleOf } from '../ledger/samples.ts';
import { Truth } from '../ledger/truth.ts';
import { cloudOptions } from './run.ts';
import { sized } from './scenarios.ts';

const ROWS = 30;

/** What S3 may do around one file. Each is done many times, all at once. */
class Objects {
  readonly truth = new Truth();
  /** Why whole files must be in quarantine, by version. */
  readonly refused = new Map<string, string>();
  readonly counts = {
    overwritten: 0,
    deleted: 0,
    marked: 0,
    inverted: 0,
    repeated: 0,
    named: 0,
    malformed: 0,
    ignored: 0,
  };
  readonly #cloud: Cloud;
  #files = 0;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** An object is overwritten at once: both versions are files of their own. */
  overwrite(): void {
    const { key, samples } = this.#next();
    this.#drop(key, samples);
    // Half of it says the same again, half of it something else under the same ids.
    this.#drop(
      key,
      samples.map((sample, row) => (row % 2 === 0 ? sample : otherContent(sample))),
    );
    this.counts.overwritten += 1;
  }

  /** A version is deleted for good before anybody has read it. */
  deleteVersion(): void {
    const { key, samples } = this.#next();
    const { versionId } = this.#put(key, samples);
    this.#cloud.s3.delete(this.#bucket(), key, versionId);
    this.refused.set(versionId, 'version_deleted');
    this.counts.deleted += 1;
  }

  /** An object is deleted, which leaves its versions where they are. */
  mark(): void {
    const { key, samples } = this.#next();
    this.#drop(key, samples);
    this.#cloud.s3.delete(this.#bucket(), key);
    this.counts.marked += 1;
  }

  /** News of the second version come before those of the first, and both come twice, side by side. */
  invert(): void {
    const { key, samples } = this.#next();
    const versions = [samples, samples.map(otherContent)].map((each) => this.#drop(key, each));
    for (const version of [...versions].reverse()) this.#announce(notificationOf(this.#bucket(), key, version));
    this.counts.inverted += 1;
  }

  /** The same news five times at once. */
  repeat(): void {
    const { key, samples } = this.#next();
    const version = this.#drop(key, samples);
    for (let time = 0; time < 4; time += 1) this.#announce(notificationOf(this.#bucket(), key, version));
    this.counts.repeated += 1;
  }

  /** Keys that are not what they seem when they are encoded. */
  name(): void {
    for (const odd of ['a b', 'a+b', 'ä%20ö', '100%', 'x=1&y=2', "it's", 'Ω/∞', '日本']) {
      const { samples } = this.#next();
      this.#drop(`events/transfer/${odd} ${this.#files}.csv`, samples);
      this.counts.named += 1;
    }
  }

  /** A key that cannot be decoded is no reason to try again. */
  malform(): void {
    const { key, samples } = this.#next();
    const version = this.#put(`elsewhere/${key}`, samples);
    const notification = notificationOf(this.#bucket(), key, version);
    notification.s3.object.key = `${key}%E0%A4%A`;
    this.#announce(notification);
    this.refused.set(version.versionId, 'malformed_key');
    this.counts.malformed += 1;
  }

  /** What is no news of a file is taken note of, and nothing else. */
  ignore(): void {
    this.#send({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: this.#bucket() });
    const gone = notificationOf(this.#bucket(), 'events/transfer/gone.csv', {
      versionId: 'v',
      sequencer: '1',
      eTag: '',
    });
    this.#announce({ ...gone, eventName: 'ObjectRemoved:Delete' });
    this.counts.ignored += 2;
  }

  /** A message that is neither news nor ours: it must be kept where somebody sees it, not dropped. */
  garble(): void {
    this.#send({ hello: 'world' });
  }

  #next(): { readonly key: string; readonly samples: readonly Sample[] } {
    this.#files += 1;
    const id = (row: number): string => `object-${this.#files}-${row}`;
    const samples = Array.from({ length: ROWS }, (_, row) => sampleOf('transfer', id(row), this.#cloud.random));
    return { key: `events/transfer/object ${this.#files}.csv`, samples };
  }

  #bucket(): string {
    return this.#cloud.bucketOf('INBOX_BUCKET_NAME');
  }

  #put(key: string, samples: readonly Sample[]): ObjectVersion {
    return this.#cloud.drop(key, csvOf('transfer', samples));
  }

  #drop(key: string, samples: readonly Sample[]): ObjectVersion {
    const version = this.#put(key, samples);
    this.truth.files.push({ key, versionId: version.versionId, eventType: 'transfer', samples });
    return version;
  }

  #announce(record: object): void {
    this.#send({ Records: [record] });
  }

  #send(body: object): void {
    this.#cloud.queueOf('FILE_QUEUE_URL').send({ body: JSON.stringify(body) });
  }
}

/** S3 overwrites, deletes, forgets the order and says things twice. */
export const objects: Group = {
  name: 's3',
  quick: 'overwrite, delete, TestEvent, sequencer inversion, odd keys: 20 each',
  run: async ({ scale, seed, onProgress }) => {
    const cloud = await Cloud.open(cloudOptions(seed));
    try {
      const sent = new Objects(cloud);
      for (let time = 0; time < sized(scale, 5, 20, 200); time += 1) {
        sent.overwrite();
        sent.deleteVersion();
        sent.mark();
        sent.invert();
        sent.repeat();
        if (time % 5 === 0) sent.name();
        sent.malform();
        sent.ignore();
      }
      sent.garble();
      const rested = await cloud.drain();
      onProgress(0.9);
      const problems = [...problemsOf(cloud, sent), ...(rested ? [] : ['everything comes to rest: it did not'])];
      return resultOf({ counts: { files: sent.truth.files.length, ...sent.counts }, seeds: [seed] }, HELD, problems);
    } finally {
      cloud.close();
    }
  },
};

const HELD = 'each version was read once, or is in quarantine with its own reason; nothing was dropped in silence';

const problemsOf = (cloud: Cloud, sent: Objects): readonly string[] => {
  const { files } = storedFiles(cloud);
  const quarantined = files.filter(({ status }) => status === 'quarantined');
  const reasons = new Map(quarantined.map(({ source, reason }) => [source.versionId, reason]));
  const wrong = [...sent.refused]
    .filter(([versionId, reason]) => reasons.get(versionId) !== reason)
    .map(([versionId, reason]) => `own reasons: ${versionId} is ${reasons.get(versionId)} instead of ${reason}`);
  const deadLetters = cloud.queueByArn(cloud.queueOf('FILE_QUEUE_URL').wiring.deadLetters!.arn);
  const kept = deadLetters.receive(10);
  for (const message of kept) deadLetters.delete(message, message.receipt);
  const garbled = kept.length === 1 ? [] : [`garbage is kept: ${kept.length} messages in ${deadLetters.wiring.name}`];
  const more = files.length - sent.truth.files.length - sent.refused.size;
  const invented = more === 0 ? [] : [`nothing invented: ${more} files more than were dropped`];
  const opened = cloud.s3.reads(cloud.bucketOf('INBOX_BUCKET_NAME'));
  // News that come five times at once open a version once; what has no readable key is not opened at all.
  const most = files.length - sent.counts.malformed;
  const wasted = opened > most ? [`cost bound: ${opened} times a version was opened, ${most} at most`] : [];
  return [...wrong.slice(0, 5), ...wasted, ...garbled, ...invented, ...audit(cloud, sent.truth).problems];
};

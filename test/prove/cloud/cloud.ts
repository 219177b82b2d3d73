import type { Item } from '#local/dynamodb/values.ts';
import type { FunctionEntry } from '../../../lib/bundle.ts';
import { type ApiAnswer, type ApiRequest, hasFailed, proxyEventOf } from './api.ts';
import { FakeDynamoDb } from './dynamodb.ts';
import { FakeEndpoints } from './endpoints.ts';
import { EventSource } from './event-source.ts';
import { Fleet, type Outcome } from './fleet.ts';
import { type Call, Network } from './network.ts';
import { notificationOf } from './notification.ts';
import { patchGlobals } from './patched-globals.ts';
import { type Random, randomOf } from './random.ts';
import { FakeS3, type ObjectVersion } from './s3.ts';
import { servicesOf } from './services.ts';
import { FakeQueue, type Message } from './sqs-queue.ts';
import { Tally } from './tally.ts';
import { VirtualTime } from './virtual-time.ts';
import { calmWeather, type Fate, type Weather } from './weather.ts';
import type { BucketWiring, Wiring } from './wiring.ts';

/** What a cloud is made of. */
export interface CloudOptions {
  readonly wiring: Wiring;
  /** The catalog as a deployment brings it: see `compileCatalog`. */
  readonly catalogAsset: string;
  /** Folder that holds the `functions/` to prove. */
  readonly root: string;
  readonly seed: number;
}

const START_MS = Date.parse('2026-11-01T09:00:00.000Z');
const ASSET_BUCKET = 'assets';
const ASSET_KEY = 'catalog.json';
/** Four times as long as a message of the slowest queue is tried: what has not come to rest by then never will. */
const PATIENCE_MS = 12 * 3_600_000;

/**
 * The whole service in one process: the real functions with the real adapters, on fakes of AWS in virtual time.
 *
 * Wired as the synthesized templates say. One at a time per process, since it takes over clocks, timers and the SDK's
 * clients; `close` gives them back.
 */
export class Cloud {
  readonly weather: Weather = calmWeather();
  readonly time = new VirtualTime(START_MS);
  readonly random: Random;
  readonly dynamoDb: FakeDynamoDb;
  readonly s3: FakeS3;
  readonly endpoints: FakeEndpoints;
  readonly fleet: Fleet;
  readonly queues: ReadonlyMap<string, FakeQueue>;
  readonly sources: readonly EventSource[];
  /** What happened, for the audit. */
  readonly tally = new Tally();
  /** What becomes of a call, when a group wants to say so itself. */
  fate: (call: Call) => Fate | undefined = () => undefined;
  /** Told of each call before it is made. */
  onCall: (call: Call) => void = () => {};
  readonly wiring: Wiring;
  readonly #undo: (() => void)[] = [];
  #messages = 0;
  #busy = 0;

  private constructor({ wiring, root, seed }: CloudOptions) {
    this.wiring = wiring;
    const random = randomOf(seed);
    this.random = random.fork('harness');
    const { time, weather } = this;
    this.dynamoDb = new FakeDynamoDb(wiring.tables, () => time.nowMs, {
      conflict: () => tableLuck.chance(weather.conflict),
      throttle: () => tableLuck.chance(weather.cancelThrottle),
      unprocessed: () => tableLuck.chance(weather.unprocessed),
    });
    const tableLuck = random.fork('tables');
    const assets: BucketWiring = { name: ASSET_BUCKET, notifies: [] };
    this.s3 = new FakeS3([...wiring.buckets, assets], (bucket, key, version) => this.announce(bucket, key, version));
    this.endpoints = new FakeEndpoints(endpointsIn(wiring), random.fork('endpoints'));
    this.fleet = new Fleet({ time, weather, root, random: random.fork('fleet'), functions: functionsOf(wiring) });
    this.queues = this.#queuesOf(wiring, random.fork('queues'));
    this.sources = this.#sourcesOf(wiring, random.fork('sources'));
    const events = this.tableOf('EVENT_TABLE_NAME').wiring.name;
    this.dynamoDb.onStored = (table, item) => table === events && this.tally.stored(item);
    const patched = patchGlobals(time, random.fork('functions'));
    this.#undo.push(patched, this.#networkOf(random.fork('network')).install(), this.tally.takeOutput());
  }

  /** Brings a cloud up, with the catalog published by the real registrar. @throws when that fails. */
  static async open(options: CloudOptions): Promise<Cloud> {
    const published = await publishedBy(options);
    const cloud = new Cloud(options);
    cloud.dynamoDb.restore(published.items);
    cloud.s3.restore(published.objects);
    return cloud;
  }

  /** What stands in the stores once the registrar has published the catalog. */
  static async publish(options: CloudOptions): Promise<Published> {
    const cloud = new Cloud(options);
    try {
      cloud.s3.put(ASSET_BUCKET, ASSET_KEY, Buffer.from(options.catalogAsset));
      const [outcome] = await cloud.wait(cloud.invoke('registrar', {}));
      if (outcome?.kind !== 'answered') throw new Error('the catalog could not be published', { cause: outcome });
      return { items: cloud.dynamoDb.kept(), objects: cloud.s3.kept() };
    } finally {
      cloud.close();
    }
  }

  /** Gives clocks, timers and clients back. */
  close(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }

  /** Lets something happen at a time from now, which the cloud does not come to rest before. */
  later(delayMs: number, run: () => void): void {
    this.#busy += 1;
    this.time.after(delayMs, () => {
      this.#busy -= 1;
      run();
    });
  }

  /** Drops a file into the inbox. */
  drop(key: string, content: string | Buffer): ObjectVersion {
    return this.s3.put(this.bucketOf('INBOX_BUCKET_NAME'), key, Buffer.from(content));
  }

  /** Tells the queues of a bucket of a new object; by itself S3 does so once. */
  announce({ name, notifies }: BucketWiring, key: string, version: ObjectVersion): void {
    for (const { prefix, queueArn } of version.bytes || version.made ? notifies : []) {
      if (!key.startsWith(prefix)) continue;
      const body = JSON.stringify({ Records: [notificationOf(name, key, version)] });
      this.later(this.random.between(50, 1_500), () => this.queueByArn(queueArn).send({ body }));
    }
  }

  /** Asks a function as API Gateway does. */
  async request(entry: FunctionEntry, request: ApiRequest): Promise<ApiAnswer | undefined> {
    const outcome = await this.invoke(entry, proxyEventOf(entry, request, `api-${++this.#messages}`));
    if (outcome.kind !== 'answered') return undefined;
    const { statusCode, body: answer } = outcome.result as { statusCode: number; body: string };
    return { status: statusCode, body: answer === '' ? undefined : JSON.parse(answer) };
  }

  /** Hands an event to a function. */
  invoke(entry: FunctionEntry, event: unknown): Promise<Outcome> {
    return new Promise((resolve) => {
      this.fleet.invoke(entry, event, (outcome, invocation) => {
        invocation.reportedDone = outcome.kind === 'answered' && !hasFailed(outcome.result);
        resolve(outcome);
      });
    });
  }

  /** Lets time pass until promises are kept. @throws when they never are. */
  async wait<Result>(...promises: readonly Promise<Result>[]): Promise<readonly Result[]> {
    let results: readonly Result[] | undefined;
    let failure: { readonly error: unknown } | undefined;
    Promise.all(promises).then(
      (kept) => {
        results = kept;
      },
      (error) => {
        failure = { error };
      },
    );
    await this.pass(() => results !== undefined || failure !== undefined);
    if (failure) throw failure.error;
    if (!results) throw new Error('what was waited for never came');
    return results;
  }

  /** Lets time pass until nothing is left to do. @returns whether the cloud came to rest. */
  drain(): Promise<boolean> {
    return this.pass(() => this.isQuiet());
  }

  /** Whether no message waits, no function runs and nothing is about to happen. */
  isQuiet(): boolean {
    if (this.#busy > 0 || this.fleet.active > 0) return false;
    return this.wiring.mappings.every(({ queueArn }) => this.queueByArn(queueArn).open === 0);
  }

  /** Lets time pass until something holds. */
  pass(done: () => boolean, forMs = PATIENCE_MS): Promise<boolean> {
    return this.time.run(done, this.time.nowMs + forMs, () => this.fleet.loading());
  }

  queueByArn(arn: string): FakeQueue {
    const queue = [...this.queues.values()].find(({ wiring }) => wiring.arn === arn);
    if (!queue) throw new Error(`the templates have no queue ${arn}`);
    return queue;
  }

  /** Sends what is in a dead-letter queue back to where it came from, as an operator does. @returns how many. */
  redrive(deadLetters: FakeQueue): number {
    const source = [...this.queues.values()].find(({ wiring }) => wiring.deadLetters?.arn === deadLetters.wiring.arn);
    if (!source) throw new Error(`${deadLetters.wiring.name} is no dead-letter queue`);
    let moved = 0;
    for (let batch = deadLetters.receive(10); batch.length > 0; batch = deadLetters.receive(10)) {
      for (const message of batch) {
        deadLetters.delete(message, message.receipt);
        source.send({ ...message, deduplicationId: `${message.deduplicationId}-${++this.#messages}` });
        moved += 1;
      }
    }
    return moved;
  }

  /** The bucket that functions know by a variable of their environment. */
  bucketOf(variable: string): string {
    return this.#named(variable);
  }

  /** Items of the table that functions know by a variable of their environment. */
  tableOf(variable: string) {
    return this.dynamoDb.tables.get(this.#named(variable))!;
  }

  /** The queue that functions know by a variable of their environment. */
  queueOf(variable: string): FakeQueue {
    const url = this.#named(variable);
    return [...this.queues.values()].find(({ wiring }) => wiring.url === url)!;
  }

  #named(variable: string): string {
    const value = this.wiring.functions
      .map(({ environment }) => environment[variable])
      .find((name) => name !== undefined);
    if (value === undefined) throw new Error(`no function has ${variable} in its environment`);
    return value;
  }

  #queuesOf(wiring: Wiring, random: Random): ReadonlyMap<string, FakeQueue> {
    const { time, weather } = this;
    const world = {
      time,
      choose: (count: number) => random.between(0, count - 1),
      lag: () => (weather.messages.lagMs > 0 ? random.next() * weather.messages.lagMs : 0),
      nextId: () => `message-${++this.#messages}`,
      onDead: (queue: FakeQueue, message: Message) => {
        this.queueByArn(queue.wiring.deadLetters!.arn).send({ ...message, delayMs: 0 });
      },
      onExpired: () => {
        this.tally.expired += 1;
      },
    };
    return new Map(wiring.queues.map((queue) => [queue.name, new FakeQueue(queue, world)]));
  }

  #sourcesOf({ mappings }: Wiring, random: Random): readonly EventSource[] {
    const { fleet, time, weather } = this;
    const onDelivery = ({ wiring: { name } }: FakeQueue, { body }: Message) => this.tally.delivery(name, body);
    return mappings.map(
      (mapping) =>
        new EventSource({
          mapping,
          queue: this.queueByArn(mapping.queueArn),
          fleet,
          time,
          random,
          weather,
          onDelivery,
        }),
    );
  }

  #networkOf(random: Random): Network {
    const { time, weather, tally, dynamoDb, s3, endpoints } = this;
    const queues = this.queues.values();
    const services = servicesOf({ dynamoDb, s3, endpoints, queues, weather, random: random.fork('services') });
    const handle = (call: Call): unknown => {
      try {
        return services.handle(call);
      } catch (error) {
        tally.thrown(call, error as Error);
        throw error;
      }
    };
    return new Network({
      time,
      random,
      weather,
      handle,
      fate: (call) => services.fate(call) ?? this.fate(call),
      onCall: (call) => {
        tally.call(call);
        this.onCall(call);
      },
      kill: (invocation) => this.fleet.kill(invocation),
    });
  }
}

/** What is there before anything is sent. */
interface Published {
  readonly items: readonly (readonly [string, Item])[];
  readonly objects: readonly (readonly [string, string, Buffer])[];
}

/** By the folder of the functions: one process proves one, and publishes its catalog once. */
const published = new Map<string, Promise<Published>>();

const publishedBy = (options: CloudOptions): Promise<Published> => {
  const known = published.get(options.root) ?? Cloud.publish({ ...options, seed: 0 });
  published.set(options.root, known);
  return known;
};

const functionsOf = ({ functions }: Wiring): Wiring['functions'] =>
  functions.map((wiring) => ({
    ...wiring,
    environment: {
      ...wiring.environment,
      // Information is for people who look; here it would only cost time.
      POWERTOOLS_LOG_LEVEL: 'ERROR',
      ...(wiring.entry === 'registrar' && { CATALOG_ASSET_BUCKET: ASSET_BUCKET, CATALOG_ASSET_KEY: ASSET_KEY }),
    },
  }));

const endpointsIn = ({ functions }: Wiring): readonly string[] =>
  functions.flatMap(({ environment }) => (environment.ENDPOINT_NAMES ?? '').split(',').filter((name) => name !== ''));

import { describe, expect, test } from '@jest/globals';

import type { Invocation } from './fleet.ts';
import type { Call } from './network.ts';
import { randomOf } from './random.ts';
import { FakeQueue, type QueueWorld } from './sqs-queue.ts';
import { Tally } from './tally.ts';
import { type Host, type Owner, runFor, VirtualTime } from './virtual-time.ts';
import { wiringOf } from './wiring.ts';

const never = (): undefined => undefined;
const pass = (time: VirtualTime, ms: number) => time.run(() => false, time.nowMs + ms, never);

describe('virtual time', () => {
  const hostOf = (skewMs = 0): Host => ({ state: 'running', skewMs, parked: [] });

  test('what is due comes in its order, and hours take no time', async () => {
    const time = new VirtualTime(0);
    const seen: number[] = [];
    for (const hour of [3, 1, 2]) time.after(hour * 3_600_000, () => seen.push(hour));

    await pass(time, 86_400_000);

    expect(seen).toEqual([1, 2, 3]);
    expect(time.nowMs).toBe(3 * 3_600_000);
  });

  test('what a frozen environment was about to do waits until it is thawed; what a dead one was, never happens', async () => {
    const time = new VirtualTime(0);
    const [frozen, dead] = [hostOf(), hostOf()];
    const seen: string[] = [];
    time.after(10, () => seen.push('frozen'), { host: frozen });
    time.after(10, () => seen.push('dead'), { host: dead });
    frozen.state = 'frozen';
    dead.state = 'dead';
    await pass(time, 1_000);
    expect(seen).toEqual([]);

    time.thaw(frozen);
    await pass(time, 1_000);

    expect(seen).toEqual(['frozen']);
  });

  test('an environment has a clock of its own', () => {
    const time = new VirtualTime(1_000);
    const owner: Owner = { host: hostOf(600_000) };

    expect(time.clockMs()).toBe(1_000);
    expect(runFor(owner, () => time.clockMs())).toBe(601_000);
  });
});

describe('a queue', () => {
  const queueOf = (time: VirtualTime, fifo: boolean) => {
    const dead: string[] = [];
    let ids = 0;
    const world: QueueWorld = {
      time,
      choose: () => 0,
      lag: () => 0,
      nextId: () => `m${++ids}`,
      onDead: (_, { body }) => dead.push(body),
      onExpired: () => {},
    };
    const wiring = {
      name: 'queue',
      url: 'url',
      arn: 'arn',
      fifo,
      visibilityMs: 30_000,
      retentionMs: 345_600_000,
      delayMs: 0,
      perGroup: true,
      deadLetters: { arn: 'dead', maxReceiveCount: 2 },
    };
    return { queue: new FakeQueue(wiring, world), dead };
  };
  const bodies = (messages: readonly { readonly body: string }[]) => messages.map(({ body }) => body);

  test('hands out a group in order, and nothing of it while something of it is being worked on', async () => {
    const time = new VirtualTime(0);
    const { queue } = queueOf(time, true);
    for (const body of ['a1', 'a2', 'b1', 'a3']) {
      queue.send({ body, groupId: body[0]!, deduplicationId: body });
    }

    const [first] = queue.receive(1);
    const others = queue.receive(10);

    expect(first?.body).toBe('a1');
    expect(bodies(others)).toEqual(['b1']);
    queue.delete(first!, first!.receipt);
    expect(bodies(queue.receive(10))).toEqual(['a2', 'a3']);
  });

  test('knows a message again for five minutes', async () => {
    const time = new VirtualTime(0);
    const { queue } = queueOf(time, true);
    const send = () => queue.send({ body: 'x', groupId: 'g', deduplicationId: 'd' });

    expect(send()).toBe(send());
    time.after(300_001, () => {});
    await pass(time, 400_000);

    expect(send()).toBe('m2');
  });

  test('gives a message back that is not deleted in time, and up when that happens too often', async () => {
    const time = new VirtualTime(0);
    const { queue, dead } = queueOf(time, false);
    queue.send({ body: 'x' });

    const [message] = queue.receive(1);
    await pass(time, 31_000);
    expect(queue.receive(1)[0]).toBe(message);
    await pass(time, 31_000);

    expect(queue.receive(1)).toEqual([]);
    expect(dead).toEqual(['x']);
    expect(queue.open).toBe(0);
  });

  test('shows a message that was given back once, and never again when it is deleted', async () => {
    const time = new VirtualTime(0);
    const { queue } = queueOf(time, false);
    queue.send({ body: 'x' });
    const [message] = queue.receive(1);

    queue.giveBack(message!);
    queue.receive(1);
    queue.delete(message!, message!.receipt);
    await pass(time, 120_000);

    expect(queue.receive(1)).toEqual([]);
    expect(queue.open).toBe(0);
  });

  test('takes no deletion from a delivery that another one has overtaken', async () => {
    const time = new VirtualTime(0);
    const { queue } = queueOf(time, true);
    queue.send({ body: 'x', groupId: 'g', deduplicationId: 'd' });
    const [message] = queue.receive(1);
    const stale = message!.receipt;
    await pass(time, 31_000);
    queue.receive(1);

    queue.delete(message!, stale);

    expect(queue.open).toBe(1);
  });
});

describe('what is watched', () => {
  const invocation = { entry: 'scoring/queue', ended: false, reportedDone: false } as unknown as Invocation;
  const commit = (input: Record<string, unknown>, by = invocation): Call => ({
    service: 'dynamodb',
    operation: 'TransactWriteItems',
    input,
    invocation: by,
  });

  test.each([
    { what: 'the same token', tokens: ['t', 't'], found: [] },
    { what: 'another token', tokens: ['t', 'u'], found: ['scoring/queue changed it'] },
    { what: 'no token', tokens: [undefined], found: ['scoring/queue sent none'] },
  ])('a commit that is tried again with $what', ({ tokens, found }) => {
    const tally = new Tally();
    const by = { ...invocation };

    for (const token of tokens) tally.call(commit({ ClientRequestToken: token, TransactItems: [{ Put: 1 }] }, by));

    expect(tally.tokens).toEqual(found);
  });

  test('a row that is recorded behind a later one of its file', () => {
    const tally = new Tally();
    const event = (row: number) => ({
      pk: { S: `E#transfer#e${row}` },
      sk: { S: 'EVENT' },
      origin: { S: `file/f/${row}` },
    });

    for (const row of [1, 2, 4, 3]) tally.stored(event(row));

    expect(tally.outOfOrder).toEqual(['row 3 of f']);
  });

  test('a write by somebody who had said that all was done', () => {
    const tally = new Tally();

    tally.call(
      commit({ ClientRequestToken: 't', TransactItems: [] }, { ...invocation, ended: true, reportedDone: true }),
    );

    expect(tally.lateWrites).toEqual(['scoring/queue dynamodb.TransactWriteItems']);
  });
});

test('a queue whose worker cannot be told is refused, not left alone', () => {
  const mapping = {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { EventSourceArn: 'arn:aws:sqs:eu-west-1:111111111111:Chunks', FunctionName: 'somebody' },
  };

  expect(() => wiringOf({ service: { Mapping: mapping } })).toThrow('cannot be told: somebody');
});

test.each([1, 2, 3])('chance is the same for the same seed, and its forks leave it alone (seed %i)', (seed) => {
  const drawn = (random: ReturnType<typeof randomOf>) => Array.from({ length: 5 }, () => random.next());
  const forked = randomOf(seed);
  drawn(forked.fork('other'));

  expect(drawn(forked)).toEqual(drawn(randomOf(seed)));
  expect(drawn(randomOf(seed))).not.toEqual(drawn(randomOf(seed + 1)));
});

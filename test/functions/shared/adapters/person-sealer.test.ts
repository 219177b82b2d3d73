import { describe, expect, test } from '@jest/globals';

import { MemoryPersonKeys } from '#adapters/memory-person-keys.ts';
import { PersonSealer } from '#adapters/person-sealer.ts';
import { ServiceError } from '#domain/errors.ts';
import { Originals, openOriginals } from '#domain/originals.ts';
import type { Deadline } from '#ports/clock.ts';
import type { PersonKeys } from '#ports/person-keys.ts';
import type { Logger } from '#ports/telemetry.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { countingMetrics } from '../../../support/scoring.ts';

const originalsOf = (eventId: string, byPerson: Record<string, string>): Originals =>
  new Originals(new Map(Object.entries(byPerson).map(([person, email]) => [person, { variables: { email } }])), {
    eventType: 'order',
    eventId,
  });
const one = originalsOf('o-1', { 'person#a': 'a@mail.example' });

const setUp = (disturbed: (keys: MemoryPersonKeys) => Partial<PersonKeys> = () => ({}), mostKept?: number) => {
  const time = { nowMs: 1_000 };
  const clock = { nowMs: () => time.nowMs };
  const keys = new MemoryPersonKeys(clock);
  const calls: string[] = [];
  const port: PersonKeys = {
    find: async (people, deadline) => {
      calls.push(`find ${people.join()}`);
      return (disturbed(keys).find ?? keys.find.bind(keys))(people, deadline);
    },
    make: async (people, deadline) => {
      calls.push(`make ${people.join()}`);
      return (disturbed(keys).make ?? keys.make.bind(keys))(people, deadline);
    },
  };
  const metrics = countingMetrics();
  const sealer = new PersonSealer({ keys: port, clock, metrics, ...(mostKept && { mostKept }) });
  const seal = (
    originals: readonly Originals[],
    deadline: Deadline = deadlineIn(1_000),
    logger: Logger = silentLogger,
  ) => sealer.seal(originals, deadline, logger);
  const opened = async (eventId: string, { person, box }: { person: string; box: string }) => {
    const pair = (await keys.open([person])).get(person);
    return pair && openOriginals({ person, box }, pair, { eventType: 'order', eventId });
  };
  return { time, keys, calls, metrics, seal, opened };
};

describe('what is personal', () => {
  test('is sealed for each person, and opens with that person’s key alone', async () => {
    const { seal, opened, keys } = setUp();

    const [sealing] = await seal([originalsOf('o-1', { 'person#a': 'a@mail.example', 'person#b': 'b@mail.example' })]);

    const [a, b] = sealing!.sealed!;
    expect(sealing).not.toHaveProperty('unsealed');
    expect(await opened('o-1', a!)).toEqual({ variables: { email: 'a@mail.example' } });
    expect(await opened('o-1', b!)).toEqual({ variables: { email: 'b@mail.example' } });
    const keyOfB = (await keys.open(['person#b'])).get('person#b')!;
    expect(() => openOriginals(a!, keyOfB, { eventType: 'order', eventId: 'o-1' })).toThrow();
    await expect(opened('o-2', a!)).rejects.toThrow();
  });

  test('of people who are known costs no call; each is asked for once', async () => {
    const { seal, calls } = setUp();

    await seal([
      one,
      originalsOf('o-2', { 'person#a': 'x', 'person#b': 'y' }),
      originalsOf('o-3', { 'person#b': 'z' }),
    ]);
    await seal([one]);

    expect(calls).toEqual(['find person#a,person#b', 'make person#a,person#b']);
  });

  test('is sealed under another key five minutes after the person’s was erased, and never opens under the old one', async () => {
    const { seal, keys, time, opened } = setUp();
    const [before] = await seal([one]);
    await keys.erase('person#a', 'officer');
    const [meanwhile] = await seal([one]);
    time.nowMs += 5 * 60_000;

    const [after] = await seal([one]);

    expect(await opened('o-1', after!.sealed![0]!)).toEqual({ variables: { email: 'a@mail.example' } });
    for (const lost of [before, meanwhile]) await expect(opened('o-1', lost!.sealed![0]!)).rejects.toThrow();
  });

  test('of more people than are kept is sealed all the same', async () => {
    const { seal, calls } = setUp(undefined, 2);
    const people = ['a', 'b', 'c'].map((name) => originalsOf(name, { [`person#${name}`]: 'x' }));

    expect((await seal(people)).every(({ sealed }) => sealed?.length === 1)).toBe(true);
    await seal(people.slice(1));
    await seal(people.slice(0, 1));

    expect(calls.filter((call) => call.startsWith('find'))).toEqual([
      'find person#a,person#b,person#c',
      'find person#a',
    ]);
  });
});

describe('what cannot be sealed is missing, said and counted, and never thrown', () => {
  const down = async (): Promise<never> => {
    throw new ServiceError('store_unavailable', 'down');
  };
  const broken = async (): Promise<never> => {
    throw new TypeError('a fault of our own');
  };
  const late = (_: readonly string[], { signal }: Deadline) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new ServiceError('store_unavailable', 'late')));
    });

  test.each([
    { what: 'the table is down', port: { find: down }, unsealed: 'unavailable' },
    { what: 'KMS is down', port: { make: down }, unsealed: 'unavailable' },
    { what: 'something is broken', port: { find: broken }, unsealed: 'unavailable' },
    { what: 'keys are late', port: { make: late }, unsealed: 'timeout' },
  ])('when $what', async ({ port, unsealed }) => {
    const { seal, metrics } = setUp(() => port);

    expect(await seal([one, one], deadlineIn(60))).toEqual([{ unsealed }, { unsealed }]);

    expect(metrics.counts.get('OriginalsUnsealed')).toBe(2);
  });

  test('while what is known is still sealed', async () => {
    const state = { down: false };
    const { seal, opened } = setUp(() => (state.down ? { find: down, make: down } : {}));
    await seal([one]);
    state.down = true;

    const [sealing, known] = await seal([originalsOf('o-2', { 'person#a': 'x', 'person#new': 'y' }), one]);

    expect(sealing).toMatchObject({ unsealed: 'unavailable', sealed: [{ person: 'person#a' }] });
    expect(await opened('o-2', sealing!.sealed![0]!)).toEqual({ variables: { email: 'x' } });
    expect(known).not.toHaveProperty('unsealed');
  });

  test('and so is what is too large, for which no key is asked', async () => {
    const { seal, calls, metrics } = setUp();

    expect(await seal([originalsOf('o-1', { 'person#a': 'x'.repeat(40_000) })])).toEqual([{ unsealed: 'too_large' }]);
    expect(calls).toEqual([]);
    expect(metrics.counts.get('OriginalsUnsealed')).toBe(1);
  });

  test('and the log names no person and no value', async () => {
    const lines: unknown[] = [];
    const { seal } = setUp(() => ({ find: down }));

    await seal([one], deadlineIn(1_000), { ...silentLogger, error: (...line) => void lines.push(line) });

    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toMatch(/person#|mail\.example/);
  });
});

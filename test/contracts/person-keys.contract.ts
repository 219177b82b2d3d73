import { expect, test } from '@jest/globals';

import type { KeyPair } from '#domain/seal.ts';
import type { PersonKeys, PersonVault } from '#ports/person-keys.ts';
import { deadlineIn } from '#runtime/deadline.ts';

/** A store of people's keys: what a door may do with it, and what those may who open and erase. */
export interface PeopleUnderTest {
  /** Two doors with nothing in common but the store. */
  readonly doors: readonly [PersonKeys, PersonKeys];
  readonly vault: PersonVault;
}

const soon = () => deadlineIn(5_000);
const person = (name: string): string => `person#t1_${name.padEnd(24, '_')}`;
const publicHalves = (pairs: ReadonlyMap<string, KeyPair>) =>
  new Map([...pairs].map(([who, { publicKey }]) => [who, Buffer.from(publicKey).toString('hex')]));
const inHex = (keys: ReadonlyMap<string, Uint8Array>) =>
  new Map([...keys].map(([who, key]) => [who, Buffer.from(key).toString('hex')]));

/** What every store of people's keys does. */
export const personKeysContract = (open: () => PeopleUnderTest): void => {
  test('who was never met has no key', async () => {
    const { doors, vault } = open();

    expect(await doors[0].find([person('nobody')], soon())).toEqual(new Map());
    expect(await vault.open([person('nobody')], soon())).toEqual(new Map());
  });

  test('a key that was made is found by every door, and its private half opened', async () => {
    const { doors, vault } = open();
    const people = [person('first'), person('second')];

    const made = await doors[0].make(people, soon());

    expect([...made.keys()].sort()).toEqual(people);
    expect(inHex(await doors[1].find([...people, person('nobody')], soon()))).toEqual(inHex(made));
    expect(publicHalves(await vault.open(people, soon()))).toEqual(inHex(made));
  });

  test('the first key made for a person stays, and whoever makes another gets that one', async () => {
    const { doors } = open();
    const known = await doors[0].make([person('known')], soon());

    const again = await doors[1].make([person('known'), person('new-beside')], soon());

    expect(again.size).toBe(2);
    expect(inHex(again).get(person('known'))).toBe(inHex(known).get(person('known')));
  });

  test('doors that make keys for the same people at once end with the same keys', async () => {
    const { doors } = open();
    const people = Array.from({ length: 30 }, (_, at) => person(`raced-${at}`));

    const made = await Promise.all([
      doors[0].make(people, soon()),
      doors[1].make([...people].reverse(), soon()),
      doors[0].make(people.slice(10), soon()),
    ]);

    const found = inHex(await doors[0].find(people, soon()));
    expect(found.size).toBe(30);
    for (const keys of made) for (const [who, key] of inHex(keys)) expect(key).toBe(found.get(who));
  });

  test('more people than one call takes', async () => {
    const { doors, vault } = open();
    const people = Array.from({ length: 230 }, (_, at) => person(`many-${at}`));

    const made = await doors[0].make(people, soon());

    expect(new Set(inHex(made).values()).size).toBe(230);
    expect(inHex(await doors[1].find(people, soon()))).toEqual(inHex(made));
    expect((await vault.open(people, soon())).size).toBe(230);
  });

  test('an erased key is gone for all, others stay, and who asked is on record; the person may get another', async () => {
    const { doors, vault } = open();
    const [gone, stays] = [person('gone'), person('stays')];
    const made = inHex(await doors[0].make([gone, stays], soon()));

    const erasure = await vault.erase(gone, 'officer-1', soon());

    expect(erasure).toEqual({ person: gone, by: 'officer-1', erased: true, erasedAt: expect.stringMatching(/Z$/) });
    expect(inHex(await doors[1].find([gone, stays], soon()))).toEqual(new Map([[stays, made.get(stays)]]));
    expect([...(await vault.open([gone, stays], soon())).keys()]).toEqual([stays]);
    expect(await vault.erase(gone, 'officer-1', soon())).toMatchObject({ erased: false });
    expect(inHex(await doors[0].make([gone], soon())).get(gone)).not.toBe(made.get(gone));
  });
};

import { randomBytes } from 'node:crypto';

import { KEY_BYTES, type KeyPair, keyPairOf } from '#domain/seal.ts';
import type { Clock } from '#ports/clock.ts';
import type { Erasure, PersonKeys, PersonVault, PublicKeys } from '#ports/person-keys.ts';

/** Keeps people's keys for as long as the process lives: for tests and tools. */
export class MemoryPersonKeys implements PersonKeys, PersonVault {
  readonly #keys = new Map<string, KeyPair>();
  readonly #clock: Clock;
  /** Every erasure asked for, oldest first. */
  readonly erasures: Erasure[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async find(people: readonly string[]): Promise<PublicKeys> {
    return new Map([...(await this.open(people))].map(([person, { publicKey }]) => [person, publicKey]));
  }

  async make(people: readonly string[]): Promise<PublicKeys> {
    for (const person of people) {
      if (!this.#keys.has(person)) this.#keys.set(person, keyPairOf(randomBytes(KEY_BYTES)));
    }
    return this.find(people);
  }

  async open(people: readonly string[]): Promise<ReadonlyMap<string, KeyPair>> {
    const found = people.flatMap((person) => {
      const pair = this.#keys.get(person);
      return pair ? [[person, pair] as const] : [];
    });
    return new Map(found);
  }

  async erase(person: string, by: string): Promise<Erasure> {
    const erasedAt = new Date(this.#clock.nowMs()).toISOString();
    const erasure = { person, erasedAt, by, erased: this.#keys.delete(person) };
    this.erasures.push(erasure);
    return erasure;
  }
}

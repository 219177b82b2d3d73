import { randomBytes } from 'node:crypto';

import type { Originals } from '#domain/originals.ts';
import { KEY_BYTES, type KeyPair, keyPairOf, NONCE_BYTES, type SealingKey, seal, sealingKeyFor } from '#domain/seal.ts';
import type { Sealing, Unsealed } from '#domain/sealed.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { PersonKeys, PublicKeys } from '#ports/person-keys.ts';
import type { Sealer } from '#ports/sealer.ts';
import type { Logger, Metrics } from '#ports/telemetry.ts';

/** What the sealer is made of. */
export interface PersonSealerOptions {
  readonly keys: PersonKeys;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** @default {@link MOST_KEPT} */
  readonly mostKept?: number;
}

/** People whose keys an environment keeps at hand: about 2 MB. */
const MOST_KEPT = 10_000;
/**
 * After this long, keys are asked for again, so that a person whose key was erased gets another. What was sealed with
 * opens what it has sealed: it leaves the memory with the next work that comes, used again or not.
 */
const KEPT_MS = 5 * 60_000;
/** How long one pair of the sender's serves; its private half leaves the memory then. */
const SENDER_MS = 10 * 60_000;

interface Kept extends SealingKey {
  readonly untilMs: number;
}

/** Seals with people's public keys, and keeps those lately used at hand: a known person costs no call. */
export class PersonSealer implements Sealer {
  readonly #options: PersonSealerOptions;
  /** By person, the one asked for longest ago first. */
  readonly #kept = new Map<string, Kept>();
  #sender: { readonly pair: KeyPair; readonly untilMs: number } | undefined;

  constructor(options: PersonSealerOptions) {
    this.#options = options;
  }

  async seal(originals: readonly Originals[], deadline: Deadline, logger: Logger): Promise<readonly Sealing[]> {
    this.#forgetOld();
    const wanted = originals.filter(({ tooLarge }) => !tooLarge).flatMap(({ people }) => people);
    const { keys, missing } = await this.#keysOf(new Set(wanted), deadline, logger);
    const sealings = originals.map((each) => sealingOf(each, keys, missing));
    const lost = sealings.filter(({ unsealed }) => unsealed !== undefined).length;
    if (lost > 0) this.#options.metrics.count('OriginalsUnsealed', lost);
    return sealings;
  }

  /** The keys that can be had in time; and why others cannot. */
  async #keysOf(
    people: ReadonlySet<string>,
    deadline: Deadline,
    logger: Logger,
  ): Promise<{ readonly keys: ReadonlyMap<string, SealingKey>; readonly missing: Unsealed }> {
    const keys = new Map<string, SealingKey>();
    const unknown = [...people].filter((person) => !this.#take(person, keys));
    const startedWithMs = deadline.remainingMs();
    try {
      const found: PublicKeys = unknown.length > 0 ? await this.#options.keys.find(unknown, deadline) : new Map();
      this.#keep(found, keys);
      const without = unknown.filter((person) => !found.has(person));
      if (without.length > 0) this.#keep(await this.#options.keys.make(without, deadline), keys);
      return { keys, missing: 'unavailable' };
    } catch (error) {
      // Whatever it is, an event without its originals is better than no decision.
      logger.error('people’s keys cannot be had', error, { people: unknown.length });
      return { keys, missing: startedWithMs > 0 && deadline.remainingMs() === 0 ? 'timeout' : 'unavailable' };
    }
  }

  /** Takes a key that is at hand. @returns false if there is none. */
  #take(person: string, into: Map<string, SealingKey>): boolean {
    const kept = this.#kept.get(person);
    if (kept) into.set(person, kept);
    return kept !== undefined;
  }

  #keep(found: PublicKeys, into: Map<string, SealingKey>): void {
    for (const [person, publicKey] of found) {
      const untilMs = this.#options.clock.nowMs() + KEPT_MS;
      const kept = { ...sealingKeyFor(person, publicKey, this.#senderNow()), untilMs };
      into.set(person, kept);
      // Behind all others, also where another call has asked for the same person meanwhile.
      this.#kept.delete(person);
      this.#kept.set(person, kept);
    }
    this.#forgetOld();
  }

  /** Forgets keys that have had their time, and the oldest of too many. */
  #forgetOld(): void {
    const { clock, mostKept = MOST_KEPT } = this.#options;
    const nowMs = clock.nowMs();
    if (this.#sender && this.#sender.untilMs <= nowMs) this.#sender = undefined;
    for (const [person, { untilMs }] of this.#kept) {
      if (untilMs > nowMs && this.#kept.size <= mostKept) return;
      this.#kept.delete(person);
    }
  }

  #senderNow(): KeyPair {
    this.#sender ??= { pair: keyPairOf(randomBytes(KEY_BYTES)), untilMs: this.#options.clock.nowMs() + SENDER_MS };
    return this.#sender.pair;
  }
}

const sealingOf = (originals: Originals, keys: ReadonlyMap<string, SealingKey>, missing: Unsealed): Sealing => {
  if (originals.tooLarge) return { unsealed: 'too_large' };
  const sealed = originals.seal((person, text, place) => {
    const key = keys.get(person);
    return key && seal(text, key, place, randomBytes(NONCE_BYTES));
  });
  return {
    ...(sealed.length > 0 && { sealed }),
    ...(sealed.length < originals.people.length && { unsealed: missing }),
  };
};

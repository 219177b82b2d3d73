import { randomBytes } from 'node:crypto';

import { EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';

import { ServiceError } from '#domain/errors.ts';
import { KEY_BYTES, keyPairOf } from '#domain/seal.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import { deadlineIn, orAborted } from '#runtime/deadline.ts';
import type { AwsCall } from './aws-call.ts';

/** A key pair that people's private keys are wrapped for; its private half is known to KMS alone. */
export interface WrappingKey {
  readonly id: string;
  readonly publicKey: Uint8Array;
  /** The private half as KMS encrypted it, under {@link wrappingContextOf}. */
  readonly encrypted: Uint8Array;
}

/** What KMS must be told again to decrypt a wrapping key; CloudTrail shows it with every use. */
export const wrappingContextOf = (id: string) => ({ use: 'person-keys', wrapping: id });

/** What the recipient of a wrapped private key is called. */
export const wrappingNameOf = (id: string): string => `wrapping/${id}`;

/** How long one wrapping key serves an environment. */
const KEPT_MS = 60 * 60_000;
/** The call has a time of its own, since callers with more and with less time left share it. */
const CALL_MS = 5_000;

export interface KmsWrappingKeysOptions {
  readonly kms: KMSClient;
  readonly keyArn: string;
  readonly call: AwsCall;
  readonly clock: Clock;
}

/**
 * Makes wrapping keys: one for an environment and hour, so that people's keys cost no call of KMS each, and go on being
 * made while KMS is away. The private half is forgotten as soon as KMS has encrypted it.
 */
export class KmsWrappingKeys {
  readonly #options: KmsWrappingKeysOptions;
  #current: { readonly key: Promise<WrappingKey>; readonly untilMs: number } | undefined;

  constructor(options: KmsWrappingKeysOptions) {
    this.#options = options;
  }

  /** @throws {ServiceError} `store_unavailable` when KMS does not answer in time. */
  async current(deadline: Deadline): Promise<WrappingKey> {
    const nowMs = this.#options.clock.nowMs();
    if (!this.#current || this.#current.untilMs <= nowMs) {
      const current = { key: this.#make(deadlineIn(CALL_MS)), untilMs: nowMs + KEPT_MS };
      this.#current = current;
      current.key.catch(() => {
        if (this.#current === current) this.#current = undefined;
      });
    }
    try {
      return await orAborted(this.#current.key, deadline.signal);
    } catch (cause) {
      if (cause instanceof ServiceError) throw cause;
      throw new ServiceError('store_unavailable', 'the key of people’s keys did not answer in time', { cause });
    }
  }

  async #make(deadline: Deadline): Promise<WrappingKey> {
    const { kms, keyArn, call } = this.#options;
    const id = randomBytes(12).toString('hex');
    const seed = randomBytes(KEY_BYTES);
    const { publicKey } = keyPairOf(seed);
    const command = new EncryptCommand({ KeyId: keyArn, Plaintext: seed, EncryptionContext: wrappingContextOf(id) });
    const what = 'the key of people’s keys';
    const { CiphertextBlob } = await call((options) => kms.send(command, options), { deadline, what }).finally(() =>
      seed.fill(0),
    );
    if (!CiphertextBlob) throw new ServiceError('store_unavailable', 'KMS answered without a ciphertext');
    return { id, publicKey, encrypted: CiphertextBlob };
  }
}

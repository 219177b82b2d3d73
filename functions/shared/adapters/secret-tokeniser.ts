import { createHmac } from 'node:crypto';

import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';

import { ServiceError } from '#domain/errors.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { Tokeniser, TokeniserSource } from '#ports/tokeniser.ts';
import { deadlineIn, orAborted, systemClock } from '#runtime/deadline.ts';
import type { AwsCall } from './aws-call.ts';

/** Keys by version, from 1, none of them left out, and which of them new tokens are made with. */
export interface TokenKeys {
  readonly current: number;
  /** The key of version 1 first. */
  readonly keys: readonly string[];
}

/** One digit, so that all tokens are of one length: chunks of a file that is read again are cut by it. */
const MOST_KEYS = 9;
const LEAST_KEY_LENGTH = 16;

/** The secret: `{"current":1,"k1":"…"}`. Keys are added, never taken away: see docs/decisions/0005. */
const TokenSecretSchema = z
  .object({ current: z.int().min(1).max(MOST_KEYS) })
  .catchall(z.string())
  .transform((secret, context): TokenKeys => {
    const { current } = secret;
    const count = Object.keys(secret).filter((name) => /^k[1-9]\d*$/.test(name)).length;
    const keys = Array.from({ length: count }, (_, index): unknown => secret[`k${index + 1}`]);
    const sound = keys.every((key): key is string => typeof key === 'string' && key.length >= LEAST_KEY_LENGTH);
    if (sound && current <= count && count <= MOST_KEYS) return { current, keys };
    context.addIssue({ code: 'custom', message: 'a key from k1 on is missing, or shorter than 16 characters' });
    return z.NEVER;
  });

/** Characters of a token behind its key's version: 144 bits in base64url. */
const TOKEN_CHARACTERS = 24;

/**
 * Tokens under these keys. Domain and value are joined by a character that no domain holds, so that no value of one
 * domain can pass for a value of another, and no content for either.
 */
export const hmacTokeniser = ({ current, keys }: TokenKeys): Tokeniser => {
  const tokenUnder = (version: number, domain: string, value: string): string => {
    const digest = createHmac('sha256', keys[version - 1]!).update(`assay/token\0${domain}\0${value}`);
    return `t${version}_${digest.digest('base64url').slice(0, TOKEN_CHARACTERS)}`;
  };
  return {
    token: (domain, value) => tokenUnder(current, domain, value),
    tokens: (domain, value) => keys.map((_, index) => tokenUnder(index + 1, domain, value)),
    fingerprint: (content) => createHmac('sha256', keys[0]!).update(`assay/content\0${content}`).digest('hex'),
  };
};

/** The read has a time of its own, since callers with more and with less time left share it. */
const READ_MS = 8_000;
/** Keys are read again after this long, so that a new one is known everywhere before it becomes the current one. */
const REREAD_AFTER_MS = 5 * 60_000;

/**
 * The tokeniser whose keys are in Secrets Manager. A failed first read is repeated by the next call. Later reads go on
 * behind the callers, who never wait for them: while the secret cannot be read, the keys that are known stay in use.
 */
export class SecretTokeniserSource implements TokeniserSource {
  readonly #secrets: SecretsManagerClient;
  readonly #secretArn: string;
  readonly #call: AwsCall;
  readonly #clock: Clock;
  #known: Promise<Tokeniser> | undefined;
  #readAtMs = 0;

  constructor(secrets: SecretsManagerClient, secretArn: string, call: AwsCall, clock: Clock = systemClock) {
    this.#secrets = secrets;
    this.#secretArn = secretArn;
    this.#call = call;
    this.#clock = clock;
  }

  async current(deadline: Deadline): Promise<Tokeniser> {
    this.#known ??= this.#readFirst();
    const reading = this.#known;
    if (Math.abs(this.#clock.nowMs() - this.#readAtMs) >= REREAD_AFTER_MS) this.#readAgain();
    try {
      return await orAborted(reading, deadline.signal);
    } catch (error) {
      if (error instanceof ServiceError) throw error;
      throw new ServiceError('store_unavailable', 'the token key cannot be read; repeat the request', { cause: error });
    }
  }

  #readFirst(): Promise<Tokeniser> {
    this.#readAtMs = this.#clock.nowMs();
    const reading = this.#read(deadlineIn(READ_MS));
    reading.catch(() => {
      this.#known = undefined;
    });
    return reading;
  }

  #readAgain(): void {
    this.#readAtMs = this.#clock.nowMs();
    const known = this.#known;
    const keep = (tokeniser: Tokeniser): void => {
      if (this.#known === known) this.#known = Promise.resolve(tokeniser);
    };
    this.#read(deadlineIn(READ_MS)).then(keep, () => {});
  }

  async #read(deadline: Deadline): Promise<Tokeniser> {
    const command = new GetSecretValueCommand({ SecretId: this.#secretArn });
    const { SecretString } = await this.#call((options) => this.#secrets.send(command, options), {
      deadline,
      what: 'the token key',
    });
    const secret = TokenSecretSchema.safeParse(jsonOf(SecretString));
    // Not even the schema's findings are passed on: the text is the key.
    if (!secret.success) throw new ServiceError('store_unavailable', "the token key's secret has another form");
    return hmacTokeniser(secret.data);
  }
}

const jsonOf = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
};

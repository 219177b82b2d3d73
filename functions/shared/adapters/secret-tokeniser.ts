import { createHmac } from 'node:crypto';

import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';

import { ServiceError } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import type { Tokeniser, TokeniserSource } from '#ports/tokeniser.ts';
import { deadlineIn, orAborted } from '#runtime/deadline.ts';
import type { AwsCall } from './aws-call.ts';

/** The secret: `{"current":1,"k1":"…"}`, keys by version and which of them new tokens are made with. */
const TokenSecretSchema = z
  .object({ current: z.int().min(1).max(9_999) })
  .catchall(z.string())
  .transform((secret, context) => {
    const key: unknown = secret[`k${secret.current}`];
    if (typeof key === 'string' && key.length >= 16) return { version: secret.current, key };
    context.addIssue({ code: 'custom', message: 'the current key is missing or shorter than 16 characters' });
    return z.NEVER;
  });

/** Characters of a token behind its key's version: 144 bits in base64url. */
const TOKEN_CHARACTERS = 24;

/**
 * Tokens under one key. Domain and value are joined by a character that no domain holds, so that no value of one
 * domain can pass for a value of another.
 *
 * @param version - of the key, part of each token.
 */
export const hmacTokeniser = (key: string, version: number): Tokeniser => ({
  token: (domain, value) => {
    const digest = createHmac('sha256', key).update(`assay/token\0${domain}\0${value}`).digest('base64url');
    return `t${version}_${digest.slice(0, TOKEN_CHARACTERS)}`;
  },
});

/** The tokeniser whose key is in Secrets Manager. The key is read once per environment; a failed read is repeated. */
export class SecretTokeniserSource implements TokeniserSource {
  readonly #secrets: SecretsManagerClient;
  readonly #secretArn: string;
  readonly #call: AwsCall;
  #reading: Promise<Tokeniser> | undefined;

  constructor(secrets: SecretsManagerClient, secretArn: string, call: AwsCall) {
    this.#secrets = secrets;
    this.#secretArn = secretArn;
    this.#call = call;
  }

  async current(deadline: Deadline): Promise<Tokeniser> {
    this.#reading ??= this.#read(deadlineIn(READ_MS)).catch((error: unknown) => {
      this.#reading = undefined;
      throw error;
    });
    try {
      return await orAborted(this.#reading, deadline.signal);
    } catch (error) {
      if (error instanceof ServiceError) throw error;
      throw new ServiceError('store_unavailable', 'the token key cannot be read; repeat the request', { cause: error });
    }
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
    return hmacTokeniser(secret.data.key, secret.data.version);
  }
}

/** The read has a time of its own, since callers with more and with less time left share it. */
const READ_MS = 8_000;

const jsonOf = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
};

import { createHash } from 'node:crypto';

import { secretsError } from './aws-errors.ts';

/** The one secret of a deployment: keys of the tokens. */
const TOKEN_KEYS = JSON.stringify({ current: 1, k1: 'a-key-of-the-proof-that-is-long-enough-to-be-one' });

/** Secrets Manager, as far as functions read from it. @throws what the client would throw. */
export const secretOf = (operation: string, input: Record<string, unknown>): unknown => {
  if (operation !== 'GetSecretValue') throw new Error(`the fake of Secrets Manager has no ${operation}; teach it`);
  if (!String(input.SecretId).includes(':secretsmanager:')) throw secretsError('ResourceNotFoundException', 400);
  return { SecretString: TOKEN_KEYS, VersionId: 'v1' };
};

interface Wrapped {
  readonly plain: string;
  readonly context: string;
}

const contextOf = (input: Record<string, unknown>): string => JSON.stringify(input.EncryptionContext ?? {});

/** KMS with one key: what it wraps, it unwraps under the same encryption context and no other. */
export class FakeKms {
  #made = 0;

  /** Carries a request out. @throws what the client would throw. */
  handle(operation: string, input: Record<string, unknown>): unknown {
    const context = contextOf(input);
    if (operation === 'GenerateDataKey' || operation === 'GenerateDataKeyWithoutPlaintext') {
      const Plaintext = createHash('sha256')
        .update(`data key ${++this.#made}`)
        .digest();
      const CiphertextBlob = this.#wrap(Plaintext, context);
      return { CiphertextBlob, KeyId: input.KeyId, ...(operation === 'GenerateDataKey' && { Plaintext }) };
    }
    if (operation === 'Encrypt') {
      return { CiphertextBlob: this.#wrap(input.Plaintext as Uint8Array, context), KeyId: input.KeyId };
    }
    if (operation !== 'Decrypt') throw new Error(`the fake of KMS has no ${operation}; teach it`);
    const wrapped = JSON.parse(Buffer.from(input.CiphertextBlob as Uint8Array).toString('utf8')) as Wrapped;
    if (wrapped.context !== context) throw secretsError('InvalidCiphertextException', 400);
    return { Plaintext: Buffer.from(wrapped.plain, 'base64') };
  }

  #wrap(plain: Uint8Array, context: string): Buffer {
    return Buffer.from(JSON.stringify({ plain: Buffer.from(plain).toString('base64'), context } satisfies Wrapped));
  }
}

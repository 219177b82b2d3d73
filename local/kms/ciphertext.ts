import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AwsError } from '../errors.ts';

/** What must be named again to decrypt; authenticated with the ciphertext, not part of it. */
export type EncryptionContext = Readonly<Record<string, string>>;

const FORMAT = 1;
const ID_BYTES = 36;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + ID_BYTES + IV_BYTES + TAG_BYTES;

/** AES-256-GCM under a key's secret. The result names its key: format, key id, nonce, tag, ciphertext. */
export const seal = (keyId: string, secret: Uint8Array, plaintext: Uint8Array, context: EncryptionContext): Buffer => {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', secret, iv).setAAD(additional(keyId, context));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([Buffer.from([FORMAT]), Buffer.from(keyId, 'latin1'), iv, cipher.getAuthTag(), body]);
};

/**
 * The id of the key that a ciphertext was made under.
 *
 * @throws {AwsError} InvalidCiphertextException if it was not made here.
 */
export const keyIdIn = (sealed: Uint8Array): string => {
  if (sealed.length < HEADER_BYTES || sealed[0] !== FORMAT) throw invalidCiphertext();
  return Buffer.from(sealed.subarray(1, 1 + ID_BYTES)).toString('latin1');
};

/** @throws {AwsError} InvalidCiphertextException if it was changed, or sealed under another context. */
export const open = (sealed: Uint8Array, secret: Uint8Array, context: EncryptionContext): Buffer => {
  const iv = sealed.subarray(1 + ID_BYTES, 1 + ID_BYTES + IV_BYTES);
  const tag = sealed.subarray(HEADER_BYTES - TAG_BYTES, HEADER_BYTES);
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret, iv)
      .setAAD(additional(keyIdIn(sealed), context))
      .setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed.subarray(HEADER_BYTES)), decipher.final()]);
  } catch {
    throw invalidCiphertext();
  }
};

const additional = (keyId: string, context: EncryptionContext): Buffer => {
  const pairs = Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1));
  return Buffer.from(JSON.stringify([keyId, pairs]));
};

const invalidCiphertext = (): AwsError =>
  new AwsError('InvalidCiphertextException', 'the ciphertext is not of this key and encryption context');

import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';

/** Bytes of a public key, of the seed of a key pair, and of the key that a box is sealed with. */
export const KEY_BYTES = 32;
/** Bytes of a nonce: chosen by chance for every box. */
export const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 1;
const HEADER_BYTES = 1 + KEY_BYTES + NONCE_BYTES;
/** Plaintexts are filled up to whole blocks of this many bytes: a box tells little of the length of what is in it. */
const BLOCK_BYTES = 32;

/** ASN.1 around a bare X25519 key (RFC 8410). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');

/** An X25519 key pair. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

/** A box that is damaged, or not for this person and place. */
export class UnsealError extends Error {
  override readonly name = 'UnsealError';
}

/** The key pair of a seed. @param seed - 32 bytes of chance. */
export const keyPairOf = (seed: Uint8Array): KeyPair => {
  const der = Buffer.concat([PRIVATE_PREFIX, seed]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES);
  return { publicKey, privateKey };
};

/** What boxes for one recipient are sealed with; whoever holds it can open them, so it lives in memory alone. */
export interface SealingKey {
  /** Public key of the sender's pair, which every box carries. */
  readonly sender: Uint8Array;
  /** Not bare bytes, of which Node would make such an object for every box: that takes longer than sealing. */
  readonly key: KeyObject;
}

/**
 * Agrees on a key with a recipient who is not there: X25519, then HKDF-SHA256 over both public keys and the recipient's
 * name (as RFC 9180 does it in its base mode). The sender's pair may serve many recipients. About 0.1 ms.
 *
 * @param recipient - name that the opener must know: a person, or a wrapping key.
 */
export const sealingKeyFor = (recipient: string, publicKey: Uint8Array, sender: KeyPair): SealingKey => ({
  sender: sender.publicKey,
  key: agreedKey(recipient, { ours: sender.privateKey, theirs: publicKey, sender: sender.publicKey, publicKey }),
});

interface Agreement {
  readonly ours: KeyObject;
  readonly theirs: Uint8Array;
  readonly sender: Uint8Array;
  readonly publicKey: Uint8Array;
}

const agreedKey = (recipient: string, { ours, theirs, sender, publicKey }: Agreement): KeyObject => {
  const theirKey = createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, theirs]), format: 'der', type: 'spki' });
  const secret = diffieHellman({ privateKey: ours, publicKey: theirKey });
  const salt = Buffer.concat([sender, publicKey]);
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, salt, `assay/sealed/1\0${recipient}`, KEY_BYTES)));
};

/**
 * Seals a text with AES-256-GCM.
 *
 * @param place - where the box belongs; it opens nowhere else.
 * @param nonce - 12 bytes of chance, never used twice with a key.
 * @returns base64url of format, sender, nonce, ciphertext and tag: {@link boxLengthOf} characters.
 */
export const seal = (text: string, { sender, key }: SealingKey, place: string, nonce: Uint8Array): string => {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
  const body = cipher.update(padded(text), 'utf8');
  const parts = [Buffer.of(FORMAT), sender, nonce, body, cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(parts).toString('base64url');
};

/** Characters of the box of a text: a function of the text's length alone. */
export const boxLengthOf = (text: string): number =>
  Math.ceil(((HEADER_BYTES + paddedBytes(text) + TAG_BYTES) * 4) / 3);

const paddedBytes = (text: string): number => Math.ceil((Buffer.byteLength(text) + 1) / BLOCK_BYTES) * BLOCK_BYTES;

/** A mark behind the text, then zeros: no text can end so that it is not found again. */
const padded = (text: string): string =>
  `${text}\u0001`.padEnd(text.length + paddedBytes(text) - Buffer.byteLength(text), '\0');

/**
 * Opens a box.
 *
 * @throws {UnsealError} if it was changed, is for someone else, or belongs elsewhere.
 */
export const unseal = (box: string, recipient: string, { publicKey, privateKey }: KeyPair, place: string): string => {
  const bytes = Buffer.from(box, 'base64url');
  if (bytes[0] !== FORMAT || bytes.length < HEADER_BYTES + BLOCK_BYTES + TAG_BYTES) {
    throw new UnsealError('this is no box of format 1');
  }
  const sender = bytes.subarray(1, 1 + KEY_BYTES);
  try {
    const key = agreedKey(recipient, { ours: privateKey, theirs: sender, sender, publicKey });
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1 + KEY_BYTES, HEADER_BYTES))
      .setAAD(Buffer.from(place))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = Buffer.concat([
      decipher.update(bytes.subarray(HEADER_BYTES, -TAG_BYTES)),
      decipher.final(),
    ]).toString();
    return text.slice(0, text.lastIndexOf('\u0001'));
  } catch (cause) {
    throw new UnsealError('the box was changed, or is not for this person and place', { cause });
  }
};

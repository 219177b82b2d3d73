import { randomBytes } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  boxLengthOf,
  KEY_BYTES,
  type KeyPair,
  keyPairOf,
  NONCE_BYTES,
  seal,
  sealingKeyFor,
  UnsealError,
  unseal,
} from '#domain/seal.ts';

const pair = (): KeyPair => keyPairOf(randomBytes(KEY_BYTES));
const [recipient, sender, stranger] = [pair(), pair(), pair()];
const PERSON = 'person#t1_AAAAAAAAAAAAAAAAAAAAAAAA';
const PLACE = 'order\0order-1';
const sealed = (text: string, nonce: Uint8Array = randomBytes(NONCE_BYTES)): string =>
  seal(text, sealingKeyFor(PERSON, recipient.publicKey, sender), PLACE, nonce);
const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 200 }));

test('a key pair is that of its seed (RFC 7748, section 6.1, Alice)', () => {
  const seed = Buffer.from('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a', 'hex');

  expect(Buffer.from(keyPairOf(seed).publicKey).toString('hex')).toBe(
    '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
  );
});

describe('a box', () => {
  test('opens to what was sealed, whatever that is', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(unseal(sealed(text), PERSON, recipient, PLACE)).toBe(text.toWellFormed());
      }),
    );
  });

  test('is as long as the length of its text says, within blocks of 32 bytes', () => {
    fc.assert(fc.property(anyText, (text) => expect(sealed(text)).toHaveLength(boxLengthOf(text))));
    expect(boxLengthOf('a')).toBe(boxLengthOf('a'.repeat(31)));
    expect(boxLengthOf('a'.repeat(32))).toBeGreaterThan(boxLengthOf('a'.repeat(31)));
  });

  test('shows nothing of its text, in no form', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, maxLength: 100 }), (text) => {
        const bytes = Buffer.from(sealed(text), 'base64url');

        expect(bytes.includes(Buffer.from(text))).toBe(false);
      }),
    );
  });

  test('does not open when any one bit of it has changed', () => {
    const box = Buffer.from(sealed('jane@mail.example'), 'base64url');
    fc.assert(
      fc.property(fc.nat(box.length * 8 - 1), (bit) => {
        const changed = Buffer.from(box);
        changed[bit >> 3]! ^= 1 << (bit & 7);

        expect(() => unseal(changed.toString('base64url'), PERSON, recipient, PLACE)).toThrow(UnsealError);
      }),
      { numRuns: 400 },
    );
  });

  test('does not open when it is cut short or has something behind it', () => {
    const box = Buffer.from(sealed('jane@mail.example'), 'base64url');
    fc.assert(
      fc.property(fc.nat(box.length - 1), (bytes) => {
        const cut = box.subarray(0, bytes).toString('base64url');

        expect(() => unseal(cut, PERSON, recipient, PLACE)).toThrow(UnsealError);
      }),
    );
    expect(() => unseal(Buffer.concat([box, Buffer.of(0)]).toString('base64url'), PERSON, recipient, PLACE)).toThrow();
  });

  test.each([
    { what: 'for the key of another', open: (box: string) => unseal(box, PERSON, stranger, PLACE) },
    { what: 'for its sender', open: (box: string) => unseal(box, PERSON, sender, PLACE) },
    { what: 'under another person’s name', open: (box: string) => unseal(box, `${PERSON}B`, recipient, PLACE) },
    { what: 'as part of another event', open: (box: string) => unseal(box, PERSON, recipient, 'order\0order-2') },
  ])('does not open $what', ({ open }) => {
    expect(() => open(sealed('jane@mail.example'))).toThrow(UnsealError);
  });

  test('is another one each time', () => {
    expect(sealed('jane@mail.example')).not.toBe(sealed('jane@mail.example'));
  });
});

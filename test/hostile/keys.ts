import { Random } from '../../bin/simulation/random.ts';
import { arrivedObjectOf, decodeKey } from '../../functions/ingestion/notification.ts';
import { placeOf } from '../../functions/ingestion/place.ts';
import { type Group, resultOf } from '../prove/group.ts';

const COUNTS = { small: 2_000, quick: 100_000, nightly: 1_000_000 } as const;
/** Bytes of the longest key that S3 takes. */
const MOST_KEY_BYTES = 1_024;

const PLAIN = /[A-Za-z0-9._*/-]/;
const HEX = Array.from({ length: 256 }, (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`);

/** A key as S3 writes it into a notification: like a form, byte by byte of its UTF-8, but for the slashes. */
export const asS3Writes = (key: string): string => {
  let written = '';
  for (const byte of Buffer.from(key)) {
    const character = String.fromCharCode(byte);
    if (byte === 0x20) written += '+';
    else written += byte < 0x80 && PLAIN.test(character) ? character : HEX[byte]!;
  }
  return written;
};

const ALPHABETS: readonly string[][] = [
  [...'abcdefghijklmnopqrstuvwxyz0123456789'],
  [...' +%&=?#"\'<>\\/:;,.~*()[]{}|^`@!$-_'],
  [...'äöüßéèçñøłşğıІЖ中文日本語한국어'],
  ['😀', '👩‍👧', '\u0301', '\u202e', '\u200b', '\u0000', '\t', '\n', '\u007f', '\ufeff', '\u{10ffff}'],
  ['%20', '%2B', '%', '%%', '%E2%82', '+', '%zz', '..', '//', '%25'],
];

const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random.whole(0, items.length - 1)]!;

/** A key that S3 might hold. */
export const keyOf = (random: Random): string => {
  const prefix = random.chance(0.5) ? pick(random, ['events/payment/', 'feedback/payment/', 'events/', 'x/']) : '';
  const length = random.chance(0.01) ? random.whole(200, 300) : random.whole(1, 24);
  let key = prefix;
  for (let index = 0; index < length; index++) key += pick(random, pick(random, ALPHABETS));
  return Buffer.byteLength(key) <= MOST_KEY_BYTES ? key : key.slice(0, 200);
};

const entryOf = (key: string) => ({
  eventName: 'ObjectCreated:Put',
  s3: { bucket: { name: 'inbox' }, object: { key, size: 1, versionId: 'v1' } },
});

/** What goes wrong on the way of a key through a notification; undefined when nothing does. */
export const lostOn = (key: string, written = asS3Writes(key)): string | undefined => {
  if (decodeKey(written) !== key) return `${JSON.stringify(key)} comes back as ${JSON.stringify(decodeKey(written))}`;
  const arrived = arrivedObjectOf(entryOf(written));
  return arrived?.key === key && !arrived.malformedKey ? undefined : `${JSON.stringify(key)} is not what arrives`;
};

/** Whether a key that nobody could have written is told, and put into quarantine instead of being tried again. */
const isTold = (written: string): boolean => {
  const arrived = arrivedObjectOf(entryOf(written));
  if (!arrived) return false;
  const place = placeOf(arrived);
  return arrived.malformedKey ? !place.ok && place.reason === 'malformed_key' : decodeKey(written) === arrived.key;
};

/** Sends keys through notifications, as S3 writes them and as nobody should. */
export const s3Keys: Group = {
  name: 's3-keys',
  quick: '100k round trips',
  nightly: '1M round trips',
  run: async ({ scale, seed, onProgress }) => {
    const total = COUNTS[scale];
    const random = new Random(seed, 'keys');
    const problems: string[] = [];
    let malformed = 0;
    for (let index = 0; index < total; index++) {
      if (index % 10_000 === 0) onProgress(index / total);
      const key = keyOf(random);
      const lost = lostOn(key);
      if (lost && problems.length < 20) problems.push(`key ${index} of seed ${seed}: ${lost}`);
      if (index % 10 > 0) continue;
      const written = asS3Writes(key);
      const cut = random.whole(0, written.length);
      const broken = `${written.slice(0, cut)}%${pick(random, ['', 'z', 'E2', 'C3%28', 'FF'])}${written.slice(cut)}`;
      if (decodeKey(broken) === undefined) malformed++;
      if (!isTold(broken) && problems.length < 20) problems.push(`key ${index} of seed ${seed}: ${broken} is not told`);
    }
    if (malformed === 0) problems.push('no key was malformed: nothing was shown');
    return resultOf(
      { counts: { keys: total, malformed }, seeds: [seed] },
      'every key comes back; a malformed one is in quarantine',
      problems,
    );
  },
};

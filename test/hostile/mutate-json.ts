import type { Random } from '../../bin/simulation/random.ts';
import { CARD, MARK } from './doors.ts';

type Node = Record<string, unknown> | unknown[];

const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random.whole(0, items.length - 1)]!;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);

/** Values that break what takes them for granted. Each is made anew. */
const HOSTILE: readonly ((random: Random) => unknown)[] = [
  () => null,
  () => '',
  () => ' ',
  () => true,
  () => 0,
  () => -0,
  () => 1e308,
  () => 2 ** 53,
  () => 'NaN',
  () => '1e400',
  () => '1e-400',
  () => Number('4111111111111111119'),
  () => '0x10',
  () => '1,000.00',
  () => '2024-02-30T10:00:00Z',
  () => '2026-11-20',
  () => '2026-11-20T10:00:00',
  () => '9999-12-31T23:59:59Z',
  () => '0000-01-01T00:00:00+23:59',
  () => `${MARK}\ud800`,
  () => `${MARK}\u0000`,
  () => `\u202e${MARK}`,
  () => MARK.repeat(4_000),
  () => `${MARK} ${CARD}`,
  () => '4539 1488 0343 6467',
  () => Number(CARD),
  () => [],
  () => ({}),
  () => ({ __proto__: { polluted: true } }),
  () => JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  () => [[[[]]]],
  () => nested(20),
  () => nested(31),
  () => Array.from({ length: 600 }, () => ({})),
  () => Object.fromEntries(Array.from({ length: 1_200 }, (_, index) => [`k${index}`, index])),
  (random) => Array.from({ length: 3 }, () => random.unit()),
];

/** Names that break what looks them up. */
const NAMES: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'length',
  'cvv',
  'cardCvv',
  'PIN',
  'track2',
  CARD,
  '',
  ' ',
  'event id',
  'EVENT_ID',
  'eventId',
  'amount',
  'Amount',
  'ämount',
  'a\u0308mount',
  '$amount',
  'x'.repeat(300),
  'label',
  'EVENT_LABEL',
  'eventVariables',
  'entities',
];

/** Every place in a body: its parent and its key there. */
const placesIn = (root: Node): { readonly parent: Node; readonly key: string }[] => {
  const places: { readonly parent: Node; readonly key: string }[] = [];
  const visit = (parent: Node): void => {
    for (const [key, value] of Object.entries(parent)) {
      places.push({ parent, key });
      if (isNode(value)) visit(value);
    }
  };
  visit(root);
  return places;
};

const put = (parent: Node, key: string, value: unknown): void => {
  // A list has no names: what would be given one goes behind the others.
  const place = Array.isArray(parent) && !/^\d+$/.test(key) ? String(parent.length) : key;
  // Assigning `__proto__` would change the parent instead of giving it the key.
  Object.defineProperty(parent, place, { value, enumerable: true, configurable: true, writable: true });
};

const take = (parent: Node, key: string): void => {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
};

type Mutation = (root: Node, random: Random) => void;

const at = (change: (parent: Node, key: string, random: Random) => void): Mutation => {
  return (root, random) => {
    const { parent, key } = pick(random, placesIn(root));
    change(parent, key, random);
  };
};

/** A value as text, whatever its own idea of that is. */
const textOf = (value: unknown): string => (isNode(value) ? JSON.stringify(value) : String(value));

const valueAt = (parent: Node, key: string): unknown => (parent as Record<string, unknown>)[key];

/** Changes that mean something else, or nothing any more. */
const CHANGES: readonly Mutation[] = [
  at(take),
  at((parent, key, random) => put(parent, key, pick(random, HOSTILE)(random))),
  at((parent, key, random) => put(parent, key, pick(random, HOSTILE)(random))),
  at((parent, key, random) => put(parent, pick(random, NAMES), valueAt(parent, key))),
  at((parent, _key, random) => put(parent, pick(random, NAMES), pick(random, HOSTILE)(random))),
  at((parent, key) => put(parent, key, [valueAt(parent, key)])),
  at((parent, key) => put(parent, key, { [key]: valueAt(parent, key) })),
  at((parent, key) => put(parent, key, textOf(valueAt(parent, key)))),
  at((parent, key, random) => {
    const text = textOf(valueAt(parent, key));
    const place = random.whole(0, text.length);
    put(
      parent,
      key,
      text.slice(0, place) + pick(random, ['\u0000', '"', '\\', '\n', '%', '$', '\ufeff', 'é']) + text.slice(place),
    );
  }),
];

/** Changes that mean the same, or something else that is as good. */
const KINDNESSES: readonly Mutation[] = [
  at((parent, key) => {
    const value = valueAt(parent, key);
    if (typeof value === 'number' || typeof value === 'boolean') put(parent, key, String(value));
  }),
  at((parent, key) => {
    const value = valueAt(parent, key);
    if (typeof value === 'string') put(parent, key, value.normalize('NFD'));
  }),
  at((parent, key) => {
    const value = valueAt(parent, key);
    if (typeof value === 'string' && /T\d\d:00:00Z$/.test(value)) put(parent, key, value.replace('Z', '.000+00:00'));
  }),
  (root) => {
    if (Array.isArray(root)) return;
    for (const [key, value] of Object.entries(root).reverse()) {
      delete root[key];
      put(root, key, value);
    }
  },
];

/** Changes of the text, of which most make it no JSON any more. */
const TEXT_CHANGES: readonly ((text: string, random: Random) => string)[] = [
  (text, random) => text.slice(0, random.whole(0, text.length)),
  (text, random) => {
    const place = random.whole(0, text.length - 1);
    return text.slice(0, place) + String.fromCharCode(random.whole(0, 255)) + text.slice(place + 1);
  },
  (text, random) => {
    const place = random.whole(0, text.length - 1);
    return text.slice(0, place) + text.slice(random.whole(place, Math.min(text.length, place + 20)));
  },
  (text) => `\ufeff${text}`,
  (text) => `${text}${text}`,
  (text) => text.replace('{', '{"event":1,'),
  (text) => text.replaceAll(',', ',,'),
  (text) => '['.repeat(50_000) + text,
  (text) => text.replace(/\d/, '1e400'),
  (text) => text.replace(':"', ':"\\ud800'),
  (text) => ` \n\t${text.replaceAll(',', ' ,\n')} `,
];

/** A text made of a body by one or two changes, of which about half leave it as good as it was. */
export const mutatedText = (body: Record<string, unknown>, random: Random): string => {
  const copy = structuredClone(body);
  const kind = random.unit();
  if (kind < 0.4) {
    pick(random, KINDNESSES)(copy, random);
    if (random.chance(0.5)) pick(random, KINDNESSES)(copy, random);
    return JSON.stringify(copy);
  }
  if (kind < 0.85) {
    pick(random, CHANGES)(copy, random);
    if (random.chance(0.3) && placesIn(copy).length > 0) pick(random, CHANGES)(copy, random);
    return JSON.stringify(copy);
  }
  return pick(random, TEXT_CHANGES)(JSON.stringify(copy), random);
};

import { describe, expect, test } from '@jest/globals';

import { ModelError } from '#model/model-error.ts';
import { readUbjson } from '#model/ubjson.ts';

/** Bytes from text and numbers: `b('[i', 5, ']')`. */
const b = (...parts: readonly (string | number)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...Buffer.from(part, 'utf8')])));

describe('values', () => {
  test.each([
    ['null', b('Z'), null],
    ['true', b('T'), true],
    ['false', b('F'), false],
    ['int8', b('i', 0x80), -128],
    ['uint8', b('U', 0xff), 255],
    ['int16', b('I', 0xff, 0xfe), -2],
    ['uint16', b('u', 0xff, 0xfe), 65_534],
    ['int32', b('l', 0x80, 0, 0, 0), -2_147_483_648],
    ['uint32', b('m', 0xff, 0xff, 0xff, 0xff), 4_294_967_295],
    ['int64', b('L', 0, 0, 0, 1, 0, 0, 0, 0), 4_294_967_296],
    ['float32', b('d', 0x3f, 0xc0, 0, 0), 1.5],
    ['float64', b('D', 0xbf, 0xf8, 0, 0, 0, 0, 0, 0), -1.5],
    ['high precision', b('Hi', 6, '1.25e2'), 125],
    ['character', b('Cx'), 'x'],
    ['text', b('Si', 5, 'café'), 'café'],
    ['no-ops before a value', b('NNi', 7), 7],
    ['list', b('[i', 1, 'Z[]]'), [1, null, []]],
    ['counted list', b('[#i', 2, 'TF'), [true, false]],
    ['list of texts of one type', b('[$S#i', 2, 'i', 1, 'a', 'i', 1, 'b'), ['a', 'b']],
    ['list of lists of one type', b('[$[#i', 2, ']i', 1, ']'), [[], [1]]],
  ])('%s', (_, bytes, value) => {
    expect(readUbjson(bytes)).toEqual(value);
  });

  test('a typed array of numbers is a typed array', () => {
    expect(readUbjson(b('[$d#i', 2, 0x3f, 0xc0, 0, 0, 0xbf, 0xc0, 0, 0))).toEqual(Float32Array.of(1.5, -1.5));
    expect(readUbjson(b('[$U#i', 3, 1, 2, 255))).toEqual(Uint8Array.of(1, 2, 255));
    expect(readUbjson(b('[$L#i', 1, 0, 0, 0, 0, 0, 0, 0, 9))).toEqual(Float64Array.of(9));
  });

  test.each([
    ['open', b('{i', 1, 'aTi', 1, 'bZ}')],
    ['counted', b('{#i', 2, 'i', 1, 'aTi', 1, 'bZ')],
  ])('an object, %s', (_, bytes) => {
    expect({ ...(readUbjson(bytes) as object) }).toEqual({ a: true, b: null });
  });

  test('__proto__ is a key like any other', () => {
    const object = readUbjson(b('{i', 9, '__proto__{i', 1, 'aT}}')) as Record<string, unknown>;

    expect(Object.keys(object)).toEqual(['__proto__']);
    expect('a' in object).toBe(false);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });
});

describe('refusals', () => {
  test.each([
    ['nothing', b(), 'ends before'],
    ['an end within a number', b('l', 0, 0), 'ends before'],
    ['an end within a text', b('Si', 9, 'abc'), 'ends before'],
    ['an end within a list', b('[i', 1), 'ends before'],
    ['an end within an object', b('{i', 1, 'a'), 'ends before'],
    ['bytes after the end', b('ZZ'), 'has bytes after its end'],
    ['an unknown marker', b('?'), 'a marker that UBJSON does not know'],
    ['a negative length', b('Si', 0xff), 'negative or broken length'],
    ['a fraction as a length', b('Sd', 0x3f, 0xc0, 0, 0), 'negative or broken length'],
    ['a length that is text', b('SSi', 1, 'a'), 'a length that is not a number'],
    ['a type without a count', b('[$i', 1, ']'), 'typed container without a count'],
    ['more numbers than bytes', b('[$D#l', 0x7f, 0xff, 0xff, 0xff), 'ends before'],
    ['more values than bytes', b('[#L', 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), 'ends before'],
    ['two billion nulls', b('[$Z#l', 0x7f, 0xff, 0xff, 0xff), 'values without content'],
    ['an integer beyond 2^53', b('L', 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), 'integer beyond 2^53'],
    ['a key twice', b('{i', 1, 'aTi', 1, 'aT}'), 'has a key twice'],
    ['text that is not UTF-8', b('Si', 1, 0xff), 'not UTF-8'],
    ['a high-precision number that is none', b('Hi', 3, '0x1'), 'has a number that is none'],
  ])('%s', (_, bytes, message) => {
    expect(() => readUbjson(bytes)).toThrow(ModelError);
    expect(() => readUbjson(bytes)).toThrow(message);
  });

  test('nesting without end', () => {
    expect(() => readUbjson(b('['.repeat(100_000)))).toThrow('nested deeper than 64');
    expect(() =>
      readUbjson(b('{i', 1, 'a'.repeat(1), ...Array.from({ length: 1_000 }, () => ['{i', 1, 'a']).flat())),
    ).toThrow('nested deeper than 64');
  });
});

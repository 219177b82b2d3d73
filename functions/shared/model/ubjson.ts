import type { DocumentObject, DocumentValue, NumberArray } from './document-value.ts';
import { ModelError } from './model-error.ts';

/** Containers within containers; XGBoost's files need 8. */
const MAX_DEPTH = 64;

interface NumberType {
  readonly size: number;
  readonly read: (view: DataView, at: number) => number;
  readonly array: (length: number) => NumberArray;
}

const safe = (value: bigint): number => {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new ModelError('the UBJSON file holds an integer beyond 2^53; save it anew');
  return number;
};

/** Numbers by marker, big-endian. `u`, `m` and `M` are the unsigned ones that newer writers add. */
const NUMBER_TYPES: ReadonlyMap<string, NumberType> = new Map<string, NumberType>([
  ['i', { size: 1, read: (view, at) => view.getInt8(at), array: (length) => new Int8Array(length) }],
  ['U', { size: 1, read: (view, at) => view.getUint8(at), array: (length) => new Uint8Array(length) }],
  ['I', { size: 2, read: (view, at) => view.getInt16(at), array: (length) => new Int16Array(length) }],
  ['u', { size: 2, read: (view, at) => view.getUint16(at), array: (length) => new Uint16Array(length) }],
  ['l', { size: 4, read: (view, at) => view.getInt32(at), array: (length) => new Int32Array(length) }],
  ['m', { size: 4, read: (view, at) => view.getUint32(at), array: (length) => new Uint32Array(length) }],
  ['L', { size: 8, read: (view, at) => safe(view.getBigInt64(at)), array: (length) => new Float64Array(length) }],
  ['M', { size: 8, read: (view, at) => safe(view.getBigUint64(at)), array: (length) => new Float64Array(length) }],
  ['d', { size: 4, read: (view, at) => view.getFloat32(at), array: (length) => new Float32Array(length) }],
  ['D', { size: 8, read: (view, at) => view.getFloat64(at), array: (length) => new Float64Array(length) }],
]);

interface ContainerHead {
  /** Marker that all values share, when the container is strongly typed. */
  readonly type?: string;
  /** Number of values, when it is stated; then no closing marker follows. */
  readonly count?: number;
}

/** Reads values from the bytes in order. Nothing is allocated that the bytes left could not fill. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  document(): DocumentValue {
    const value = this.#value(this.#marker(), 0);
    if (this.#at !== this.#bytes.length) throw this.#error('has bytes after its end');
    return value;
  }

  #value(marker: string, depth: number): DocumentValue {
    const number = NUMBER_TYPES.get(marker);
    if (number) return number.read(this.#view, this.#take(number.size));
    switch (marker) {
      case '{':
        return this.#object(depth + 1);
      case '[':
        return this.#array(depth + 1);
      case 'S':
        return this.#string();
      case 'C':
        return String.fromCharCode(this.#bytes[this.#take(1)]!);
      case 'H':
        return this.#highPrecision();
      case 'Z':
        return null;
      case 'T':
        return true;
      case 'F':
        return false;
      default:
        throw this.#error('has a marker that UBJSON does not know');
    }
  }

  #array(depth: number): DocumentValue {
    const { type, count } = this.#head(depth);
    const number = type === undefined ? undefined : NUMBER_TYPES.get(type);
    if (number && count !== undefined) return this.#numbers(number, count);

    const list: DocumentValue[] = [];
    if (count !== undefined) {
      for (let index = 0; index < count; index += 1) list.push(this.#value(type ?? this.#marker(), depth));
      return list;
    }
    for (let marker = this.#marker(); marker !== ']'; marker = this.#marker()) list.push(this.#value(marker, depth));
    return list;
  }

  #numbers({ size, read, array }: NumberType, count: number): NumberArray {
    const start = this.#take(count * size);
    const list = array(count);
    for (let index = 0; index < count; index += 1) list[index] = read(this.#view, start + index * size);
    return list;
  }

  #object(depth: number): DocumentObject {
    const { type, count } = this.#head(depth);
    // Without a prototype, `__proto__` is a key like any other.
    const object: Record<string, DocumentValue> = Object.create(null);
    const add = (): void => {
      const key = this.#string();
      if (key in object) throw this.#error('has a key twice');
      object[key] = this.#value(type ?? this.#marker(), depth);
    };
    if (count !== undefined) {
      for (let index = 0; index < count; index += 1) add();
      return object;
    }
    while (this.#peek() !== '}') add();
    this.#take(1);
    return object;
  }

  #head(depth: number): ContainerHead {
    if (depth > MAX_DEPTH) throw this.#error(`is nested deeper than ${MAX_DEPTH}`);
    let type: string | undefined;
    if (this.#peek() === '$') {
      this.#take(1);
      type = this.#marker();
      // Values without bytes of their own would let a short file ask for any amount of memory.
      if ('ZTFN'.includes(type)) throw this.#error('has a typed container of values without content');
      if (this.#peek() !== '#') throw this.#error('has a typed container without a count');
    }
    if (this.#peek() !== '#') return {};
    this.#take(1);
    const count = this.#length();
    if (count > this.#bytes.length - this.#at) throw this.#error('ends before its content does');
    return { ...(type !== undefined && { type }), count };
  }

  #string(): string {
    const length = this.#length();
    const start = this.#take(length);
    try {
      return this.#decoder.decode(this.#bytes.subarray(start, start + length));
    } catch (cause) {
      throw this.#error('has text that is not UTF-8', { cause });
    }
  }

  #highPrecision(): number {
    const digits = this.#string();
    if (!/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(digits)) throw this.#error('has a number that is none');
    return Number(digits);
  }

  #length(): number {
    const type = NUMBER_TYPES.get(this.#marker());
    if (!type) throw this.#error('has a length that is not a number');
    const length = type.read(this.#view, this.#take(type.size));
    if (!Number.isInteger(length) || length < 0) throw this.#error('has a negative or broken length');
    return length;
  }

  #peek(): string {
    // No-op markers may stand between values.
    while (this.#bytes[this.#at] === 0x4e) this.#at += 1;
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw this.#error('ends before its content does');
    return String.fromCharCode(byte);
  }

  #marker(): string {
    const marker = this.#peek();
    this.#at += 1;
    return marker;
  }

  /** Where the next bytes start, after making sure that they are there. */
  #take(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw this.#error('ends before its content does');
    this.#at = start + length;
    return start;
  }

  #error(problem: string, options?: ErrorOptions): ModelError {
    return new ModelError(`the UBJSON file ${problem} (byte ${this.#at}); copy or save it again`, options);
  }
}

/**
 * Reads Universal Binary JSON, draft 12, with the optimised containers that XGBoost writes.
 *
 * Strongly typed arrays of numbers become typed arrays; objects have no prototype. O(bytes) in time and memory.
 *
 * @throws {ModelError} if the bytes end early, go on after the value, or are not UBJSON.
 * @see https://ubjson.org
 */
export const readUbjson = (bytes: Uint8Array): DocumentValue => new Reader(bytes).document();

import type { DocumentObject, DocumentValue } from './document-value.ts';
import { ModelError } from './model-error.ts';
import { readUbjson } from './ubjson.ts';

/** A value and where it stands in its file, so that an error can say which field is wrong. */
export interface Field {
  readonly value: DocumentValue;
  readonly path: string;
}

/** Largest file that is read, in bytes. */
export const MAX_DOCUMENT_BYTES = 256 * 1024 * 1024;

const SAVE_AGAIN = 'save it as .ubj or .json with save_model of XGBoost 1.7 or later';
const startsWith = (bytes: Uint8Array, ascii: string): boolean =>
  bytes.length >= ascii.length && [...ascii].every((character, at) => bytes[at] === character.charCodeAt(0));

/** What the file is when it is none that can be read, from its first bytes. */
const foreignFormatOf = (bytes: Uint8Array): string | undefined => {
  if (startsWith(bytes, 'binf') || startsWith(bytes, 'bs64')) return "XGBoost's legacy binary format";
  if (startsWith(bytes, 'CONFIG-offset:')) return 'a memory snapshot of XGBoost';
  if (bytes[0] === 0x80 && (bytes[1] ?? 9) < 8) return 'a Python pickle';
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'compressed with gzip';
  return undefined;
};

/**
 * JSON as XGBoost writes it: with bare NaN, Infinity and -Infinity, which JSON itself has not. They become strings,
 * as {@link numbers} takes them. Strings are skipped, so a feature may be called NaN.
 */
const quoteNonFinite = (text: string): string => {
  if (!/NaN|Infinity/.test(text)) return text;
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const open = text.indexOf('"', at);
    parts.push(text.slice(at, open < 0 ? undefined : open).replace(/-?(?:Infinity|NaN)\b/g, '"$&"'));
    if (open < 0) break;
    let close = text.indexOf('"', open + 1);
    while (close > 0 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
    const next = close < 0 ? text.length : close + 1;
    parts.push(text.slice(open, next));
    at = next;
  }
  return parts.join('');
};

const isEscaped = (text: string, at: number): boolean => {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
};

const readJson = (bytes: Uint8Array): DocumentValue => {
  try {
    return JSON.parse(quoteNonFinite(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw new ModelError(`the model file is not valid JSON, perhaps cut short; ${SAVE_AGAIN}`, { cause });
  }
};

/** JSON goes on after its brace with white space, a quote or the closing brace; UBJSON with a marker. */
const isJson = (bytes: Uint8Array): boolean => {
  const text = startsWith(bytes, '\u00ef\u00bb\u00bf') ? bytes.subarray(3) : bytes;
  const first = text.findIndex((byte) => byte > 0x20);
  if (text[first] !== 0x7b) return false;
  return first > 0 || text !== bytes || (text[1] ?? 0x20) <= 0x22 || text[1] === 0x7d;
};

/**
 * Reads a file that is JSON or UBJSON, told apart by its first two bytes.
 *
 * @throws {ModelError} if it is neither, too large, cut short or malformed.
 */
export const readDocument = (bytes: Uint8Array): Field => {
  if (bytes.length === 0) throw new ModelError(`the model file is empty; ${SAVE_AGAIN}`);
  if (bytes.length > MAX_DOCUMENT_BYTES) {
    throw new ModelError(`the model file has more than ${MAX_DOCUMENT_BYTES} bytes; train a smaller model`);
  }
  const foreign = foreignFormatOf(bytes);
  if (foreign) throw new ModelError(`the model file is ${foreign}, which is not read here; ${SAVE_AGAIN}`);
  if (isJson(bytes)) return { value: readJson(bytes), path: '' };
  if (bytes[0] === 0x7b) return { value: readUbjson(bytes), path: '' };
  throw new ModelError(`the model file is neither JSON nor UBJSON; ${SAVE_AGAIN}`);
};

const isObject = (value: DocumentValue): value is DocumentObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

/** An error that names the field, and what to do. */
export const fieldError = ({ path }: Field, problem: string, remedy = SAVE_AGAIN): ModelError =>
  new ModelError(`the model file is not usable: '${path || 'its root'}' ${problem}; ${remedy}`);

/** The field of that name, own properties only, or undefined where there is none. */
export const optional = (parent: Field, key: string): Field | undefined => {
  const { value, path } = parent;
  if (!isObject(value)) throw fieldError(parent, 'is not an object');
  return Object.hasOwn(value, key) ? { value: value[key]!, path: path ? `${path}.${key}` : key } : undefined;
};

/** The field of that name. */
export const field = (parent: Field, key: string): Field => {
  const found = optional(parent, key);
  if (!found) throw fieldError(parent, `has no '${key}'`);
  return found;
};

/** The field behind several names. */
export const fieldAt = (root: Field, ...keys: readonly string[]): Field => keys.reduce(field, root);

export const text = (of: Field): string => {
  if (typeof of.value !== 'string') throw fieldError(of, 'is not a string');
  return of.value;
};

/** A whole number, as such or as the decimal string that XGBoost's parameters are. */
export const integer = (of: Field, least: number, most: number): number => {
  const { value } = of;
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) throw fieldError(of, 'is not a whole number');
  if (number < least || number > most) throw fieldError(of, `is not between ${least} and ${most}`);
  return number;
};

/** The items of an array, each with its path. */
export const items = (of: Field): readonly Field[] => {
  if (!Array.isArray(of.value)) throw fieldError(of, 'is not an array');
  return of.value.map((value, index) => ({ value, path: `${of.path}[${index}]` }));
};

const numberOf = (value: DocumentValue): number | undefined => {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (value === 'NaN' || value === '-NaN') return Number.NaN;
  if (value === 'Infinity' || value === '-Infinity') return Number(value);
  return undefined;
};

/** An array of numbers, of that length where one is given. Booleans count as 0 and 1. */
export const numbers = (of: Field, length?: number): ArrayLike<number> => {
  const list = ArrayBuffer.isView(of.value) ? of.value : numbersOfList(of);
  if (length !== undefined && list.length !== length) {
    throw fieldError(of, `has ${list.length} numbers where ${length} belong`);
  }
  return list;
};

const numbersOfList = (of: Field): Float64Array => {
  if (!Array.isArray(of.value)) throw fieldError(of, 'is not an array');
  return Float64Array.from(of.value, (value) => {
    const number = numberOf(value);
    if (number === undefined) throw fieldError(of, 'holds something that is not a number');
    return number;
  });
};

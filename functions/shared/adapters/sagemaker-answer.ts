import { parseJson } from '#domain/parse-json.ts';
import type { RemoteMember } from '#ports/remote-members.ts';

/** Far more than one row's answer needs; what is longer is no answer of ours. */
const MAX_ANSWER_BYTES = 65_536;

const ANSWER_TYPES =
  /^(?:text\/csv|text\/plain|application\/(?:[a-z0-9.-]+\+)?json|application\/octet-stream)\s*(?:;|$)/i;

/** A decimal number, as Python, C and JavaScript print them. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * The probability that an endpoint answered with, or undefined when the answer is none: HTML, several rows, NaN, a
 * number outside 0 to 1, nothing at the path. A 200 says nothing about the body, so everything is checked.
 */
export const probabilityIn = (
  { answerPath }: Pick<RemoteMember, 'answerPath'>,
  contentType: string | undefined,
  body: Uint8Array,
): number | undefined => {
  if (!ANSWER_TYPES.test(contentType ?? 'text/csv') || body.length > MAX_ANSWER_BYTES) return undefined;
  const text = new TextDecoder().decode(body);
  const value = answerPath === undefined ? bareNumber(text) : numberAt(text, answerPath);
  return value !== undefined && value >= 0 && value <= 1 ? value : undefined;
};

const bareNumber = (text: string): number | undefined => {
  const trimmed = text.trim();
  return NUMBER.test(trimmed) ? Number(trimmed) : undefined;
};

const numberAt = (text: string, path: string): number | undefined => {
  const parsed = parseJson(text);
  const value = parsed.ok ? path.split('.').reduce(stepInto, parsed.value) : undefined;
  return typeof value === 'number' ? value : undefined;
};

const stepInto = (value: unknown, step: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    ? (value as Readonly<Record<string, unknown>>)[step]
    : undefined;

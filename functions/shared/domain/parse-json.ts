/** Deepest nesting that is read: deeper text is an attack on recursive code, not data. */
export const MAX_JSON_DEPTH = 32;

/** JSON that was read, or why it was not. */
export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: 'not_json' | 'too_deep'; readonly problem: string };

/**
 * Reads JSON of at most {@link MAX_JSON_DEPTH} levels. Depth is measured on the text, before anything is built.
 * Never throws, and never quotes the text: it may hold what must not be logged. O(length).
 */
export const parseJson = (text: string): ParsedJson => {
  if (isDeeperThan(text, MAX_JSON_DEPTH)) {
    return { ok: false, reason: 'too_deep', problem: `nest objects and arrays at most ${MAX_JSON_DEPTH} levels deep` };
  }
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return { ok: false, reason: 'not_json', problem: 'send well-formed JSON' };
  }
};

const isDeeperThan = (text: string, limit: number): boolean => {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') {
      if (++depth > limit) return true;
    } else if (character === '}' || character === ']') depth--;
  }
  return false;
};

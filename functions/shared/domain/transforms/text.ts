/** Characters, as Unicode counts them. */
export const textLength = (text: string): number => [...text].length;

/** Stretches without spaces. */
export const textWords = (text: string): number => text.split(/\s+/).filter(Boolean).length;

/**
 * How a text is built, with each run of a kind as one sign: `A` capitals, `a` other letters, `9` digits, a space for
 * spaces, and `.` for anything else. `Main St. 12b` is `Aa Aa. 9a`. At most 64 signs.
 */
export const textShape = (text: string): string =>
  text
    .replaceAll(/[^\p{L}\p{N}\s]+/gu, '.')
    .replaceAll(/\p{Lu}+/gu, 'A')
    .replaceAll(/[^\p{Lu}\P{L}]+/gu, 'a')
    .replaceAll(/\p{N}+/gu, '9')
    .replaceAll(/\s+/gu, ' ')
    .slice(0, 64);

/** Share of the characters that are digits, 0 to 1; undefined of an empty text. */
export const digitShare = (text: string): number | undefined => shareOf(text, /\p{Nd}/gu);

/** Share of the letters that are capitals, 0 to 1; undefined of a text without letters. */
export const capitalShare = (text: string): number | undefined => shareOf(text.replaceAll(/\P{L}/gu, ''), /\p{Lu}/gu);

const shareOf = (text: string, kind: RegExp): number | undefined =>
  text === '' ? undefined : (text.match(kind)?.length ?? 0) / textLength(text);

/** A category without its capitals and with single spaces; one that is not among the levels, if given, is `other`. */
export const categoryOf = (text: string, levels: readonly string[] | undefined): string | undefined => {
  const folded = foldCategory(text);
  if (folded === '') return undefined;
  return !levels || levels.some((level) => foldCategory(level) === folded) ? folded : 'other';
};

const foldCategory = (text: string): string => text.trim().replaceAll(/\s+/g, ' ').toLowerCase();

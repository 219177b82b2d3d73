import type { List } from '#domain/catalog/documents.ts';
import { textOf } from '#domain/catalog/list-object.ts';
import { normaliseText } from '#domain/normalise-text.ts';
import type { Tokeniser } from '#ports/tokeniser.ts';

/**
 * A list in the form in which events' values are looked up in it: normalised as at the door, and made of tokens where
 * the list is `of` something. There is a token for each key, so that a value is found whichever key its event came
 * under: while a key changes, doors with the old and with the new one are at work side by side.
 *
 * @param tokeniser - absent for a list of plain values.
 */
export const lookUpForm = (list: List, tokeniser: Tokeniser | undefined): List => {
  const { of } = list;
  const formsOf = (value: string): readonly string[] => {
    const text = normaliseText(of ?? 'string', value);
    return of !== undefined && tokeniser ? tokeniser.tokens(of, text) : [text];
  };
  const values = list.values.flatMap((value): List['values'] =>
    typeof value === 'string' ? [...formsOf(value)] : formsOf(value.value).map((form) => ({ ...value, value: form })),
  );
  return { ...list, values };
};

/** Tokens under the first key. */
const FIRST_KEY = 't1_';

/** What makes another version of a list. A key that is added makes none, though there are more tokens then. */
export const contentOfList = (list: List): List => {
  if (list.of === undefined) return list;
  const values = list.values.filter((value) => textOf(value).startsWith(FIRST_KEY));
  return { ...list, values };
};

/** Under how many keys tokens are made. */
export const keysOf = (tokeniser: Tokeniser): number => tokeniser.tokens('key', 'count').length;

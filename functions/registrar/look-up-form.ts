import type { List } from '#domain/catalog/documents.ts';
import { normaliseText } from '#domain/normalise-text.ts';
import type { Tokeniser } from '#ports/tokeniser.ts';

/**
 * A list in the form in which events' values are looked up in it: normalised as at the door, and made of tokens where
 * the list is `of` something.
 *
 * @param tokeniser - absent for a list of plain values.
 */
export const lookUpForm = (list: List, tokeniser: Tokeniser | undefined): List => {
  const { of } = list;
  const formOf = (value: string): string => {
    const text = normaliseText(of ?? 'string', value);
    return of !== undefined && tokeniser ? tokeniser.token(of, text) : text;
  };
  const values = list.values.map((value) =>
    typeof value === 'string' ? formOf(value) : { ...value, value: formOf(value.value) },
  );
  return { ...list, values };
};

import { stripVTControlCharacters } from 'node:util';

/** What a reader sees of a text for terminals: without colours, boxes and padding. */
export const wordsOf = (text: string): string =>
  stripVTControlCharacters(text)
    .replaceAll(/[│┌┐└┘├┤┬┴┼─]/g, ' ')
    .replaceAll(/ +/g, ' ');

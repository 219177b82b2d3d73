import { readable } from '../commands/drop.ts';
import type { HistoryFile } from './history-events.ts';

/**
 * Files as the command line names them: `FILE`, or `TYPE=FILE` of another event type.
 *
 * @param eventTypes - names of those there are: a part before `=` that is none of them belongs to the path.
 * @throws {Error} that says which file cannot be read.
 */
export const historyFilesOf = (
  given: readonly string[],
  usual: string,
  eventTypes: { has(name: string): boolean },
): readonly HistoryFile[] =>
  given.map((text) => {
    const [name = '', ...path] = text.split('=');
    if (path.length === 0 || !eventTypes.has(name)) return { path: readable(text), eventType: usual };
    return { path: readable(path.join('=')), eventType: name };
  });

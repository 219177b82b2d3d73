import type { CatalogProblem } from './problem.ts';
import type { YamlDocument } from './yaml-document.ts';

/** Notes a problem of one document. @param path - to the part at fault, from the document's root. */
export type Report = (
  path: readonly (string | number)[],
  problem: string,
  remedy: string,
  options?: {
    /** Lines below the part's own, for a place within a text of several lines. */
    readonly linesBelow?: number;
  },
) => void;

/** A report that adds to a list. */
export const reportInto =
  (problems: CatalogProblem[], at: YamlDocument): Report =>
  (path, problem, remedy, { linesBelow = 0 } = {}) => {
    problems.push({ file: at.file, line: at.lineOf(path) + linesBelow, path: path.join('.'), problem, remedy });
  };

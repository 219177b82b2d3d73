import type { Report } from '../../functions/shared/catalog/report.ts';
import type { CatalogProblem } from './problem.ts';
import type { YamlDocument } from './yaml-document.ts';

/** A report that adds to a list. */
export const reportInto =
  (problems: CatalogProblem[], at: YamlDocument): Report =>
  (path, problem, remedy, { linesBelow = 0 } = {}) => {
    problems.push({ file: at.file, line: at.lineOf(path) + linesBelow, path: path.join('.'), problem, remedy });
  };

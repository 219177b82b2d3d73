import type { FieldProblem } from '#domain/errors.ts';
import type { Report } from '../shared/catalog/report.ts';

/** A report whose findings become the fields of an answer. */
export const fieldReport =
  (fields: FieldProblem[]): Report =>
  (path, problem, remedy) => {
    fields.push({ field: path.join('.'), problem: `${problem}; ${remedy}` });
  };

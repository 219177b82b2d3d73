import { isReservedName } from '#domain/canary.ts';
import type { Parsed, ParsedCatalog } from './parse-documents.ts';
import type { CatalogProblem } from './problem.ts';
import { reportInto } from './report.ts';

/** Checks that no document has a name that is kept for the system's own. */
export const checkNames = (
  { eventTypes, detectors, lists, models }: ParsedCatalog,
  problems: CatalogProblem[],
): void => {
  const check = <Content>(documents: readonly Parsed<Content>[], field: keyof Content & string): void => {
    for (const { content, at } of documents) {
      if (!isReservedName(String(content[field]))) continue;
      const remedy = "choose a name that does not begin with 'assay_' or 'assay-'";
      reportInto(problems, at)([field], "names of the system's own documents begin so", remedy);
    }
  };
  check(eventTypes, 'eventType');
  check(detectors, 'detector');
  check(lists, 'list');
  check(models, 'model');
};

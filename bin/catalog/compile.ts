import { catalogJson } from '#domain/catalog/catalog-json.ts';
import { placeOf } from './problem.ts';
import { type ReadOptions, readCatalog } from './read-catalog.ts';

/**
 * The catalog of a folder as the one file that a deployment carries. The same folder gives the same bytes.
 *
 * @throws {Error} naming each problem and its remedy when the catalog cannot be deployed.
 * @see CatalogAssetSchema
 */
export const compileCatalog = (folder: string, options: ReadOptions = {}): string => {
  const read = readCatalog(folder, options);
  if (read.ok) return catalogJson(read.asset);
  const lines = read.problems.map(
    (problem) =>
      `  ${[placeOf(problem), problem.path].filter(Boolean).join(' ')}: ${problem.problem}; ${problem.remedy}`,
  );
  throw new Error(`the catalog in ${folder} cannot be deployed:\n${lines.join('\n')}`);
};

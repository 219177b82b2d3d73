/** One thing wrong with a catalog: where, what, and what to do. */
export interface CatalogProblem {
  /** Path of the file from the catalog's folder. */
  readonly file: string;
  /** Counted from 1; absent for a file that is no text. */
  readonly line?: number;
  /** Path within the document, such as `rules.list.0.when`; empty for the document as a whole. */
  readonly path: string;
  readonly problem: string;
  readonly remedy: string;
}

/** The place of a problem as editors and terminals understand it: `detectors/a.yaml:12`. */
export const placeOf = ({ file, line }: Pick<CatalogProblem, 'file' | 'line'>): string =>
  line === undefined ? file : `${file}:${line}`;

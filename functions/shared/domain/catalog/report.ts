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

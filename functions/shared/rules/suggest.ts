/**
 * The candidate that was most likely meant, for a "did you mean" hint.
 *
 * Case is ignored. A candidate is near when it takes at most one edit for every three characters of the name, and
 * at least one is always allowed; an edit inserts, deletes, replaces or swaps neighbours. The first of equals wins.
 * Without a near one, the first that the name abbreviates. O(candidates × length²).
 */
export const nearestName = (name: string, candidates: readonly string[]): string | undefined => {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best ?? candidates.find((candidate) => name.length > 2 && isAbbreviation(name, candidate));
};

const isAbbreviation = (name: string, candidate: string): boolean =>
  candidate.toLowerCase().startsWith(name.toLowerCase());

/** Optimal string alignment distance: Levenshtein's, with a swap of neighbours as one edit. */
const editDistance = (from: string, to: string): number => {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const replaced = previous[column - 1]! + (same ? 0 : 1);
      const swappable = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = swappable ? beforePrevious[column - 2]! + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1, swapped));
    }
    [beforePrevious, previous] = [previous, current];
  }
  return previous[to.length]!;
};

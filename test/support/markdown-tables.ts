/** Rows of every table of a page whose header begins so, cells without their padding; `\|` is a bar within a cell. */
export const tableRowsIn = (page: string, header: string): string[][] =>
  page
    .split(/\n(?!\|)/)
    .filter((block) => block.trimStart().startsWith(header))
    .flatMap((block) => block.trim().split('\n').slice(2))
    .map((row) =>
      row
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    );

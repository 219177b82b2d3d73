import { addInts, type Int } from './integers.ts';
import { type FindPage, placeKey } from './moves.ts';
import { type Cell, type CellSet, isKept, joinMarks, type Page, type PageMove, type PageRange } from './types.ts';

/**
 * Pages in memory, to which moves are applied: what a batch knows of its entities while it decides one event after
 * another, and the whole state of a store in memory.
 */
export class PageBook {
  readonly #pages = new Map<string, Page & { readonly cells: Map<string, Cell> }>();

  constructor(pages: readonly Page[] = []) {
    for (const page of pages) this.#pages.set(placeKey(page), { ...page, cells: new Map(page.cells) });
  }

  /** A page, if anything was ever added to it. */
  readonly find: FindPage = (place) => this.#pages.get(placeKey(place));

  /** All pages, in no particular order. */
  get pages(): readonly Page[] {
    return [...this.#pages.values()];
  }

  /** Pages of these ranges. Costs a look at every page there is. */
  within(ranges: readonly PageRange[]): readonly Page[] {
    return this.pages.filter((page) => ranges.some((range) => isWithin(page, range)));
  }

  /** Does the moves, in any order; what is set gives way to what is rather to be kept. */
  apply(moves: readonly PageMove[]): void {
    for (const { adds, marks, sets, profile, entity, startMs } of moves) {
      const place = { profile, entity, startMs };
      const page = this.#pages.get(placeKey(place)) ?? { ...place, cells: new Map<string, Cell>() };
      this.#pages.set(placeKey(place), page);
      for (const [name, by] of adds) page.cells.set(name, addInts((page.cells.get(name) ?? 0) as Int, by));
      for (const [name, fresh] of marks)
        page.cells.set(name, joinMarks((page.cells.get(name) ?? new Set()) as ReadonlySet<number>, fresh));
      for (const [name, set] of sets)
        if (!isKept(page.cells.get(name) as CellSet['was'], set)) page.cells.set(name, set.to);
    }
  }
}

const isWithin = ({ profile, entity, startMs }: Page, range: PageRange): boolean =>
  profile === range.profile && entity === range.entity && startMs >= range.fromMs && startMs <= range.toMs;

import { PageBook } from '#features/history/state/page-book.ts';
import type { Page, PageMove, PageRange } from '#features/history/state/types.ts';
import type { MovableProfileStore } from '#ports/profile-store.ts';

/** Keeps pages for as long as the process lives: for tests and the command line. For a replay see `HistoryEngine`. */
export class MemoryProfileStore implements MovableProfileStore {
  readonly #book = new PageBook();

  /** Every page that there is. */
  get pages(): readonly Page[] {
    return this.#book.pages;
  }

  async read(ranges: readonly PageRange[]): Promise<readonly Page[]> {
    return this.#book.within(ranges).map((page) => ({ ...page, cells: new Map(page.cells) }));
  }

  async move(moves: readonly PageMove[]): Promise<void> {
    this.#book.apply(moves);
  }
}
